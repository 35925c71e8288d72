import type { ValueMap } from '../../base/value.ts';
import { decodeValue } from '../../base/value.ts';
import { isJsonObject } from '../../base/json.ts';
import type { StepInDoubt } from '../../model/event.ts';
import type { DoubtQuestion } from '../../model/ports.ts';
import type { Reconciliation, StepKind } from '../../model/kind.ts';
import { allowed, ask, decided, outputsAsked } from '../people/ask.ts';
import { holds } from '../attempt/conditions.ts';
import { withLimits } from '../life/deadline.ts';
import { changesNothing } from '../life/effect.ts';
import { EFFECT_DONE, stepContext } from '../attempt/execute.ts';
import { CODES } from '../../model/codes.ts';
import { isControl } from '../life/failures.ts';
import type { Job, Resolved, Settled } from '../life/job.ts';
import { recordOf } from '../life/job.ts';
import { asMap } from '../life/arguments.ts';
import { messageOf } from '../life/text.ts';

/** What is to be done about a step that was started in an earlier life of the run and not finished. */
export type Resolution =
  /** It was brought about; what came of it. */
  | { readonly go: 'happened'; readonly output: ValueMap }
  /** As if it had not been started. */
  | { readonly go: 'again' }
  /** Under way elsewhere: run it, and it finds what it began. */
  | { readonly go: 'reattach' }
  | { readonly go: 'settled'; readonly settled: Settled };

/** Longest time to find out what became of a step. Live time. */
const RECONCILE_MS = 60_000;

/** Finds out whether a step in doubt happened; a write is never run twice without knowing. */
export async function resolveDoubt(job: Job, resolved: Resolved): Promise<Resolution> {
  const { step } = job;
  const checkpoint = recordOf(job)?.checkpoint;
  if (isJsonObject(checkpoint) && EFFECT_DONE in checkpoint) {
    const output = asMap(decodeValue(checkpoint[EFFECT_DONE] ?? null));
    await note(job, 'happened', 'its effect was recorded');
    return { go: 'happened', output };
  }
  // A process that lives beside the run is ended before it is started again.
  if (changesNothing(resolved.effect) || step.idempotent || step.background !== undefined) {
    await note(job, 'repeatable');
    return { go: 'again' };
  }
  const found = await reconcile(job, resolved);
  await note(job, found.verdict, found.verdict === 'unknown' ? found.reason : undefined);
  switch (found.verdict) {
    case 'happened':
      return { go: 'happened', output: found.output };
    case 'notHappened':
      return { go: 'again' };
    case 'reattach':
      return { go: 'reattach' };
    case 'unknown':
      return askOperator(job, resolved, found.reason);
  }
}

async function reconcile(job: Job, resolved: Resolved): Promise<Reconciliation> {
  const { run, step } = job;
  const { kind, args } = resolved;
  try {
    if (kind.reconcile !== undefined) {
      const ask = kind.reconcile.bind(kind);
      const limits = { timeoutMs: RECONCILE_MS, interruptible: true, changed: 'nothing' } as const;
      const found = await withLimits(run, limits, (signal) =>
        ask(args, stepContext({ ...job, onlyReads: true }, signal)),
      );
      if (found.verdict !== 'unknown') return taken(job, kind, found);
    } else if (recordOf(job)?.checkpoint !== undefined) {
      // It saved what a later life needs in order to find it again.
      return { verdict: 'reattach' };
    }
    if (step.guard?.probe !== undefined && (await holds(job, step.guard))) {
      return { verdict: 'happened', output: {} };
    }
    const lost = run.log.state.lossAt === undefined ? '' : 'the journal lost what was written last, and ';
    return { verdict: 'unknown', reason: `${lost}nothing tells whether it happened` };
  } catch (error) {
    if (isControl(run, error)) throw error;
    return { verdict: 'unknown', reason: messageOf(error) };
  }
}

function taken(job: Job, kind: StepKind, found: Reconciliation): Reconciliation {
  if (found.verdict !== 'happened') return found;
  return { ...found, output: job.run.secrets.taken(job.key, found.output, kind, job.step.secretOutput) };
}

async function askOperator(job: Job, resolved: Resolved, reason: string): Promise<Resolution> {
  const recorded = recordOf(job)?.decision;
  const known = recorded?.question === 'doubt' ? decided(recorded) : undefined;
  const decision = known ?? (await ask(job.run, question(job, resolved, reason)));
  if (decision === undefined) throw new Error('a question about a doubt cannot be closed');
  const { by } = decision;
  switch (decision.answer) {
    case 'happened':
      await note(job, 'happened', `${by} says so`);
      return { go: 'happened', output: decision.values ?? {} };
    case 'notHappened':
      await note(job, 'notHappened', `${by} says so`);
      return { go: 'again' };
    default: {
      const skip = decision.answer === 'skip';
      const settled: Settled = {
        outcome: skip ? 'skipped' : 'cancelled',
        conclusion: skip ? 'tolerated' : 'failed',
        error: { code: CODES.inDoubt, message: reason, changed: 'maybe', retryable: false },
        by,
        ...(decision.reason !== undefined && { reason: decision.reason }),
      };
      return { go: 'settled', settled };
    }
  }
}

function question(job: Job, resolved: Resolved, reason: string): DoubtQuestion {
  const { step, key } = job;
  return {
    type: 'doubt',
    key,
    id: step.id,
    title: step.title,
    choices: allowed(step, ['happened', 'notHappened', 'skip', 'note', 'pause', 'abort']),
    ...(step.why !== undefined && { why: step.why }),
    ...outputsAsked(job, resolved.kind),
    describe: resolved.describe,
    reason,
  };
}

function note(job: Job, verdict: StepInDoubt['verdict'], reason?: string): Promise<void> {
  return job.run.log.append({
    type: 'step.inDoubt',
    key: job.key,
    verdict,
    ...(reason !== undefined && { reason }),
  });
}
