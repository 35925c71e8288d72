import { brief } from '../../base/human.ts';

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Lengths that people count in, in microseconds. */
const STEPS = [
  ...[1, 2, 5, 10, 20, 30].map((length) => length * SECOND),
  ...[1, 2, 5, 10, 20, 30].map((length) => length * MINUTE),
  ...[1, 2, 4, 6, 12].map((length) => length * HOUR),
  ...[1, 2, 7, 14, 28, 91, 182, 364].map((length) => length * DAY),
];

/** Round moments between two, `most` of them at the most. */
export function ticks(from: number, to: number, most: number): readonly number[] {
  const step = STEPS.find((length) => (to - from) / length <= most) ?? (to - from) / most;
  if (!Number.isFinite(step) || step <= 0) return [];
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.max(0, Math.floor(to / step) - first + 1) }, (_, index) => {
    return (first + index) * step;
  });
}

/** `0`, `+5m`, `−30s`: how far from where the objective counts from. */
export function tickText(micros: number): string {
  if (micros === 0) return '0';
  return micros < 0 ? `−${brief(-micros / 1000)}` : `+${brief(micros / 1000)}`;
}
