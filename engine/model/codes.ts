/** Codes of failures that the interpreter itself finds; step kinds and providers have their own. */
export const CODES = {
  /** An expression could not be evaluated on these values. */
  evaluation: 'evaluation',
  /** A resolved `with` is not what the step kind's schema says. */
  invalidWith: 'invalidWith',
  /** What a kind of a user's own gave is not what its schema says. */
  badOutput: 'badOutput',
  /** The interlock refused: nothing was written. */
  interlock: 'interlock',
  /** A condition or a probe cannot be asked: it would do more than read, or nothing holds it to that. */
  noReading: 'noReading',
  require: 'require',
  assert: 'assert',
  /** What later steps need of a step is not there: it was declined, or done by hand without saying it. */
  outputs: 'outputs',
  expectedFailure: 'expectedFailure',
  timeout: 'timeout',
  untilTimeout: 'untilTimeout',
  failWhen: 'failWhen',
  inDoubt: 'inDoubt',
  /** Its operator did not want to wait any longer. */
  stoppedWaiting: 'stoppedWaiting',
  /** Broken off because it was no longer wanted. */
  cancelled: 'cancelled',
  /** A list is not what it was when the loop over it began, or its items cannot be told apart. */
  list: 'list',
  /** A process that lives beside the run is gone, or could not be started. */
  background: 'background',
  /** A debt could not be paid early. */
  debt: 'debt',
  /** A secret could not be kept for a later life of the run. */
  keep: 'keep',
  /** Something is missing that steps still to come need. */
  preflight: 'preflight',
  /** No round was accepted. */
  rounds: 'rounds',
  /** Thrown by a step kind that did not foresee it. */
  bug: 'bug',
} as const;

/** Codes of a secret that cannot be had, which any step may need. */
export const SECRET_CODES: readonly string[] = [
  'secretMissing',
  'secretMalformed',
  'secretUnknown',
  'secretLost',
];
