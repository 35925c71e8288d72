import type { Template } from '../../model/template.ts';
import type { Span } from '../../source/file.ts';
import { nearest } from '../../source/nearest.ts';
import { guessedKind } from '../first-guesses.ts';
import { checkFormats } from '../formats.ts';
import { meant } from '../report.ts';
import type { KindSchema } from '../schemas/kind-schema.ts';
import { stringOf, toJson } from '../syntax/tree.ts';
import type { Tree } from '../syntax/tree.ts';
import { reportProblems } from '../validate.ts';
import { templateAt } from './templates.ts';
import type { ExpressionPlace, Unit } from './unit.ts';

/** The kind that a `uses` names; undefined, and reported, when there is none of that name. */
export function kindAt(uses: Tree, unit: Unit, group: 'steps' | 'faults'): KindSchema | undefined {
  const name = stringOf(uses);
  if (name === undefined) return undefined;
  const known = (group === 'steps' ? unit.kinds : unit.faults).get(name);
  if (known !== undefined) return known;
  const names = unit.kindNames[group];
  unit.report.error(
    group === 'steps' ? 'DB030' : 'DB031',
    uses.span,
    group === 'steps' ? `There is no step kind "${name}"` : `There is no fault "${name}"`,
    { hint: (group === 'steps' ? guessedKind(name) : undefined) ?? meant(nearest(name, names)) },
  );
  return undefined;
}

/** Where values go that a script or an SQL text needs. */
const BESIDE = 'Give the value beside it: env for a script; params or identifiers for SQL.';

/**
 * A `with`, checked against the schema of its kind and of no other. `owner`: where to say
 * that something is missing when there is no `with` at all.
 */
export function argumentsAt(
  tree: Tree | undefined,
  kind: KindSchema | undefined,
  owner: Span,
  unit: Unit,
  place: ExpressionPlace,
): Template {
  const given: Tree = tree ?? { type: 'map', entries: [], span: owner, flow: false };
  if (kind !== undefined) {
    reportProblems(kind.validate(toJson(given)), given, kind.with, unit.report, { owner, templates: true });
    checkFormats(given, kind.with, unit.report, BESIDE);
  }
  return templateAt(given, unit, place, kind?.with);
}
