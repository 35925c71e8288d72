import { member, stringOf } from '../syntax/tree.ts';
import type { Tree } from '../syntax/tree.ts';

/** A member that is a text; undefined where there is none. */
export const text = (tree: Tree | undefined, name: string): string | undefined =>
  stringOf(member(tree, name));

/** The same of a number. */
export function number(tree: Tree | undefined, name: string): number | undefined {
  const found = member(tree, name);
  return found?.type === 'scalar' ? Number(found.value) : undefined;
}
