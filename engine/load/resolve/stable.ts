import type { ParsedExpression } from '../../expression/parse.ts';
import { parseExpression } from '../../expression/parse.ts';
import type { Segment } from '../../expression/references.ts';
import { splitTemplate } from '../../expression/template.ts';
import { placedSteps } from '../../model/walk.ts';
import { entries, member } from '../syntax/tree.ts';
import type { Tree } from '../syntax/tree.ts';
import type { Unit } from './unit.ts';

/**
 * Whether an expression gives the same wherever in a run it stands: it does not ask for the
 * time, nor for a target that a step replaces.
 */
export function isStable(parsed: ParsedExpression, unit: Unit): boolean {
  return parsed.references.every(({ root, path }) => {
    if (root === 'env') return !reboundIn(unit).some((target) => overlaps(target.split('.'), path));
    if (root === 'vars') return isStableVariable(String(path[0]?.name), unit);
    return root !== 'now';
  });
}

/** Of values of `let`: those that name one another would double the work with each line. */
const known = new WeakMap<Tree, boolean>();

/** From the first value on, as each may use those before it: a long chain is no deep recursion. */
function isStableVariable(name: string, unit: Unit): boolean {
  for (const { key, value } of entries(member(unit.tree, 'let'))) {
    if (!known.has(value)) {
      // One that names itself is told of elsewhere.
      known.set(value, true);
      known.set(value, isStableValue(value, unit));
    }
    if (key === name) return known.get(value) === true;
  }
  return true;
}

function isStableValue(tree: Tree | undefined, unit: Unit): boolean {
  switch (tree?.type) {
    case undefined:
      return true;
    case 'map':
      return tree.entries.every(({ value }) => isStableValue(value, unit));
    case 'list':
      return tree.items.every((item) => isStableValue(item, unit));
    case 'scalar':
      return splitTemplate(String(tree.value)).every((part) => {
        const parsed = part.type === 'expression' ? parseExpression(part.source) : undefined;
        return parsed?.ok !== true || isStable(parsed.value, unit);
      });
  }
}

const overlaps = (target: readonly string[], path: readonly Segment[]): boolean =>
  target.every((name, index) => path[index] === undefined || String(path[index].name) === name);

/** What the steps of a playbook, and of those that it calls, put something else in the place of. */
function reboundIn({ tree, calls }: Unit): readonly string[] {
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
