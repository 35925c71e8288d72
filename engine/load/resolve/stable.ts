import type { ParsedExpression } from '../../expression/parse.ts';
import type { Reference, Segment } from '../../expression/references.ts';
import { placedSteps } from '../../model/walk.ts';
import { entries } from '../syntax/tree.ts';
import type { Tree } from '../syntax/tree.ts';
import { letValues, nameAt } from './let.ts';
import type { Unit } from './unit.ts';

/**
 * Whether an expression gives the same wherever in a run it stands: it does not ask for the
 * time, nor for a target that a step replaces.
 */
export const isStable = (parsed: ParsedExpression, unit: Unit): boolean =>
  parsed.references.every((reference) => isStableReference(reference, unit));

function isStableReference({ root, path }: Reference, unit: Unit): boolean {
  if (root === 'env') return !reboundIn(unit).some((target) => overlaps(target.split('.'), path));
  // One that there is not is told of elsewhere.
  if (root === 'vars') return stableValues(unit).get(nameAt(path)) !== false;
  return root !== 'now';
}

const stable = new WeakMap<Tree, ReadonlyMap<string, boolean>>();

/** Whether each value of `let` is: from the first on, as each may use those before it. */
function stableValues(unit: Unit): ReadonlyMap<string, boolean> {
  const before = stable.get(unit.tree);
  if (before !== undefined) return before;
  const values = new Map<string, boolean>();
  stable.set(unit.tree, values);
  for (const { key, references } of letValues(unit).values()) {
    values.set(
      key,
      references.every((reference) => isStableReference(reference, unit)),
    );
  }
  return values;
}

const overlaps = (target: readonly string[], path: readonly Segment[]): boolean =>
  target.every((name, index) => path[index] === undefined || String(path[index].name) === name);

const rebound = new WeakMap<Tree, readonly string[]>();

/** What the steps of a playbook, and of those that it calls, put something else in the place of. */
function reboundIn(unit: Unit): readonly string[] {
  const known = rebound.get(unit.tree) ?? findRebound(unit);
  rebound.set(unit.tree, known);
  return known;
}

function findRebound({ tree, calls }: Unit): readonly string[] {
  const called = [...calls.values()].flatMap((playbook) =>
    playbook === undefined ? [] : Array.from(placedSteps(playbook), ({ node }) => node),
  );
  return [
    ...rebindsBelow(tree),
    ...called.flatMap((node) => (node.type === 'step' ? node.rebind.map(({ key }) => key) : [])),
  ];
}

function rebindsBelow(tree: Tree): readonly string[] {
  if (tree.type === 'list') return tree.items.flatMap(rebindsBelow);
  return entries(tree).flatMap(({ key, value }) =>
    key === 'rebind' ? entries(value).map((target) => target.key) : rebindsBelow(value),
  );
}
