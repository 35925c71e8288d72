/** How many others have to approve a step before it may go ahead in a recovery. */
export interface Approvals {
  readonly count: number;
  /** Whoever has one of these roles may. */
  readonly of: readonly string[];
  readonly expiresMs: number;
}

/** The same as it is asked for at a gate. */
export interface ApprovalsAsked extends Approvals {
  /** Who may. */
  readonly people: readonly string[];
  /** Those that count now. */
  readonly have: readonly ApprovalGiven[];
  /** What is approved: SHA-256 of the step as it would be carried out. */
  readonly digest: string;
}

export interface ApprovalGiven {
  readonly by: string;
  /** By which message it came. */
  readonly message: string;
  /** Microseconds since the epoch. */
  readonly until: number;
}
