import { humanDuration } from '../../base/human.ts';
import { CODES } from '../../model/codes.ts';
import type { Failure } from '../../model/failure.ts';
import type { OnFailure } from '../../model/failure-rules.ts';
import type { WholeLoop } from '../../model/playbook.ts';
import type { FailureQuestion } from '../../model/ports.ts';
import { ask, decided } from '../people/ask.ts';
import { takenBack } from '../step/conclude.ts';
import type { Owner, RunContext } from '../life/context.ts';
import { Aborting, Cancelled, Halt, LeaveBranch, NextRound } from '../life/control.ts';
import { opened } from '../debts/debts.ts';
import type { Frame } from '../life/frame.ts';
import { endBy, orGiveUp } from '../people/ask-or-give-up.ts';

/** A call or a loop, for which as a whole something is said that a step can say. */
export interface Whole {
  readonly run: RunContext;
  readonly frame: Frame;
  readonly key: string;
  readonly id: string;
  readonly title: string;
}

/** Puts the undo of a call or a loop on the list before anything in it is done: it is due however far that comes. */
export async function oweWhole({ run, frame, key, id, title }: Whole, undo: Owner['undo']): Promise<void> {
  if (undo === undefined) return;
  const step: Owner = { id, title, undo, rebind: [] };
  const bodies = opened({ run, frame, key, now: run.options.clock.now(), step });
  if (bodies.length > 0) await run.log.append(...bodies);
}

/** Why a loop is over before its end, and who said that the run goes on all the same. */
export interface WholeFailure {
  readonly error: Failure;
  readonly verification: boolean;
  readonly by?: string;
}

/**
 * Does the items of a loop within its time, and finds out what it leads to that they fail. Undefined: all are done.
 * Throws where the run, or what is around the loop, ends with it.
 */
export async function withinWhole(
  whole: Whole,
  { timeoutMs, onFailure }: Pick<WholeLoop, 'timeoutMs' | 'onFailure'>,
  work: (run: RunContext) => Promise<void>,
): Promise<WholeFailure | undefined> {
  const { run, key } = whole;
  const limit = limitOf(run, timeoutMs);
  // It was over in an earlier life already: what is done is found, and nothing more is begun.
  if (run.log.state.left.get(key)?.error?.code === CODES.timeout) limit.halt.stop(new Cancelled('timeout'));
  try {
    await work(timeoutMs === undefined ? run : run.within(limit.halt));
    return undefined;
  } catch (thrown) {
    if (
      thrown instanceof Cancelled &&
      limit.halt.reason !== undefined &&
      !(run.interruption() instanceof Cancelled)
    ) {
      const message = `not done after ${humanDuration(timeoutMs ?? 0)}`;
      const error = { code: CODES.timeout, message, changed: 'maybe', retryable: false } as const;
      return await decide(whole, onFailure, { error, verification: whole.frame.verifies });
    }
    if (!(thrown instanceof Aborting) || thrown.by !== undefined || thrown.failure === undefined)
      throw thrown;
    if (onFailure === undefined || onFailure.do === 'ask' || onFailure.do === 'abort') throw thrown;
    return await decide(whole, onFailure, { error: thrown.failure, verification: thrown.verification });
  } finally {
    limit.over.abort();
  }
}

/** Halts what it is given to when the time is over, unless `over` comes first. */
function limitOf(
  run: RunContext,
  timeoutMs: number | undefined,
): { readonly halt: Halt; readonly over: AbortController } {
  const halt = new Halt();
  const over = new AbortController();
  if (timeoutMs !== undefined) {
    void run.options.clock.sleep(timeoutMs, over.signal).then(() => {
      if (!over.signal.aborted) halt.stop(new Cancelled('timeout'));
    });
  }
  return { halt, over };
}

async function decide(
  whole: Whole,
  onFailure: OnFailure | undefined,
  failure: WholeFailure,
): Promise<WholeFailure> {
  const { run, key, title } = whole;
  switch (onFailure?.do) {
    case 'continue':
    case 'skip':
      return failure;
    case 'branch':
    case 'next':
      await leaveWhole(run, key, failure);
      throw onFailure.do === 'branch' ? new LeaveBranch(onFailure.branch) : new NextRound(onFailure.repeat);
    case 'abort':
      await leaveWhole(run, key, failure);
      throw new Aborting(`${title}: ${failure.error.message}`, undefined, { failure: failure.error });
    case 'ask':
    case undefined:
      return askOperator(whole, failure);
  }
}

/** Steps ask by themselves; that the time of the whole loop is over is a question of its own. */
async function askOperator(
  { run, frame, key, id, title }: Whole,
  failure: WholeFailure,
): Promise<WholeFailure> {
  const { code, message, changed } = failure.error;
  const question: FailureQuestion = {
    type: 'failure',
    key,
    id,
    title,
    choices: orGiveUp(frame, ['skip', 'note', 'pause', 'abort']),
    describe: 'Go on without what is not done',
    error: { code, message, changed },
    attempt: 1,
    args: {},
  };
  const recorded = run.log.state.steps.get(key)?.decision;
  const known = recorded?.question === 'failure' ? decided(recorded) : undefined;
  const decision = known ?? (await ask(run, question));
  if (decision === undefined) throw new Error('a question about a failure cannot be closed');
  if (decision.answer === 'skip') return { ...failure, by: decision.by };
  throw endBy(question, decision);
}

/** Journals that it is over before its end, once. A check of the result that failed in it is red, though the run goes on. */
export async function leaveWhole(
  run: RunContext,
  key: string,
  { error, verification, by }: WholeFailure,
): Promise<void> {
  if (run.log.state.left.has(key)) return;
  await run.log.append(...(verification ? takenBack(run, key) : []), {
    type: 'scope.left',
    key,
    outcome: 'failed',
    error,
    ...(by !== undefined && { by }),
    ...(verification && { verification }),
  });
}
