import type { Span } from './file.ts';

export type Severity = 'error' | 'warning';

/**
 * What is wrong, where, and what would be right. Data: it is printed in one place
 * (`source/frame.ts`) and never edited on the way.
 */
export interface Diagnostic {
  /** `DB` and three digits; each is a section of docs/diagnostics.md with a failing example. */
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  /** Absent only when there is no text to point at: a file that does not exist. */
  readonly span?: Span;
  readonly related?: readonly { readonly message: string; readonly span: Span }[];
  /** What to do about it, in one sentence: `Did you mean "steps"?` */
  readonly hint?: string;
}
