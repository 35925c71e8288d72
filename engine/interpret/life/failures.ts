import { encodeValue } from '../../base/value.ts';
import type { Failure } from '../../model/failure.ts';
import { Control } from '../../model/control.ts';
import { asData } from '../../model/handle.ts';
import { EvaluationError, OperatorNeeded } from '../../model/ports.ts';
import { StepError } from '../../model/kind.ts';
import { CODES } from '../../model/codes.ts';
import type { RunContext } from './context.ts';
import { Paused } from './control.ts';
import { messageOf } from './text.ts';

/** Whether this is no failure of a step but the run's own business, to be passed on. */
export function isControl(run: RunContext, error: unknown): boolean {
  return error instanceof Control || run.log.isBrokenBy(error);
}

/** Whether the run stops here and goes on later: of all control, the only one that may leave its end. */
export function isPausing(run: RunContext, error: unknown): boolean {
  return error instanceof Paused || error instanceof OperatorNeeded || run.log.isBrokenBy(error);
}

/** What went wrong, for the journal. `changed` says what became of the world where the error itself does not know. */
export function toFailure(error: unknown, changed: Failure['changed']): Failure {
  if (error instanceof StepError) {
    const details = encodeValue(asData(error.details));
    return {
      code: error.code,
      message: error.message,
      ...(error.hint !== undefined && { hint: error.hint }),
      changed: error.changed === 'nothing' && changed === 'something' ? 'something' : error.changed,
      retryable: error.retryable,
      ...(Object.keys(error.details).length !== 0 && { details }),
    };
  }
  const message = messageOf(error);
  if (error instanceof EvaluationError) {
    return { code: CODES.evaluation, message, changed, retryable: false };
  }
  return { code: CODES.bug, message: `unexpected: ${message}`, changed, retryable: false };
}

export const TIMEOUTS: ReadonlySet<string> = new Set([CODES.timeout, CODES.untilTimeout]);
