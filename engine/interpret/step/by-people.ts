import type { ValueMap } from '../../base/value.ts';
import { isValueList } from '../../base/value.ts';
import type { AnswerName, ManualQuestion } from '../../model/ports.ts';
import { StepError } from '../../model/kind.ts';
import type { Decision } from '../people/ask.ts';
import { repeatAttempts } from '../attempt/retry.ts';
import { allowed, closeQuestion, decided, outputsAsked } from '../people/ask.ts';
import { askOrCorrect } from '../people/correct.ts';
import { readProbe } from '../attempt/conditions.ts';
import { withLimits } from '../life/deadline.ts';
import { askLate } from '../people/late-inputs.ts';
import { CODES } from '../../model/codes.ts';
import { isControl } from '../life/failures.ts';
import type { Job, Resolved, Settled, Try } from '../life/job.ts';
import { recordOf } from '../life/job.ts';
import { judgeOutput } from '../attempt/outcome.ts';
import { timeLeft } from '../attempt/park.ts';
import { pollUntil } from '../attempt/poll.ts';
import type { Reached } from '../attempt/poll.ts';
import { roleIn } from '../attempt/roles.ts';
import { shownText } from '../life/text.ts';

const CHOICES: readonly AnswerName[] = ['done', 'skip', 'note', 'pause', 'abort'];

/** Who closed a gate, when it was the effect itself that was seen. */
const WATCH = 'until';

/** A step that people do: the gate is the work. Where its effect is watched, it may close by itself. */
export function doByPeople(job: Job, resolved: Resolved, attempts: number): Promise<Try> {
  const { run } = job;
  return repeatAttempts(job, resolved, attempts, async () => {
    try {
      const limits = { timeoutMs: timeLeft(job), interruptible: false, changed: 'nothing' } as const;
      return await withLimits(run, limits, (signal) => work(job, resolved, signal));
    } catch (error) {
      // A gate whose time is over is closed, and closed is not approved.
      if (error instanceof StepError && error.code === CODES.timeout) {
        await closeQuestion(run, job.key, 'closed', 'timeout');
      }
      throw error;
    }
  });
}

async function work(job: Job, resolved: Resolved, signal: AbortSignal): Promise<Settled> {
  const { run } = job;
  if (resolved.kind.people === 'ask') {
    const output = await askLate(job, resolved.args, signal);
    const reached = await watch(job, signal);
    const at = reached?.at ?? run.options.clock.now();
    return { ...judgeOutput(job, output, at), by: run.options.operator.name };
  }
  const over = new AbortController();
  const seen = new AbortController();
  const watching = watch(job, AbortSignal.any([signal, over.signal]))?.finally(() => seen.abort());
  watching?.catch(() => undefined);
  try {
    const closed = AbortSignal.any([signal, seen.signal]);
    const decision = await answer(job, resolved, watching !== undefined, closed);
    signal.throwIfAborted();
    if (decision !== undefined) {
      return decision.answer === 'done' ? done(job, decision, await watching) : settle(decision);
    }
    try {
      const reached = await watching;
      await closeQuestion(run, job.key, 'done', WATCH);
      return done(job, undefined, reached);
    } catch (error) {
      if (!isControl(run, error)) await closeQuestion(run, job.key, 'closed', WATCH);
      throw error;
    }
  } finally {
    over.abort();
  }
}

function watch(job: Job, closed: AbortSignal): Promise<Reached> | undefined {
  const { until } = job.step;
  const { probe } = until ?? {};
  if (until === undefined || probe === undefined) return undefined;
  return pollUntil(job, until, (poll) => readProbe(job, { probe }, poll), closed);
}

function answer(
  job: Job,
  resolved: Resolved,
  watched: boolean,
  closed: AbortSignal,
): Promise<Decision | undefined> {
  const recorded = recordOf(job)?.decision;
  if (recorded?.question === 'manual') return Promise.resolve(decided(recorded));
  return askOrCorrect(job.run, question(job, resolved, watched), { closed });
}

function settle({ answer, reason, by }: Decision): Settled {
  const why = { by, ...(reason !== undefined && { reason }) };
  return answer === 'skip'
    ? { outcome: 'skipped', conclusion: 'tolerated', ...why }
    : { outcome: 'cancelled', conclusion: 'failed', ...why };
}

function done(job: Job, decision: Decision | undefined, reached: Reached | undefined): Settled {
  const { clock } = job.run.options;
  const output: ValueMap = decision?.values ?? {};
  const settled = judgeOutput(job, output, reached?.at ?? clock.now());
  const { by = WATCH, reason } = decision ?? {};
  return { ...settled, by, ...(reason !== undefined && { reason }) };
}

function question(job: Job, resolved: Resolved, watched: boolean): ManualQuestion {
  const { step, key } = job;
  const { instructions, items } = resolved.args;
  return {
    type: 'manual',
    key,
    id: step.id,
    title: step.title,
    choices: allowed(step, CHOICES),
    ...(step.why !== undefined && { why: step.why }),
    ...(step.by !== undefined && { by: roleIn(job.run.environment, step.by) }),
    ...outputsAsked(job, resolved.kind),
    instructions: typeof instructions === 'string' ? instructions : resolved.describe,
    items: isValueList(items) ? items.map(shownText) : [],
    watched,
  };
}
