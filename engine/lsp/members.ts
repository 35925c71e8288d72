import type { JsonObject } from '../base/json.ts';
import { isJsonObject } from '../base/json.ts';
import {
  EVERYWHERE,
  LOOP_MEMBERS,
  PREVIOUS_MEMBERS,
  RESULT_MEMBERS,
  RUN_MEMBERS,
  SOMEWHERE,
} from '../model/names.ts';
import { whyUnknown } from '../load/resolve/order.ts';
import type { StepSymbol } from '../load/resolve/unit.ts';
import { itemOf, memberOf, typesOf } from '../load/schemas/shape.ts';
import { entries, member, stringOf } from '../load/syntax/tree.ts';
import { entryAt } from './environments.ts';
import type { WrittenEnvironment } from './environments.ts';
import type { ExpressionAt } from './expression-at.ts';
import type { Handbook } from './handbook.ts';
import { treeOf } from './survey.ts';

/** A name that can be asked for. */
export interface Member {
  readonly name: string;
  /** What it is, in a word or two. */
  readonly detail?: string | undefined;
  readonly about?: string | undefined;
}

export interface Knowing {
  readonly environments: readonly WrittenEnvironment[];
  readonly handbook: Handbook;
}

/** What an expression can ask for behind these names; undefined where nothing is known of them. */
export function membersOf(
  names: readonly string[],
  at: ExpressionAt,
  knowing: Knowing,
): readonly Member[] | undefined {
  const [root, ...path] = names;
  switch (root) {
    case undefined:
      return rootsOf(at);
    case 'inputs':
      return path.length === 0 ? inputsOf(at) : undefined;
    case 'vars':
      return path.length === 0 ? varsOf(at) : undefined;
    case 'run':
      return path.length === 0 ? named(RUN_MEMBERS) : undefined;
    case 'env':
      return environmentMembers(path, knowing);
    case 'steps':
      return stepMembers(path, at, knowing, (symbol) => whyUnknown(symbol, at.place.position) === undefined);
    case 'previous':
      return path[0] === 'steps'
        ? stepMembers(path.slice(1), at, knowing, () => true)
        : path.length === 0
          ? PREVIOUS_MEMBERS.map((name) => ({ name }))
          : undefined;
    case 'output':
      return propertiesOf(inside(at.place.output, path));
    default:
      return undefined;
  }
}

const named = (all: Readonly<Record<string, string>>): readonly Member[] =>
  Object.entries(all).map(([name, detail]) => ({ name, detail }));

function rootsOf({ place }: ExpressionAt): readonly Member[] {
  const here: readonly Member[] = [...place.names].map((name) => ({
    name,
    about: `Known ${SOMEWHERE[name]}.`,
  }));
  const everywhere = (place.everywhere ?? EVERYWHERE).map((name) => ({ name }));
  const aliases = (place.aliases ?? []).map((name) => ({ name, detail: 'item of the loop' }));
  return [...here, ...everywhere, ...aliases];
}

const inputsOf = ({ unit }: ExpressionAt): readonly Member[] =>
  entries(member(unit?.tree, 'inputs')).map(({ key, value }) => ({
    name: key,
    detail: stringOf(member(value, 'type')) ?? 'text',
    about: stringOf(member(value, 'prompt')),
  }));

/** Each value of `let` may use those before it alone. */
const varsOf = ({ unit, place }: ExpressionAt): readonly Member[] =>
  entries(member(unit?.tree, 'let'))
    .slice(0, place.vars)
    .map(({ key, value }) => ({ name: key, detail: stringOf(value) }));

function environmentMembers(path: readonly string[], { environments, handbook }: Knowing): readonly Member[] {
  const found = new Map<string, string[]>();
  for (const { name, tree } of environments) {
    const at = path.length === 0 ? tree : entryAt(tree, path)?.value;
    for (const { key } of entries(at)) found.set(key, [...(found.get(key) ?? []), name]);
  }
  const schema = inside(handbook.schema('environment.schema.json'), path);
  const ofSchema = path.length === 0 ? propertiesOf(schema) : [];
  const about = new Map(ofSchema.map((each) => [each.name, each.about]));
  const written = [...found].map(([name, where]) => ({
    name,
    detail: where.join(', '),
    about: about.get(name),
  }));
  return [...written, ...ofSchema.filter(({ name }) => !found.has(name))];
}

function stepMembers(
  [id, part, ...path]: readonly string[],
  { unit }: ExpressionAt,
  { handbook }: Knowing,
  isKnown: (symbol: StepSymbol) => boolean,
): readonly Member[] | undefined {
  if (unit === undefined) return undefined;
  if (id === undefined) {
    return [...unit.symbols.byId.values()]
      .filter((symbol) => symbol.named && isKnown(symbol))
      .map((symbol) => {
        const tree = treeOf(unit, symbol);
        return {
          name: symbol.id,
          detail: stringOf(member(tree, 'uses')),
          about: stringOf(member(tree, 'title')),
        };
      });
  }
  const symbol = unit.symbols.byId.get(id);
  if (symbol === undefined) return undefined;
  if (part === undefined) return (symbol.isLoop ? LOOP_MEMBERS : RESULT_MEMBERS).map((name) => ({ name }));
  if (part === 'error')
    return path.length === 0
      ? [
          { name: 'code', detail: 'text' },
          { name: 'message', detail: 'text' },
        ]
      : undefined;
  if (part !== 'output') return undefined;
  // What the engine keeps of a schema has no words in it; those of the kind's own file have.
  const words = handbook.outputOf(stringOf(member(treeOf(unit, symbol), 'uses')) ?? '');
  const about = new Map(propertiesOf(inside(words, path)).map((each) => [each.name, each.about]));
  return propertiesOf(inside(symbol.output, path)).map((each) => ({ ...each, about: about.get(each.name) }));
}

/** A schema of what lies inside of what another one describes. */
function inside(schema: JsonObject | undefined, path: readonly string[]): JsonObject | undefined {
  let at = schema;
  for (const name of path) at = /^\d+$/.test(name) ? itemOf(at) : memberOf(at, name);
  return at;
}

function propertiesOf(schema: JsonObject | undefined): readonly Member[] {
  const properties = schema?.['properties'];
  return Object.entries(isJsonObject(properties) ? properties : {}).map(([name, each]) => {
    const about = isJsonObject(each) ? each['description'] : undefined;
    const types = isJsonObject(each) ? typesOf(each).filter((type) => type !== 'null') : [];
    return {
      name,
      ...(types.length > 0 && { detail: types.join(' or ') }),
      ...(typeof about === 'string' && { about }),
    };
  });
}
