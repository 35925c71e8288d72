import type { Instant } from './instant.ts';

/** Time as the engine sees it. A port, so that tests decide when it passes. */
export interface Clock {
  /** Wall clock: may jump. For moments. */
  now(): Instant;
  /** Milliseconds since an arbitrary start, never backwards. For lengths of time inside one process. */
  monotonic(): number;
  /** Milliseconds since the machine started, its sleep included (which `monotonic` leaves out); to about 10 ms. */
  uptime(): number;
  /** Resolves after that many milliseconds, or at once when the signal aborts; it never rejects. */
  sleep(millis: number, signal?: AbortSignal): Promise<void>;
}
