import type { Event } from './event.ts';

/**
 * Whether a run has worked in its world: broken something, begun a step, or ended one that never began (by hand). A new
 * world would not hold what was done or seen there, and this one need not be sound any more. A skipped step did nothing.
 */
export const hasWorked = (events: readonly Event[]): boolean =>
  events.some(
    (event) =>
      event.type === 'fault.injected' ||
      event.type === 'step.started' ||
      (event.type === 'step.finished' && event.outcome !== 'skipped'),
  );
