import type { TimeClass } from '../model/time-class.ts';
import type { Undecided } from './lanes.ts';

/** Microseconds by class. */
export type ClassTimes = { readonly [C in TimeClass]: number };

export type Times = { -readonly [C in TimeClass]: number };

/** What one step or phase took. */
export interface Share {
  title: string;
  readonly classes: Times;
}

/** Time by its classes, and by whose it was. Changed in place. */
export interface Spent {
  readonly classes: Times;
  readonly steps: Map<string, Share>;
  readonly phases: Map<string, Share>;
  readonly phaseNow?: Undecided['phase'];
}

export function spend(
  { classes, steps, phases, phaseNow }: Spent,
  micros: number,
  spentAs: TimeClass,
  key: string | undefined,
): void {
  if (micros === 0) return;
  classes[spentAs] += micros;
  if (phaseNow !== undefined) shareOf(phases, phaseNow[0], phaseNow[1].title).classes[spentAs] += micros;
  if (key !== undefined && spentAs !== 'down') shareOf(steps, key, key).classes[spentAs] += micros;
}

export function shareOf(shared: Map<string, Share>, key: string, title: string): Share {
  const share = shared.get(key) ?? { title, classes: noTime() };
  shared.set(key, share);
  return share;
}

export const noTime = (): Times => ({ machine: 0, human: 0, external: 0, retry: 0, down: 0 });

export const sum = (classes: ClassTimes): number =>
  Object.values(classes).reduce((total, micros) => total + micros, 0);
