import { StepError } from '../../model/kind.ts';

/** One thing that was looked at. */
export interface Finding {
  readonly what: string;
  readonly verdict: 'ok' | 'warning' | 'problem';
  readonly detail: string;
  readonly hint?: string;
}

/** How long a target may take to answer. */
export const PATIENCE_MS = 15_000;

/** An error as what was found. */
export function explained(error: unknown): Pick<Finding, 'detail' | 'hint'> {
  const detail = error instanceof Error ? error.message : String(error);
  const hint = error instanceof StepError ? error.hint : undefined;
  return { detail, ...(hint !== undefined && { hint }) };
}
