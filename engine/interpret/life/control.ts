import { Control } from '../../model/control.ts';
import type { Failure } from '../../model/failure.ts';
import type { Frame } from './frame.ts';

/** Stops the walk at a safe point; the run goes on with `resume`. */
export class Paused extends Control {
  override readonly name = 'Paused';
}

/** The run is over before its end: undos, debts and `always` are what is left of it. */
export class Aborting extends Control {
  override readonly name = 'Aborting';
  /** The operator's name, or undefined when a failure ended the run. */
  readonly by: string | undefined;
  /** The failure that ended it, for whoever tolerates it. */
  readonly failure: Failure | undefined;
  /** What failed was to check the result. */
  readonly verification: boolean;

  constructor(
    reason: string,
    by: string | undefined,
    cause: { readonly failure?: Failure | undefined; readonly verification?: boolean } = {},
  ) {
    super(reason);
    this.by = by;
    this.failure = cause.failure;
    this.verification = cause.verification ?? false;
  }
}

/** The operator gives up the item of the innermost loop around; its undos are paid, and the other items go on. */
export class GivenUp extends Control {
  override readonly name = 'GivenUp';
  readonly failure: Failure;
  readonly by: string;
  /** `always` of the playbooks that were called for it, innermost first. */
  readonly leftOpen: Frame[] = [];

  constructor(failure: Failure, by: string) {
    super(failure.message);
    this.failure = failure;
    this.by = by;
  }
}

/** This branch of a choice is left for another one, named by `onFailure` or `onDecline`. */
export class LeaveBranch extends Control {
  override readonly name = 'LeaveBranch';
  readonly branch: string;

  constructor(branch: string) {
    super(`go on with branch ${branch}`);
    this.branch = branch;
  }
}

/** This branch of a choice is left for another one, which the operator is asked for. */
export class LeftByOperator extends Control {
  override readonly name = 'LeftByOperator';
}

/** This round of a `repeat` is over and was not the last. */
export class NextRound extends Control {
  override readonly name = 'NextRound';
  readonly repeat: string;

  constructor(repeat: string) {
    super(`go on with the next round of ${repeat}`);
    this.repeat = repeat;
  }
}

/** An earlier answer was put right: what is being asked may be another question now. */
export class Corrected extends Control {
  override readonly name = 'Corrected';
}

/** What goes on here is no longer wanted: a branch beside it failed, or it was left for another one. */
export class Cancelled extends Control {
  override readonly name = 'Cancelled';
}

/** The end of what the journal knows of a branch, while it is only read. */
export class Replayed extends Control {
  override readonly name = 'Replayed';
}

/** Tells a part of a run that it is to end at its next safe point, and why. */
export class Halt {
  readonly #controller = new AbortController();
  #reason: Paused | Cancelled | Replayed | undefined;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get reason(): Paused | Cancelled | Replayed | undefined {
    return this.#reason;
  }

  stop(reason: Paused | Cancelled | Replayed): void {
    this.#reason ??= reason;
    this.#controller.abort(reason);
  }
}

/** Who began an abort, when it was no person. */
export const ENGINE = 'engine';
