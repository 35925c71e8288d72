import type { DebtSettled } from '../../model/event.ts';
import type { LoopProgressed } from '../../model/flow-event.ts';

/** What the journal says of one debt or undo. */
export interface DebtState {
  readonly due: 'abort' | 'exit';
  how?: DebtSettled['how'];
  /** Paid before the end of the run. */
  early?: boolean;
}

/** How far a loop in batches has come. */
export interface BatchState {
  readonly done: number;
  readonly failed: LoopProgressed['failed'];
}
