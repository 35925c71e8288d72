import type { ExpressionPlace, Unit } from '../load/resolve/unit.ts';
import { END, during } from '../load/resolve/unit.ts';
import { stepAt } from './survey.ts';
import type { Survey } from './survey.ts';
import { yamlPlace } from './yaml-path.ts';

/** An expression that is being written, and what may be asked for there. */
export interface ExpressionAt {
  /** Where its text begins in the file, behind `${{` or the key. */
  readonly start: number;
  readonly source: string;
  readonly unit: Unit | undefined;
  readonly place: ExpressionPlace;
}

/** Keys whose values are expressions without `${{ }}`. */
const BARE = new Set(['that', 'when', 'pick', 'accept', 'failWhen', 'expectFailure', 'key']);

/** Characters around a place in which its expression must begin and end. */
const FARTHEST = 4000;

/** The expression around a place of a text; undefined where none is. A survey may be of a text before this one. */
export function expressionAt(
  text: string,
  offset: number,
  found: { readonly survey: Survey; readonly isStale: boolean } | undefined,
): ExpressionAt | undefined {
  const written = inTemplate(text, offset) ?? bareAt(text, offset, found);
  if (written === undefined) return undefined;
  const { survey, isStale } = found ?? {};
  const value = isStale === true ? undefined : survey?.valueAt(offset);
  if (value !== undefined) return { ...written, unit: value.unit, place: value.place };
  const unit = isStale === true ? survey?.main : survey?.unitAt(offset);
  const step = unit === undefined || isStale === true ? undefined : stepAt(unit, offset);
  return { ...written, unit, place: during(step?.order ?? END, 'output', 'error', 'item') };
}

interface Written {
  readonly start: number;
  readonly source: string;
}

function inTemplate(text: string, offset: number): Written | undefined {
  const from = Math.max(0, offset - FARTHEST);
  const before = text.slice(from, offset);
  const open = before.lastIndexOf('${{');
  if (open === -1 || before.indexOf('}}', open) !== -1) return undefined;
  const start = from + open + 3;
  const rest = text.slice(start, offset + FARTHEST);
  const end = /\}\}|\n\s*\n/.exec(rest.slice(offset - start));
  return { start, source: rest.slice(0, end === null ? rest.length : offset - start + end.index) };
}

function bareAt(
  text: string,
  offset: number,
  found: { readonly survey: Survey; readonly isStale: boolean } | undefined,
): Written | undefined {
  const value = found?.isStale === false ? found.survey.valueAt(offset) : undefined;
  if (value?.bare === true) {
    const { start, end } = value.tree.span;
    return { start, source: text.slice(start, end) };
  }
  const line = yamlPlace(text, offset);
  if (line?.value === undefined || line.key === undefined || !BARE.has(line.key)) return undefined;
  const start = offset - line.value.length;
  const rest = text.slice(start).split('\n', 1)[0] ?? '';
  return { start, source: rest };
}
