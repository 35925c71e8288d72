import { ALWAYS } from './unit.ts';
import type { Position, StepSymbol } from './unit.ts';

/** Why a step has left nothing that could be asked for at a place; undefined where it has run by then. */
export function whyUnknown(symbol: StepSymbol, position: Position): string | undefined {
  const there = symbol.order;
  const sameOrder = there.region === position.region;
  if (there.region.startsWith('undo') && !sameOrder) {
    return `"${symbol.id}" is part of an undo and cannot be asked from here`;
  }
  const beside = besides(symbol, position);
  if (beside !== undefined) return beside;
  const comesLater = sameOrder
    ? symbol.end >= position.index
    : position.region !== ALWAYS && (there.region === ALWAYS || symbol.end > position.index);
  if (!comesLater) return undefined;
  const self = there.index <= position.index && position.index <= symbol.end;
  return self
    ? `"${symbol.id}" has not ended here, so its output is not known`
    : `The step "${symbol.id}" runs later than this`;
}

/** Why a step in a loop or in another branch is not known there, if so. */
function besides({ id, order }: StepSymbol, { loops = [], lanes = [] }: Position): string | undefined {
  const loop = order.loops?.find((name, depth) => loops[depth] !== name);
  if (loop !== undefined) {
    return `"${id}" runs for each item of "${loop}": outside of the loop, ask steps.${loop}.items`;
  }
  const other = order.lanes?.find((lane) => {
    const [owner = ''] = lane.split(' ');
    return !lanes.includes(lane) && lanes.some((own) => own.startsWith(`${owner} `));
  });
  return other === undefined ? undefined : `"${id}" runs side by side with this, in another branch`;
}
