/** For the screen only: gone when it is shown. */
export type Signal =
  | { readonly type: 'log'; readonly key: string; readonly line: string }
  | {
      readonly type: 'progress';
      readonly key: string;
      readonly done: number;
      readonly total?: number;
      readonly unit: string;
    }
  /** A reading of a poll: `notYet`, `failed` or `unreachable` told apart; `text` is what `show` or the error says. */
  | {
      readonly type: 'reading';
      readonly key: string;
      readonly state: 'holds' | 'notYet' | 'failed' | 'unreachable';
      readonly text: string;
      readonly inARow: number;
      readonly stable: number;
    };

/** The key of what a probe said that noticed the fault of a rehearsal. */
export const NOTICED = 'detect';
