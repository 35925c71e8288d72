/** Stops the walk at a safe point; the run goes on with `resume`. */
export class Paused extends Error {
  override readonly name = 'Paused';
}

/** The run is over before its end: undos, debts and `always` are what is left of it. */
export class Aborting extends Error {
  override readonly name = 'Aborting';
  /** The operator's name, or undefined when a failure ended the run. */
  readonly by: string | undefined;

  constructor(reason: string, by: string | undefined) {
    super(reason);
    this.by = by;
  }
}

/** This branch of a choice is left for another one, named by `onFailure` or `onDecline`. */
export class LeaveBranch extends Error {
  override readonly name = 'LeaveBranch';
  readonly branch: string;

  constructor(branch: string) {
    super(`go on with branch ${branch}`);
    this.branch = branch;
  }
}

/** Who began an abort, when it was no person. */
export const ENGINE = 'engine';
