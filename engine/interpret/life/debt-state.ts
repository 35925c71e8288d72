import type { DebtSettled } from '../../model/event.ts';

/** What the journal says of one debt or undo. */
export interface DebtState {
  readonly due: 'abort' | 'exit';
  how?: DebtSettled['how'];
  /** Paid before the end of the run. */
  early?: boolean;
}
