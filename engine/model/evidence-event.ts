import type { Json } from '../base/json.ts';

// What a run proves, and what it owes.

/** A mark reached, moved or corrected (`at` of the mark, not of the event), or taken back (`time` null). */
export interface MarkSet {
  readonly type: 'mark.set';
  readonly mark: string;
  /** Microseconds since the epoch. */
  readonly time: number | null;
  readonly key?: string;
  readonly source: 'run' | 'fault' | 'detect' | 'step' | 'operator' | 'correction';
}

export interface Recorded {
  readonly type: 'recorded';
  readonly key: string;
  readonly name: string;
  readonly value: Json;
}

export interface NoteAdded {
  readonly type: 'note.added';
  readonly key?: string;
  readonly text: string;
  readonly by: string;
}

export interface DebtOpened {
  readonly type: 'debt.opened';
  readonly key: string;
  readonly title: string;
  /** The undo's `at`; `at` itself is the envelope's. */
  readonly due: 'abort' | 'exit';
}

export interface DebtSettled {
  readonly type: 'debt.settled';
  readonly key: string;
  readonly how: 'settled' | 'paid' | 'void' | 'declined' | 'failed';
  /** Paid by a step, before the end of the run. */
  readonly early?: boolean;
  readonly by?: string;
}

/** The sandbox held the acknowledged rows against the recovered database, and the acknowledged uploads against the bucket. */
export interface LossCounted extends CountedLoss {
  readonly type: 'loss.counted';
  /** Absent in journals of before. */
  readonly uploads?: CountedLoss;
}

export interface CountedLoss {
  readonly acknowledged: number;
  readonly lost: number;
  /** Microseconds since the epoch. */
  readonly newestKept?: number;
  readonly oldestLost?: number;
  readonly newestLost?: number;
}

/** What was lost could not be counted: the recovered database, if there is one, cannot be read. */
export interface LossUncounted {
  readonly type: 'loss.uncounted';
  readonly reason: string;
}
