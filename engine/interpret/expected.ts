import { humanDuration } from '../base/duration.ts';
import type { Job } from './job.ts';

/** Does a step's work, and says once when it takes longer than its author expected. */
export async function whileExpected<T>(job: Job, work: () => Promise<T>): Promise<T> {
  const { run, step, key } = job;
  const { expectMs } = step;
  if (expectMs === undefined) return work();
  const over = new AbortController();
  void run.options.clock.sleep(expectMs, over.signal).then(() => {
    if (over.signal.aborted) return;
    const line = `Takes longer than the ${humanDuration(expectMs)} that were expected`;
    run.options.signal({ type: 'log', key, line });
  });
  try {
    return await work();
  } finally {
    over.abort();
  }
}
