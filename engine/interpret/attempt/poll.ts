import { humanDuration } from '../../base/human.ts';
import type { Instant } from '../../base/instant.ts';
import type { ValueMap } from '../../base/value.ts';
import type { Signal } from '../../model/signal.ts';
import type { Until } from '../../model/playbook.ts';
import { EvaluationError } from '../../model/ports.ts';
import { StepError } from '../../model/kind.ts';
import { withLimits } from '../life/deadline.ts';
import { CODES } from '../../model/codes.ts';
import type { Job } from '../life/job.ts';
import { recordOf } from '../life/job.ts';
import { names } from '../life/names.ts';
import { sinceParked } from './park.ts';
import { shownText } from '../life/text.ts';

export interface Reached {
  readonly output: ValueMap;
  /** Of the first of the readings in a row that held: from then on it was so. */
  readonly at: Instant;
}

type ReadingState = Extract<Signal, { type: 'reading' }>['state'];

interface Reading {
  readonly state: ReadingState;
  /** What is shown while it is waited for. */
  readonly text: string;
  /** Why it does not hold, where that is said otherwise. */
  readonly reason?: string;
  readonly output?: ValueMap;
  readonly givesUp?: boolean;
}

/**
 * Takes readings until the condition holds as often in a row as `stable` says. Rejects with
 * code `failWhen` when waiting is pointless, with `untilTimeout` when the time is over; the
 * last reading is in the message. A probe that cannot reach its target is a reading too.
 * `closed` ends it from outside.
 */
export async function pollUntil(
  job: Job,
  until: Until,
  read: (signal: AbortSignal) => Promise<ValueMap>,
  closed: AbortSignal,
): Promise<Reached> {
  const { run, key } = job;
  const { clock } = run.options;
  const begun = clock.monotonic();
  const left = (): number => (until.timeoutMs ?? Infinity) - (sinceParked(job) ?? clock.monotonic() - begun);
  const pauses = pauser(job, `until ${until.that.source}`, closed);
  let last: Reading = { state: 'notYet', text: 'no reading yet' };
  if (until.delayMs > 0) await pauses(until.delayMs);
  let inARow = 0;
  let first = clock.now();
  for (;;) {
    last = await takeReading(job, until, (signal) => read(AbortSignal.any([signal, closed])), left(), last);
    if (last.state === 'holds') {
      if (inARow === 0) first = clock.now();
      inARow += 1;
    } else {
      inARow = 0;
    }
    const { state, text, reason = text } = last;
    run.options.signal({ type: 'reading', key, state, text, inARow, stable: until.stable });
    if (last.output !== undefined && inARow >= until.stable) return { output: last.output, at: first };
    if (last.givesUp === true)
      throw new StepError(`will not come right by waiting: ${reason}`, { code: CODES.failWhen });
    if (left() <= 0) throw tooLate(until, last);
    await pauses(Math.min(until.everyMs, left()));
  }
}

/** `said`: by a reading that was under way when the time was over. */
function tooLate(until: Until, { state, text, reason = text }: Reading, said: ValueMap = {}): StepError {
  const so = { holds: 'not stable', notYet: 'not yet so', failed: 'failing', unreachable: 'out of reach' }[
    state
  ];
  return new StepError(`${so} after ${humanDuration(until.timeoutMs ?? 0)}: ${reason}`, {
    code: CODES.untilTimeout,
    details: { ...said, state, reading: text },
  });
}

/** Sleeps between readings, which is a safe point; the first time it says that the step now waits for others. */
function pauser(job: Job, reason: string, closed: AbortSignal): (millis: number) => Promise<void> {
  const { run, key } = job;
  const { clock, pause, stop } = run.options;
  const awake = AbortSignal.any([pause, stop, closed]);
  let waiting = false;
  return async (millis) => {
    if (!waiting) {
      waiting = true;
      // The step was ended meanwhile.
      if (recordOf(job)?.finished === undefined) {
        await run.log.append({ type: 'step.activity', key, class: 'external', reason });
      }
    }
    job.waiting?.begin();
    await clock.sleep(millis, awake);
    run.safePoint();
    closed.throwIfAborted();
  };
}

async function takeReading(
  job: Job,
  until: Until,
  read: (signal: AbortSignal) => Promise<ValueMap>,
  left: number,
  last: Reading,
): Promise<Reading> {
  const timeoutMs = Number.isFinite(left) ? Math.max(left, 1) : undefined;
  const limits = { timeoutMs, interruptible: true, changed: 'nothing' } as const;
  let output: ValueMap;
  try {
    output = await withLimits(job.run, limits, read);
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    if (error.code === CODES.timeout) throw tooLate(until, last, error.details);
    if (error.code === CODES.noReading) throw error;
    return { state: error.retryable ? 'unreachable' : 'failed', text: error.message };
  }
  return judge(job, until, output);
}

function judge({ run, frame }: Job, until: Until, output: ValueMap): Reading {
  const { evaluator, clock } = run.options;
  const scope = names(run, frame, clock.now(), { output });
  try {
    if (until.failWhen !== undefined && evaluator.test(until.failWhen, scope)) {
      return { state: 'failed', text: shown(), ...why(), givesUp: true };
    }
    if (evaluator.test(until.that, scope)) return { state: 'holds', text: shown(), output };
    return { state: 'notYet', text: shown(), ...why() };
  } catch (error) {
    // A service that is coming up often answers with half a document: what cannot be evaluated does not hold yet.
    if (!(error instanceof EvaluationError)) throw error;
    return { state: 'notYet', text: error.message };
  }

  function shown(): string {
    const template = until.show ?? until.else;
    return template === undefined ? until.that.source : shownText(evaluator.render(template, scope));
  }

  function why(): { readonly reason?: string } {
    return until.else === undefined ? {} : { reason: shownText(evaluator.render(until.else, scope)) };
  }
}
