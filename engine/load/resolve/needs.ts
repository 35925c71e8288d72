import type { Segment } from '../../expression/references.ts';
import { items, member, stringOf } from '../syntax/tree.ts';
import type { Tree } from '../syntax/tree.ts';
import { textsOf } from './tree-values.ts';
import type { Unit } from './unit.ts';

/** What a playbook needs of an environment; what this one does not have is reported. */
export function needsOf(tree: Tree | undefined, unit: Unit): readonly string[] {
  const { environment, report } = unit;
  for (const item of items(tree)) {
    const path = stringOf(item);
    if (path === undefined || environment === undefined) continue;
    let at: unknown = environment.data;
    for (const name of path.split('.')) {
      at =
        typeof at === 'object' && at !== null && Object.hasOwn(at, name)
          ? (at as Record<string, unknown>)[name]
          : undefined;
    }
    if (at === undefined || at === null) {
      report.error('DB070', item.span, `The environment "${environment.name}" has no ${path}`);
    }
  }
  return textsOf(tree);
}

/** Whether `needs` asks for it, or for something in it: that it is missing is told there, once. */
export function isNeeded(path: readonly Segment[], { tree }: Unit): boolean {
  const written = path.map(({ name }) => String(name)).join('.');
  const needs = items(member(tree, 'needs')).map((need) => stringOf(need) ?? '');
  return needs.some((need) => need === written || need.startsWith(`${written}.`));
}
