import type { ASTNode } from '@marcbachmann/cel-js';
import { parseExpression } from './parse.ts';

/**
 * When an expression that chooses between texts gives this one, as an expression: `a ? "x" : "y"` gives "y" where
 * `!(a)` holds. Undefined where that cannot be told, or where more than one way leads there.
 */
export function whenItGives(source: string, text: string): string | undefined {
  const parsed = parseExpression(source);
  const [way, ...others] = (parsed.ok ? waysTo(parsed.value.ast, text) : undefined) ?? [];
  return way === undefined || way.length === 0 || others.length > 0 ? undefined : way.join(' && ');
}

/** What has to hold on each way to the text; undefined where an end of one is not written out. */
function waysTo(node: ASTNode, text: string): readonly (readonly string[])[] | undefined {
  if (node.op === 'value' && typeof node.args === 'string') return node.args === text ? [[]] : [];
  if (node.op !== '?:') return undefined;
  const [condition, yes, no] = node.args;
  const asked = `(${condition.input.slice(condition.start, condition.end)})`;
  const [held, failed] = [waysTo(yes, text), waysTo(no, text)];
  if (held === undefined || failed === undefined) return undefined;
  return [...held.map((way) => [asked, ...way]), ...failed.map((way) => [`!${asked}`, ...way])];
}
