import { backgroundsOf } from './backgrounds.ts';
import type { ValueMap } from '../../base/value.ts';
import { encodeValue } from '../../base/value.ts';
import { demand, holds, readProbe } from './conditions.ts';
import { withLimits } from '../life/deadline.ts';
import { changesNothing } from '../life/effect.ts';
import { EFFECT_DONE, execute } from './execute.ts';
import type { Job, Resolved, Settled, Try } from '../life/job.ts';
import { judgeOutput } from './outcome.ts';
import { timeLeft } from './park.ts';
import { pollUntil } from './poll.ts';
import { repeatAttempts } from './retry.ts';
import type { Progress } from './retry.ts';
import { Waiting } from '../life/waiting.ts';

/** Where a step goes on that an earlier life of the run began. */
export interface Entry {
  /** Attempts that have failed already. */
  readonly attempts: number;
  /** The effect has happened, and this came of it. */
  readonly output?: ValueMap;
}

/** Makes attempts until one succeeds or `retry` gives no more. */
export function makeAttempts(job: Job, resolved: Resolved, entry: Entry): Promise<Try> {
  let { output } = entry;
  return repeatAttempts(job, resolved, entry.attempts, async (progress) => {
    const known = output;
    output = undefined;
    if (known !== undefined) progress.effect = 'done';
    return makeAttempt(job, resolved, known, progress);
  });
}

function makeAttempt(
  job: Job,
  resolved: Resolved,
  known: ValueMap | undefined,
  progress: Progress,
): Promise<Settled> {
  const { run, step } = job;
  const readOnly = changesNothing(resolved.effect);
  const waiting = new Waiting(run.options.operator, step.title);
  job.waiting = waiting;
  const limits = {
    timeoutMs: timeLeft(job),
    interruptible: readOnly,
    changed: readOnly ? 'nothing' : 'maybe',
    waiting,
    onStopped: (said: ValueMap) => (job.said = said),
  } as const;
  const attempt = withLimits(run, limits, async (signal) => {
    const { until } = step;
    if (until !== undefined && until.probe === undefined && readOnly && known === undefined) {
      const reached = await pollUntil(job, until, (poll) => execute(job, resolved, poll), signal);
      return judgeReading(job, reached.output, reached.at);
    }
    const output = known ?? (await perform(job, resolved, signal, progress));
    const { probe } = until ?? {};
    if (until === undefined || probe === undefined) {
      return readOnly
        ? judgeReading(job, output, run.options.clock.now())
        : judgeOutput(job, output, run.options.clock.now());
    }
    const reached = await pollUntil(job, until, (poll) => readProbe(job, { probe }, poll), signal);
    return judgeOutput(job, output, reached.at);
  });
  return attempt.finally(() => {
    waiting.end();
  });
}

async function perform(
  job: Job,
  resolved: Resolved,
  signal: AbortSignal,
  progress: Progress,
): Promise<ValueMap> {
  progress.effect = 'begun';
  const output = await (job.step.background === undefined
    ? execute(job, resolved, signal)
    : backgroundsOf(job.run).begin(job, resolved, signal));
  progress.effect = 'done';
  // Journaled before the wait for the effect to show: this process may die in it, and what was done must not be in doubt then.
  if (job.step.until !== undefined && !changesNothing(resolved.effect)) {
    const data = { [EFFECT_DONE]: encodeValue(output) };
    await job.run.log.append({ type: 'step.checkpoint', key: job.key, data });
  }
  return output;
}

/** For a step that only reads, a guard and requirements without a probe are over its own output. */
async function judgeReading(
  job: Job,
  output: ValueMap,
  at: Parameters<typeof judgeOutput>[2],
): Promise<Settled> {
  const { guard, require } = job.step;
  for (const condition of require) {
    if (condition.probe === undefined) await demand(job, condition, output);
  }
  const settled = judgeOutput(job, output, at);
  if (guard === undefined || guard.probe !== undefined || settled.outcome !== 'succeeded') return settled;
  return (await holds(job, guard, output)) ? { ...settled, outcome: 'alreadyDone' } : settled;
}
