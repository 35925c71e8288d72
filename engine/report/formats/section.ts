import { oneLine } from '../../base/text.ts';

export type DocumentTone = 'good' | 'bad' | 'warn' | 'info';

export interface Section {
  readonly title: string;
  readonly note?: string;
  /** What becomes of each row in a ticket: a box to tick, one that is ticked, or none. */
  readonly tasks?: readonly ('open' | 'done' | 'none')[];
  readonly table: { readonly head: readonly string[]; readonly rows: readonly (readonly Cell[])[] };
}

/** `share`: from 0 to 1, to be drawn as a bar. `code`: a digest or an id. */
export interface Cell {
  readonly text: string;
  readonly tone?: DocumentTone;
  readonly share?: number;
  readonly code?: boolean;
}

/** A text on one line. */
export const cell = (text: string, tone?: DocumentTone): Cell => ({
  text: oneLine(text),
  ...(tone !== undefined && { tone }),
});
