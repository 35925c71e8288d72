import type { Json } from '../base/json.ts';

/**
 * A system that can be broken on this machine, as `worlds/<name>.yaml` describes it. All of it is JSON: the
 * process of a world is given it as a file.
 */
export interface WorldPlan {
  readonly name: string;
  readonly title?: string;
  /** A drill takes it that asks for none, where several can be broken as its rehearsal says. */
  readonly isDefault?: true;
  /** What its parts name by a path is relative to this folder: that of the file. */
  readonly folder: string;
  /** In the order in which they can be started. */
  readonly parts: readonly PartPlan[];
  /** What stands in its environment, beside what each has. */
  readonly environment: WorldValue;
}

export interface PartPlan {
  readonly id: string;
  readonly uses: string;
  readonly with: WorldValue;
  /** Parts that it does not name and is started after. */
  readonly needs?: readonly string[];
  /** What can break it. */
  readonly faults: readonly string[];
  /** What could break it if this member stood in its `with`. */
  readonly faultsWith: Readonly<Record<string, string>>;
  /** The major version of PostgreSQL that it needs on this machine. */
  readonly postgres?: number;
}

/** What a value asks for: `['parts', 'db', 'url']`, `['port']`. */
export type WorldName = readonly string[];

/** A value in which names may stand: what they stand for is known when the parts have been started. */
export type WorldValue =
  | { readonly type: 'literal'; readonly value: Json }
  /** The name is the whole value, and gives it whole. */
  | { readonly type: 'name'; readonly name: WorldName }
  | { readonly type: 'text'; readonly pieces: readonly (string | WorldName)[] }
  | { readonly type: 'list'; readonly items: readonly WorldValue[] }
  | { readonly type: 'map'; readonly members: Readonly<Record<string, WorldValue>> };

/** The parts that a value asks for, each once. */
function partsIn(value: WorldValue): readonly string[] {
  const found = namesIn(value).flatMap(([root, part]) =>
    root === 'parts' && part !== undefined ? [part] : [],
  );
  return [...new Set(found)];
}

/** The parts that a part is started after, each once: those that it names, and those that it needs besides. */
export const neededBy = (part: PartPlan): readonly string[] => [
  ...new Set([...partsIn(part.with), ...(part.needs ?? [])]),
];

/** Whether a part is told of the port of its own. */
export const namesPort = (value: WorldValue): boolean => namesIn(value).some(([root]) => root === 'port');

/** All names in a value, as often as they stand there. */
export function namesIn(value: WorldValue): readonly WorldName[] {
  switch (value.type) {
    case 'literal':
      return [];
    case 'name':
      return [value.name];
    case 'text':
      return value.pieces.filter((piece) => typeof piece !== 'string');
    case 'list':
      return value.items.flatMap(namesIn);
    case 'map':
      return Object.values(value.members).flatMap(namesIn);
  }
}
