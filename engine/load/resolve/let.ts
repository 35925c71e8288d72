import type { Diagnostic } from '../../source/diagnostic.ts';
import { Report } from '../report.ts';
import type { Tree } from '../syntax/tree.ts';
import type { Place, Position, Unit } from './unit.ts';

type Told = Pick<Diagnostic, 'code' | 'severity' | 'message'>;

/** By the value, and the position and the names of the place. Values that name one another would double the work with each line. */
const known = new WeakMap<Tree, WeakMap<Position, WeakMap<Place['names'], readonly Told[]>>>();

/** What of a value of `let` depends on where it is used. */
const AT_USE = new Set(['DB042', 'DB044', 'DB046']);

/** What a value of `let` asks for that is not there where it is used, or may not be. */
export function toldAtUse(value: Tree, unit: Unit, place: Place): readonly Told[] {
  const { position, names } = place;
  const byPosition = known.get(value) ?? new WeakMap<Position, WeakMap<Place['names'], readonly Told[]>>();
  known.set(value, byPosition);
  const byNames = byPosition.get(position) ?? new WeakMap<Place['names'], readonly Told[]>();
  byPosition.set(position, byNames);
  const found = byNames.get(names) ?? ask(value, unit, place);
  byNames.set(names, found);
  return found;
}

function ask(value: Tree, unit: Unit, place: Place): readonly Told[] {
  const report = new Report();
  unit.checkTemplate(value, { ...unit, report }, place);
  const told = new Map<string, Told>();
  for (const { code, severity, message } of report.diagnostics) {
    if (!AT_USE.has(code)) continue;
    const plain = message.replace(/ \(in "let"\)$/, '');
    told.set(`${code} ${plain}`, { code, severity, message: plain });
  }
  return [...told.values()];
}
