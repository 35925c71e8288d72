/** Exit codes, part of the interface: scripts and CI jobs lean on them, and on the table in docs/commands.md. */
export const EXIT = {
  /** Done, objectives met. */
  done: 0,
  /** Ran to the end, but a verification failed, or an objective was missed or could not be proven. */
  missed: 1,
  /** Invalid playbook, environment or usage; nothing was changed. */
  invalid: 2,
  /** The run failed or was aborted. */
  failed: 3,
  /** A question was asked and there is nobody to answer it; the run can be resumed. */
  operatorNeeded: 4,
  /** The store refused: locked by another process, or altered. */
  store: 5,
  /** Interrupted by the operator; the run can be resumed. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends the command with a message for a person instead of a stack trace. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: ExitCode;
  readonly hint: string | undefined;

  constructor(message: string, options: { readonly exitCode: ExitCode; readonly hint?: string | undefined }) {
    super(message);
    this.exitCode = options.exitCode;
    this.hint = options.hint;
  }
}
