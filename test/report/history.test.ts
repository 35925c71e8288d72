import { describe, expect, it } from 'vitest';
import { summarize } from '../../engine/measure/summary.ts';
import { trendsOf } from '../../engine/measure/trend.ts';
import { historyText } from '../../engine/report/history.ts';
import { sparkline } from '../../engine/report/sparkline.ts';
import { Story, finished, started } from '../measure/rig.ts';

describe('a sparkline', () => {
  it('is full where the target was missed, and only there', () => {
    expect(sparkline([10, 59, 60, 61, 600], 60)).toBe('▂▇▇██');
  });

  it('shares its height among values that are far below the target', () => {
    expect(sparkline([1, 2, 3], 1000)).toBe('▃▅▇');
  });

  it('is flat of nothing lost at all', () => {
    expect(sparkline([0, 0], 0)).toBe('▁▁');
    expect(sparkline([], 10)).toBe('');
  });
});

describe('the proofs of a backup', () => {
  const DAY_MS = 86_400_000;
  const proofs = (playbook: string) =>
    (['succeeded', 'failedVerification', 'succeeded', 'aborted', 'failedVerification'] as const).map(
      (outcome, day) =>
        summarize(
          new Story()
            .wait(day * DAY_MS)
            .add(started({ playbook }))
            .add(finished(outcome)).events,
        ),
    );

  it('are counted, with when it was proven last', () => {
    const text = historyText([], trendsOf(proofs('prove-shop')), {});
    expect(text).toMatch(/proven 2 of 5 times, the last time at \d{4}-\d\d-\d\d .* UTC ✓✗✓–✗/);
  });

  it('are nothing that other playbooks have', () => {
    expect(historyText([], trendsOf(proofs('shop-lost')), {})).not.toContain('proven 2');
  });
});
