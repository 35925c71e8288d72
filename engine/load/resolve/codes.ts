import { CODES, SECRET_CODES } from '../../model/codes.ts';
import type { Playbook, Step } from '../../model/playbook.ts';
import { placedSteps } from '../../model/walk.ts';
import type { KindSchema } from '../schemas/kind-schema.ts';
import { kindSchema } from '../stepschema.ts';
import { entries, items, member, stringOf } from '../syntax/tree.ts';
import type { Tree } from '../syntax/tree.ts';

/** The codes that an error can have. */
export interface ErrorCodes {
  readonly words: readonly string[];
  /** A provider's own: nobody has a list of them all. */
  readonly isOpen: (code: string) => boolean;
}

/** Classes of codes that providers give, named by `x-error-classes` of a kind. */
const CLASSES: Readonly<Record<string, RegExp>> = {
  sqlstate: /^[0-9A-Z]{5}$/,
  httpStatus: /^[1-5][0-9]{2}$/,
  redis: /^[A-Z]{2,}$/,
  s3: /^[A-Z][A-Za-z0-9]+$/,
  renderStatus: /^[A-Z]+(_[A-Z]+)+$|^[a-z]+(_[a-z]+)+$/,
};

interface Known {
  readonly calls: ReadonlyMap<string, Playbook | undefined>;
  /** The playbook's `parts`. */
  readonly parts: Tree | undefined;
}

/** What can go wrong in an entry of `steps`, with all that it holds and asks. Undefined where that cannot be told. */
export function codesIn(node: Tree, known: Known): ErrorCodes | undefined {
  const kinds = new Set<string>();
  collect(node, known, kinds, new Set());
  return codesOf(kinds);
}

/** What steps of these kinds can fail with. */
export function codesOf(kinds: Iterable<string>): ErrorCodes | undefined {
  const known: KindSchema[] = [];
  for (const name of kinds) {
    const kind = kindSchema('steps', name);
    if (kind === undefined) return undefined;
    known.push(kind);
  }
  return {
    // Few expressions ask for a code.
    get words() {
      return [...new Set([...CODES_OF_ALL, ...known.flatMap(({ errors }) => errors)])];
    },
    isOpen: (code) =>
      known.some(({ errorClasses }) => errorClasses.some((each) => CLASSES[each]?.test(code) === true)),
  };
}

/** What a step of any kind can fail with. */
const CODES_OF_ALL: readonly string[] = [...Object.values(CODES), ...SECRET_CODES];

/** What an undo fails with does not fail the step that it belongs to. */
const APART = new Set(['with', 'undo', 'prove']);

function collect(tree: Tree, known: Known, kinds: Set<string>, parts: Set<string>): void {
  for (const item of items(tree)) collect(item, known, kinds, parts);
  const uses = stringOf(member(tree, 'uses'));
  if (uses === 'part') {
    const name = stringOf(member(member(tree, 'with'), 'part')) ?? '';
    const part = member(known.parts, name);
    if (part !== undefined && !parts.has(name)) collect(part, known, kinds, parts.add(name));
  } else if (uses === 'playbook') {
    const called = known.calls.get(stringOf(member(member(tree, 'with'), 'playbook')) ?? '');
    if (called === undefined) kinds.add('');
    else for (const kind of kindsIn(called)) kinds.add(kind);
  } else if (uses !== undefined) kinds.add(uses);
  for (const { key, value } of entries(tree)) if (!APART.has(key)) collect(value, known, kinds, parts);
}

function* kindsIn(playbook: Playbook): Generator<string> {
  for (const { node } of placedSteps(playbook)) {
    if (node.type !== 'step') continue;
    yield node.uses;
    for (const uses of probesOf(node)) if (uses !== undefined) yield uses;
  }
}

const probesOf = ({ guard, require, until, background }: Step): readonly (string | undefined)[] =>
  [guard, ...require, until, background?.ready].map((condition) => condition?.probe?.uses);
