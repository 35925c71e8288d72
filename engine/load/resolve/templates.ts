import type { JsonObject } from '../../base/json.ts';
import type { ParsedExpression } from '../../expression/parse.ts';
import { hasTemplate, splitTemplate } from '../../expression/template.ts';
import { dataMap } from '../../model/handle.ts';
import type { Expression, Template, TemplateEntry } from '../../model/template.ts';
import type { Span } from '../../source/file.ts';
import { annotation, itemOf, memberOf } from '../schemas/shape.ts';
import { entries } from '../syntax/tree.ts';
import type { Tree, TreeScalar } from '../syntax/tree.ts';
import { locate } from '../syntax/locate.ts';
import { checkedExpression, expressionAt, reportProblem } from './expressions.ts';
import { checkSecrets, checkTarget } from './secrets.ts';
import type { ExpressionPlace, Unit } from './unit.ts';

/** A value in which expressions may stand. `schema`: what the place accepts; undefined where handles may travel on. */
export function templateAt(tree: Tree, unit: Unit, place: ExpressionPlace, schema?: JsonObject): Template {
  switch (tree.type) {
    case 'scalar':
      return scalarTemplate(tree, unit, place, schema);
    case 'list': {
      const items = tree.items.map((item) => templateAt(item, unit, place, inner(schema, itemOf(schema))));
      const literals = items.flatMap((item) => (item.type === 'literal' ? [item.value] : []));
      return literals.length === items.length
        ? { type: 'literal', value: literals, span: tree.span }
        : { type: 'list', items, span: tree.span };
    }
    case 'map': {
      const members = tree.entries.map(({ key, value }) => ({
        key,
        value: templateAt(value, unit, place, inner(schema, memberOf(schema, key))),
      }));
      const literals = members.flatMap(({ key, value }) =>
        value.type === 'literal' ? [[key, value.value] as const] : [],
      );
      return literals.length === members.length
        ? { type: 'literal', value: dataMap(literals), span: tree.span }
        : { type: 'map', entries: members, span: tree.span };
    }
  }
}

/** The members of an object as templates; none when it is absent or no object. */
export function templateEntries(
  tree: Tree | undefined,
  unit: Unit,
  place: ExpressionPlace,
  schema?: JsonObject,
): readonly TemplateEntry[] {
  return entries(tree).map(({ key, value }) => ({
    key,
    value: templateAt(value, unit, place, inner(schema, memberOf(schema, key))),
  }));
}

/** What a text that people see accepts: anything but secrets. */
export const SHOWN: JsonObject = {};

/** Below a place that takes secrets in any form, secrets may stand too; below any other one that says nothing, they may not. */
function inner(outer: JsonObject | undefined, found: JsonObject | undefined): JsonObject | undefined {
  if (outer === undefined || found !== undefined) return found;
  const accepts = annotation(outer, 'x-accepts');
  return accepts === undefined ? {} : { 'x-accepts': accepts };
}

function scalarTemplate(
  tree: TreeScalar,
  unit: Unit,
  place: ExpressionPlace,
  schema: JsonObject | undefined,
): Template {
  const { value, span } = tree;
  if (schema !== undefined && annotation(schema, 'x-expression') === true) {
    return { type: 'literal', value: expressionAt(tree, unit, inArgument(place)).source, span };
  }
  if (typeof value !== 'string' || !hasTemplate(value)) return { type: 'literal', value, span };
  if (schema !== undefined && annotation(schema, 'x-plain') === true) return { type: 'literal', value, span };
  unit.watcher?.value(tree, false, unit, place);
  const parts: (string | Expression)[] = [];
  const checked: { readonly expression: ParsedExpression; readonly at: Span }[] = [];
  for (const part of splitTemplate(value)) {
    if (part.type === 'text') {
      parts.push(part.text);
    } else if (part.type === 'problem') {
      const { start, end } = part.problem;
      const text = value.slice(start, Math.max(end, start + 1));
      const at = locate(tree, text, start);
      reportProblem({ ...part.problem, start: 0, end: text.length }, text, at, unit);
    } else {
      const at = locate(tree, part.source, part.start);
      const expression = checkedExpression(part.source, at, unit, place);
      if (expression !== undefined) checked.push({ expression: expression.parsed, at });
      parts.push({ source: part.source, span: at });
    }
  }
  const [only] = parts;
  const isWhole = parts.length === 1 && only !== undefined && typeof only !== 'string';
  for (const { expression, at } of checked) {
    checkSecrets(expression, at, unit, place, isWhole ? schema : 'text');
    if (isWhole) checkTarget(expression, at, unit, schema);
  }
  return isWhole ? { type: 'expression', expression: only, span } : { type: 'text', parts, span };
}

/** Expressions in a `with` are about what the kind hands them: an item of a list, a value that was given. */
const inArgument = (place: ExpressionPlace): ExpressionPlace => ({
  ...place,
  names: new Set([...place.names, 'item', 'value', 'output']),
  output: undefined,
});
