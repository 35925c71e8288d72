import { encodeValue } from '../base/value.ts';
import type { Failure } from '../model/event.ts';
import { EvaluationError, OperatorNeeded } from '../model/ports.ts';
import { StepError } from '../model/stepkind.ts';
import type { RunContext } from './context.ts';
import {
  Aborting,
  Cancelled,
  GivenUp,
  LeaveBranch,
  LeftByOperator,
  NextRound,
  Paused,
  Replayed,
} from './control.ts';
import { messageOf } from './text.ts';

/** Codes of failures that the interpreter itself finds; step kinds and providers have their own. */
export const CODES = {
  /** An expression could not be evaluated on these values. */
  evaluation: 'evaluation',
  /** A resolved `with` is not what the step kind's schema says. */
  invalidWith: 'invalidWith',
  /** The interlock refused: nothing was written. */
  interlock: 'interlock',
  require: 'require',
  assert: 'assert',
  expectedFailure: 'expectedFailure',
  timeout: 'timeout',
  untilTimeout: 'untilTimeout',
  failWhen: 'failWhen',
  inDoubt: 'inDoubt',
  /** Broken off because it was no longer wanted. */
  cancelled: 'cancelled',
  /** A list is not what it was when the loop over it began, or its items cannot be told apart. */
  list: 'list',
  /** A process that lives beside the run is gone, or could not be started. */
  background: 'background',
  /** A debt could not be paid early. */
  debt: 'debt',
  /** No round was accepted. */
  rounds: 'rounds',
  /** Thrown by a step kind that did not foresee it. */
  bug: 'bug',
} as const;

/** Whether this is no failure of a step but the run's own business, to be passed on. */
export function isControl(run: RunContext, error: unknown): boolean {
  return (
    error instanceof Paused ||
    error instanceof Aborting ||
    error instanceof LeaveBranch ||
    error instanceof NextRound ||
    error instanceof GivenUp ||
    error instanceof LeftByOperator ||
    error instanceof Cancelled ||
    error instanceof Replayed ||
    error instanceof OperatorNeeded ||
    run.log.isBrokenBy(error)
  );
}

/** What went wrong, for the journal. `changed` says what became of the world where the error itself does not know. */
export function toFailure(error: unknown, changed: Failure['changed']): Failure {
  if (error instanceof StepError) {
    const details = encodeValue(error.details);
    return {
      code: error.code,
      message: error.message,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      changed: error.changed === 'nothing' && changed === 'something' ? 'something' : error.changed,
      retryable: error.retryable,
      ...(Object.keys(error.details).length === 0 ? {} : { details }),
    };
  }
  const message = messageOf(error);
  if (error instanceof EvaluationError) {
    return { code: CODES.evaluation, message, changed, retryable: false };
  }
  return { code: CODES.bug, message: `unexpected: ${message}`, changed, retryable: false };
}

export const TIMEOUTS: ReadonlySet<string> = new Set([CODES.timeout, CODES.untilTimeout]);
