import { uptime } from 'node:os';
import { Instant } from '../base/instant.ts';
import type { Clock } from '../base/clock.ts';

/** The machine's own clocks. */
export const systemClock: Clock = {
  // Not performance.timeOrigin + now(): that would never show a jump of the wall clock.
  now: () => Instant.fromMillis(Date.now()),
  monotonic: () => performance.now(),
  uptime: () => uptime() * 1000,
  sleep: (millis, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const wake = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, millis);
      signal?.addEventListener('abort', wake, { once: true });
    }),
};
