import type { ASTNode } from '@marcbachmann/cel-js';

/** A name with the members asked of it by literal names: `['steps', 'look', 'output', 'status']`. */
export type NamePath = readonly (string | number)[];

/** `[root, member, …]` of an access by literal names; undefined for any other. */
export function staticPath(node: ASTNode, which?: 'optional too'): NamePath | undefined {
  if (node.op === 'id') return [node.args];
  const optional = which === 'optional too';
  if (node.op === '.' || (optional && node.op === '.?')) {
    const path = staticPath(node.args[0], which);
    return path === undefined ? undefined : [...path, node.args[1]];
  }
  if (node.op !== '[]' && !(optional && node.op === '[?]')) return undefined;
  const [left, index] = node.args;
  const path = staticPath(left, which);
  if (path === undefined || index.op !== 'value') return undefined;
  if (typeof index.args === 'string') return [...path, index.args];
  return typeof index.args === 'bigint' ? [...path, Number(index.args)] : undefined;
}
