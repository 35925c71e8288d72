import type { Json, JsonObject } from '../../base/json.ts';
import { isJsonArray, isJsonObject } from '../../base/json.ts';
import type { WorldValue } from '../../model/world.ts';
import { namesIn } from '../../model/world.ts';
import { asText } from '../ground/text.ts';
import { Link } from './link.ts';

/** What a part gives to those who name it. */
type Members = Readonly<Record<string, { readonly value: Json }>>;

/** All ways from one part of a world to others, by the addresses of them that it names. */
export class Links {
  readonly #from: string;
  readonly #links = new Map<string, readonly Link[]>();
  /** The parts whose port it names by itself: it may stand anywhere. */
  readonly #byPort = new Set<string>();

  constructor(from: string) {
    this.#from = from;
  }

  /** Opens a way to each part of which `given`, what the part is started with, names more than its place at the desk. */
  async open(given: WorldValue, membersOf: (id: string) => Members): Promise<void> {
    for (const [root, id, member] of namesIn(given)) {
      if (root !== 'parts' || id === undefined || member === undefined || member === 'control') continue;
      if (isPort(member)) this.#byPort.add(id);
      if (this.#links.has(id)) continue;
      this.#links.set(id, await Promise.all(portsOf(membersOf(id)).map((port) => Link.open(port))));
    }
  }

  /** A command or an environment variable, with the ways in place of the addresses. */
  through(text: string): string {
    let seen = text;
    for (const [id, links] of this.#links) {
      for (const { port, to } of links) {
        const before = this.#byPort.has(id) ? String.raw`(?<![\w.-])` : String.raw`(?<=127\.0\.0\.1:)`;
        seen = seen.replace(new RegExp(`${before}${String(to)}(?![\\w-])`, 'g'), String(port));
      }
    }
    return seen;
  }

  /** The ways to a part, or all of them. Rejects where there is none. */
  to(id: string | undefined): readonly Link[] {
    const links = id === undefined ? [...this.#links.values()].flat() : (this.#links.get(id) ?? []);
    if (links.length > 0) return links;
    const known = this.names;
    throw new Error(
      known.length === 0
        ? `${this.#from} names the address of no other part: there is no network that could be broken`
        : `${this.#from} does not name the address of ${id ?? ''}, only that of ${known.join(' and ')}`,
    );
  }

  /** The parts that there is a way to. */
  get names(): readonly string[] {
    return [...this.#links].filter(([, links]) => links.length > 0).map(([id]) => id);
  }

  /** What is told at the desk: nothing while all is well. */
  get state(): JsonObject {
    const broken = [...this.#links].flatMap(([id, links]) => {
      const trouble = links.find((link) => link.trouble !== undefined)?.trouble;
      return trouble === undefined ? [] : [[id, trouble] as const];
    });
    return broken.length === 0 ? {} : { network: Object.fromEntries(broken) };
  }

  /** What is asked at the desk; `state`: the answer. */
  actions(state: () => JsonObject): {
    readonly reconnect: (body: JsonObject) => Promise<JsonObject>;
  } {
    return {
      reconnect: (body) => {
        for (const link of this.to(asText(body['to']))) link.mend();
        return Promise.resolve(state());
      },
    };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#links.values()].flat().map((link) => link.close()));
  }
}

/** The ports of a part, as those who name it are told of them. */
function portsOf(members: Members): readonly number[] {
  const found = Object.entries(members).flatMap(([name, { value }]) =>
    typeof value === 'number' ? (isPort(name) ? [value] : []) : portsIn(value),
  );
  return [...new Set(found)];
}

const isPort = (member: string): boolean => member.toLowerCase().endsWith('port');

function portsIn(value: Json): readonly number[] {
  if (typeof value === 'string') {
    return Array.from(value.matchAll(/127\.0\.0\.1:(\d+)/g), ([, port]) => Number(port));
  }
  if (isJsonArray(value)) return value.flatMap(portsIn);
  return isJsonObject(value) ? Object.values(value).flatMap(portsIn) : [];
}
