export interface Objectives {
  readonly rto?: { readonly targetMs: number; readonly from: string; readonly to: string };
  readonly rpo?: RpoObjective;
}

export interface RpoObjective {
  readonly targetMs: number;
  readonly evidence: RpoEvidence;
  /** Absent where it was not said; `lossEndsWith` knows what that means. */
  readonly to?: LossEnd;
}

export type RpoEvidence = 'heartbeat' | 'reached' | 'keys';

/**
 * `fenced`: what is abandoned may go on taking writes, until nobody can write to it any more.
 * `occurred`: nothing does; the same system goes on, or what is lost was gone at once.
 * `newestLost`: nothing need have failed, a move that was chosen for instance; the loss lies between two rows,
 * the newest that was taken along and the newest that was left behind.
 */
export type LossEnd = 'fenced' | 'occurred' | 'newestLost';

/** A database that is left behind was up until it was stopped; an object that is lost was lost at once. */
export const lossEndsWith = ({ to, evidence }: RpoObjective): LossEnd =>
  to ?? (evidence === 'keys' ? 'occurred' : 'fenced');
