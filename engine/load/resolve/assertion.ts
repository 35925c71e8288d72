import type { Assertion } from '../../model/playbook.ts';
import type { Template } from '../../model/template.ts';
import { member } from '../syntax/tree.ts';
import type { Tree } from '../syntax/tree.ts';
import { expressionAt } from './expressions.ts';
import { SHOWN, templateAt } from './templates.ts';
import { maybe, optional } from './tree-values.ts';
import type { ExpressionPlace, Unit } from './unit.ts';

/** `{ that, else }`. */
export function assertionAt(tree: Tree, unit: Unit, place: ExpressionPlace): Assertion {
  return {
    that: expressionAt(member(tree, 'that') ?? tree, unit, place, 'condition'),
    ...optional('else', elseOf(tree, unit, place)),
  };
}

export const elseOf = (tree: Tree, unit: Unit, place: ExpressionPlace): Template | undefined =>
  maybe(member(tree, 'else'), (text) => templateAt(text, unit, place, SHOWN));
