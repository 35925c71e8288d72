const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/**
 * One bar a value. The target is the height of the last bar but one, so that a full bar is one that
 * missed it; where all values are far below, they share the height among themselves.
 */
export function sparkline(values: readonly number[], target: number): string {
  const most = Math.max(0, ...values);
  const scale = most > target / 2 ? target : most;
  return values.map((value) => (value > target ? BARS[7] : BARS[barOf(value, scale)])).join('');
}

const barOf = (value: number, scale: number): number =>
  scale <= 0 ? 0 : Math.min(6, Math.floor((value / scale) * 6.999));
