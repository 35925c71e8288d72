import { Report } from '../report.ts';
import type { Tree } from '../syntax/tree.ts';
import type { Place, Position, Unit } from './unit.ts';

/** By the value and the place. Values that name one another would double the work with each line. */
const known = new WeakMap<Tree, WeakMap<Position, ReadonlySet<string>>>();

/** What a value of `let` asks of steps that have not run where it is used, in words. */
export function askedTooEarly(value: Tree, unit: Unit, place: Place): ReadonlySet<string> {
  const byPlace = known.get(value) ?? new WeakMap<Position, ReadonlySet<string>>();
  known.set(value, byPlace);
  const found = byPlace.get(place.position) ?? ask(value, unit, place);
  byPlace.set(place.position, found);
  return found;
}

function ask(value: Tree, unit: Unit, place: Place): ReadonlySet<string> {
  const report = new Report();
  unit.checkTemplate(value, { ...unit, report }, place);
  const early = report.diagnostics.filter(({ code }) => code === 'DB044');
  return new Set(early.map(({ message }) => message.replace(/ \(in "let"\)$/, '')));
}
