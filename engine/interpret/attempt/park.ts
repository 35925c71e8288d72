import { Paused } from '../life/control.ts';
import type { Job } from '../life/job.ts';
import { recordOf } from '../life/job.ts';

/**
 * While a parked step waits, other runs may write to the environment. What comes after it may write again, so the
 * run pauses where another one has taken over.
 */
export async function whileParked<T>(job: Job, work: () => Promise<T>): Promise<T> {
  const { lease } = job.run.options;
  // Whoever takes over can read how far this run has come.
  await job.run.log.append();
  await lease?.giveBack();
  const result = await work();
  const other = await lease?.takeBack();
  if (other === undefined) return result;
  throw new Paused(`"${job.step.title}" is over, and ${other}`);
}

/** Milliseconds since a parked step began, by the wall clock and across processes; undefined for any other step. */
export function sinceParked(job: Job): number | undefined {
  if (!job.step.park) return undefined;
  const now = job.run.options.clock.now().epochMicros;
  return (now - (recordOf(job)?.parkedSince ?? now)) / 1000;
}

/** What is left of a step's timeout; undefined without one. It is live time, but for a parked step. */
export function timeLeft(job: Job): number | undefined {
  const { timeoutMs } = job.step;
  return timeoutMs === undefined ? undefined : Math.max(1, timeoutMs - (sinceParked(job) ?? 0));
}
