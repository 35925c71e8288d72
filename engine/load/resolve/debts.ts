import { isJsonObject } from '../../base/json.ts';
import { nearest } from '../../source/nearest.ts';
import { meant } from '../report.ts';
import { annotation, memberOf } from '../schemas/shape.ts';
import type { KindSchema } from '../schemas/kind-schema.ts';
import { entries, items, stringOf } from '../syntax/tree.ts';
import type { Tree } from '../syntax/tree.ts';
import { textsOf } from './tree-values.ts';
import type { StepSymbol, Unit } from './unit.ts';

/** `settles` of a step: earlier steps with an undo. */
export function settlesAt(tree: Tree | undefined, symbol: StepSymbol, unit: Unit): readonly string[] {
  for (const item of items(tree)) {
    checkUndo(item, symbol, unit, {
      word: 'settle',
      fits: ({ hasUndo }) => hasUndo,
      lacks: 'has no undo, so there is nothing to settle',
    });
  }
  return textsOf(tree);
}

/** Arguments that name a step whose debt is paid. */
export function checkDebts(
  args: Tree | undefined,
  kind: KindSchema | undefined,
  symbol: StepSymbol,
  unit: Unit,
): void {
  for (const { key, value } of entries(args)) {
    const schema = memberOf(kind?.with, key);
    if (!isJsonObject(schema) || annotation(schema, 'x-debt') !== true) continue;
    checkUndo(value, symbol, unit, {
      word: 'pay for',
      fits: ({ owes }) => owes,
      lacks: 'has no undo with "at: exit", so it owes nothing',
    });
  }
}

interface Wanted {
  readonly word: string;
  readonly fits: (symbol: StepSymbol) => boolean;
  readonly lacks: string;
}

function checkUndo(tree: Tree, symbol: StepSymbol, unit: Unit, { word, fits, lacks }: Wanted): void {
  const name = stringOf(tree);
  if (name === undefined) return;
  const target = unit.symbols.byId.get(name);
  if (target?.named !== true) {
    const names = [...unit.symbols.byId.values()].filter(fits).map(({ id }) => id);
    unit.report.error('DB052', tree.span, `There is no step "${name}" to ${word}`, {
      hint: meant(nearest(name, names)),
    });
  } else if (!fits(target) || target.order.index >= symbol.end) {
    const why = fits(target) ? 'runs later than this' : lacks;
    unit.report.error('DB052', tree.span, `The step "${name}" ${why}`, {
      related: [{ message: `"${name}" is here`, span: target.span }],
    });
  }
}
