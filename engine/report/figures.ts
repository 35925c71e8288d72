import { Duration } from '../base/duration.ts';
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

/**
 * What became of an objective, in a cell: `34.1s met`, `unproven`, `3.0s met here, missed by 4h 00m in the real world`,
 * `5.5s met, really 5h 00m`. A branch may promise something else than its playbook, and so may the playbook of then: `6h 21m met of 1d`.
 */
export function judgedText(judged: Judged | undefined, promisedMs?: number): string {
  if (judged === undefined) return '–';
  const figure = judged.actualMs === undefined ? '' : `${figureText(judged)} `;
  const { real } = judged;
  const really =
    real === undefined || real.here !== judged.verdict ? '' : `, really ${humanDuration(real.actualMs)}`;
  const isOther = promisedMs !== undefined && promisedMs !== judged.targetMs;
  return `${figure}${verdictText(judged)}${isOther ? ` of ${targetText(judged)}` : ''}${really}`;
}

export const targetText = (objective: { readonly targetMs: number } | undefined): string =>
  objective === undefined ? '–' : Duration.fromMillis(objective.targetMs).toString();
