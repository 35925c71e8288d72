import type { Value } from '../../../base/value.ts';

/** One piece of an array's text: a brace, a comma, a quoted or a bare element. */
const PIECE = /[{},]|"((?:[^"\\]|\\.)*)"|[^{},"\s]+/gs;

/** Reads PostgreSQL's `{1,"two words",NULL,{nested}}`; `[0:1]=` before it names the bounds, which are dropped. */
export function parseArray(text: string, parse: (element: string) => Value): readonly Value[] {
  const outermost: Value[][] = [[]];
  for (const match of text.slice(text.indexOf('{')).matchAll(PIECE)) {
    const [piece, quoted] = match;
    const current = outermost.at(-1) ?? [];
    if (piece === '{') outermost.push([]);
    else if (piece === '}') outermost.at(-2)?.push(outermost.pop() ?? []);
    else if (quoted !== undefined) current.push(parse(quoted.replaceAll(/\\(.)/gs, '$1')));
    else if (piece !== ',') current.push(piece === 'NULL' ? null : parse(piece));
  }
  const whole = outermost[0]?.[0];
  return Array.isArray(whole) ? (whole as readonly Value[]) : [];
}

/** An element as a text; null is NULL, a list is nested. */
export type ArrayElement = string | null | readonly ArrayElement[];

/** The inverse of `parseArray`. */
export function formatArray(elements: readonly ArrayElement[]): string {
  const items = elements.map((element) => {
    if (element === null) return 'NULL';
    if (typeof element !== 'string') return formatArray(element);
    return `"${element.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
  });
  return `{${items.join(',')}}`;
}
