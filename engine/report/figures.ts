import { humanDuration } from '../base/human.ts';
import type { RealWorld } from '../measure/real-world.ts';
import type { Verdict } from '../measure/verdict.ts';

/** An RTO or an RPO with what was found. */
export interface Judged {
  readonly verdict: Verdict;
  readonly targetMs: number;
  readonly actualMs?: number;
  readonly isAtLeast?: boolean;
  readonly real?: RealWorld;
}

/** The figure of an objective in a table, as it was measured. */
export function figureText({ actualMs, isAtLeast }: Partial<Judged> = {}): string {
  if (actualMs === undefined) return '–';
  return `${isAtLeast === true ? '≥ ' : ''}${humanDuration(actualMs)}`;
}

/** `met here, missed by 1h 12m in the real world`, or the one word. */
export function verdictText({ verdict, targetMs, real }: Judged): string {
  if (real?.here !== 'met' || verdict !== 'missed') return verdict;
  return `met here, missed by ${humanDuration(real.actualMs - targetMs)} in the real world`;
}

/** What became of an objective, in a cell: `34.1s met`, `unproven`, `3.0s met here, missed by 4h 00m in the real world`. */
export function judgedText(judged: Judged | undefined): string {
  if (judged === undefined) return '–';
  const figure = judged.actualMs === undefined ? '' : `${figureText(judged)} `;
  return `${figure}${verdictText(judged)}`;
}
