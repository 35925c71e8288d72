import type { Json } from '../base/json.ts';

/** What went wrong, and whether anything was changed. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly changed: 'nothing' | 'maybe' | 'something';
  readonly retryable: boolean;
  readonly details?: Json;
}
