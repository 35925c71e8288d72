import { humanDuration } from '../../base/human.ts';
import { nextLevel } from './escalation.ts';
import type { Job } from '../life/job.ts';
import { recordOf } from '../life/job.ts';

/** Does a step's work, and says once when it takes longer than its author expected, and who is called next. */
export async function whileExpected<T>(job: Job, work: () => Promise<T>): Promise<T> {
  const { run, step, key } = job;
  const { expectMs } = step;
  if (expectMs === undefined || recordOf(job)?.overdue === true) return work();
  const over = new AbortController();
  void run.options.clock.sleep(expectMs, over.signal).then(() => {
    if (over.signal.aborted) return;
    const level = nextLevel(run);
    const next = level === undefined ? {} : { contact: level.who, level: level.level };
    run.log.write({ type: 'step.overdue', key, expectMs, ...next });
    const line = `Takes longer than the ${humanDuration(expectMs)} that were expected`;
    run.options.signal({ type: 'log', key, line });
  });
  try {
    return await work();
  } finally {
    over.abort();
  }
}
