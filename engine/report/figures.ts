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

/** The figure of an objective in a table: as measured, and as it would really be. */
export function figureText({ actualMs, isAtLeast, real }: Partial<Judged> = {}): string {
  if (actualMs === undefined) return '–';
  const least = isAtLeast === true ? '≥ ' : '';
  const really = real === undefined ? '' : ` (${least}${humanDuration(real.actualMs)} in the real world)`;
  return `${least}${humanDuration(actualMs)}${really}`;
}

/** `met here, missed by 1h 12m in the real world`, or the one word. */
export function verdictText({ verdict, targetMs, real }: Judged): string {
  if (real?.here !== 'met' || verdict !== 'missed') return verdict;
  return `met here, missed by ${humanDuration(real.actualMs - targetMs)} in the real world`;
}
