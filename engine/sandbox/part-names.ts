import type { Json, JsonObject } from '../base/json.ts';
import { isJsonObject } from '../base/json.ts';
import type { WorldName } from '../model/world.ts';
import { diskOf, secretFile } from './ground/folder.ts';
import type { Meaning } from './fill-in.ts';
import type { PartsDesk } from './parts-desk.ts';
import type { Part, PartMember } from './parts/part.ts';

/** What names can stand for in a world: its parts, as far as they have been started, and its desk. */
export interface Nameable {
  readonly folder: string;
  readonly parts: ReadonlyMap<string, Part>;
  readonly desk: PartsDesk;
}

/** For the `with` of a part: all is given as it is, and a part as a whole by its name. */
export function meaningInPart(id: string, nameable: Nameable, port: number): Meaning {
  const whole = (name: WorldName): Json => {
    const [root, first = ''] = name;
    if (root === 'port') return port;
    if (root === 'disk') return diskOf(nameable.folder, id);
    if (root === 'parts' && name.length === 2) return first;
    return memberOf(name, nameable).value;
  };
  return { whole, asText: (name) => inText(whole(name)) };
}

/** For the environment: secrets lie in files that are named, and a part as a whole is its entry. */
export function meaningInEnvironment(nameable: Nameable): Meaning {
  const whole = (name: WorldName): Json => {
    const [root, first = '', member = ''] = name;
    if (root === 'parts' && name.length === 2) return entryOf(first, nameable);
    const { value, secret } = memberOf(name, nameable);
    const [whose, which] = root === 'desk' ? ['desk', first] : [first, member];
    return secret === true ? { file: secretFile(nameable.folder, whose, which) } : value;
  };
  return { whole, asText: (name) => inText(memberOf(name, nameable).value) };
}

/** Inside a text, where no object stands: a world in which one would is refused. */
const inText = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

function entryOf(id: string, nameable: Nameable): JsonObject {
  const entry = partOf(id, nameable).entry;
  if (entry === undefined) throw new Error(`the part ${id} is nothing that an environment has as a whole`);
  const secrets = Object.entries(entry.secrets).map(([key, member]) => [
    key,
    { file: secretFile(nameable.folder, id, member) },
  ]);
  return { ...entry.facts, ...(Object.fromEntries(secrets) as JsonObject) };
}

function memberOf(name: WorldName, nameable: Nameable): PartMember {
  const [root, first = '', member = '', ...inside] = name;
  const { desk } = nameable;
  const known: Readonly<Record<string, PartMember>> =
    root === 'desk'
      ? { url: { value: desk.url }, token: { value: desk.token, secret: true } }
      : { ...partOf(first, nameable).members, control: { value: desk.addressOf(first) } };
  const found = known[root === 'desk' ? first : member];
  if (found === undefined) throw new Error(`nothing in this world is called ${name.join('.')}`);
  const value = inside.reduce<Json>((at, key) => (isJsonObject(at) ? (at[key] ?? null) : null), found.value);
  return { ...found, value };
}

function partOf(id: string, { parts }: Nameable): Part {
  const part = parts.get(id);
  if (part === undefined) throw new Error(`the part ${id} has not been started`);
  return part;
}
