import { OUTSIDE_OF_A_RUN } from '../../model/names.ts';
import type { ContextName } from '../../model/names.ts';
import type { PartFault } from '../../model/inject.ts';
import type { Span } from '../../source/file.ts';
import { member, stringOf } from '../syntax/tree.ts';
import type { Tree } from '../syntax/tree.ts';
import { argumentsAt, kindAt } from './kinds.ts';
import { optional } from './tree-values.ts';
import { START, at } from './unit.ts';
import type { ExpressionPlace, Unit } from './unit.ts';

/** A world is broken, and answers to it are made, before anything of the run is there. */
export const beforeTheRun = (...names: readonly ContextName[]): ExpressionPlace => ({
  ...at(START, ...names),
  everywhere: OUTSIDE_OF_A_RUN,
});

/** A fault of a part, of the kind that `uses` names. */
export function partFault(fault: Tree, uses: Tree, owner: Span, unit: Unit): PartFault {
  const kind = kindAt(uses, unit, 'faults');
  return {
    type: 'part',
    uses: stringOf(uses) ?? '',
    ...optional('part', stringOf(member(fault, 'part'))),
    with: argumentsAt(member(fault, 'with'), kind, owner, unit, beforeTheRun()),
    span: fault.span,
  };
}
