import type { Mark } from './marks.ts';
import { reallyLater } from './shortened-waits.ts';
import type { ShortenedWait } from './shortened-waits.ts';
import type { Verdict } from './verdict.ts';

/** An objective as it would be outside of the sandbox, whose waits for providers are shorter. */
export interface RealWorld {
  /** What was measured, with the waits at their real length. */
  readonly actualMs: number;
  /** The verdict on what was measured. */
  readonly here: Verdict;
}

interface Judged {
  readonly verdict: Verdict;
  readonly targetMs: number;
  readonly actualMs?: number;
  readonly real?: RealWorld;
}

/**
 * Judges a figure as it would really be: what is met only because the sandbox shortened waits of the
 * stretch that it measures is missed. What is unproven stays so.
 */
export function inTheRealWorld<T extends Judged>(
  judged: T,
  waits: readonly ShortenedWait[],
  { from, to }: { readonly from: Mark | undefined; readonly to: Mark | undefined },
): T {
  const { verdict: here, targetMs, actualMs: measured } = judged;
  if (measured === undefined || from?.elapsed === undefined || to?.elapsed === undefined) return judged;
  const laterMs = reallyLater(waits, from.elapsed.passed, to.elapsed.passed) / 1000;
  if (laterMs === 0) return judged;
  const actualMs = measured + laterMs;
  const verdict = here === 'met' && actualMs > targetMs ? 'missed' : here;
  return { ...judged, verdict, real: { actualMs, here } };
}
