import { describe, expect, it } from 'vitest';
import type { RpoVerdict } from '../../engine/measure/loss.ts';
import { lossWindow } from '../../engine/report/loss-window.ts';
import { START } from '../measure/rig.ts';

const OPEN: RpoVerdict = {
  verdict: 'met',
  targetMs: 60_000,
  evidence: 'heartbeat',
  to: 'fenced',
  recoveryPoint: START,
  lostUntil: START + 5e6,
  actualMs: 5000,
  beforeMs: 2000,
  afterMs: 3000,
};
const WINDOW: RpoVerdict = { ...OPEN, endedBy: 'fenced' };

describe('the loss window in words', () => {
  it('has its two parts', () => {
    expect(lossWindow(WINDOW)).toMatch(
      /^2\.0s before the accident and 3\.0s after it\. From .* to .*could write/,
    );
  });

  it('is one where nothing need have failed', () => {
    const move: RpoVerdict = {
      verdict: 'met',
      targetMs: 60_000,
      evidence: 'heartbeat',
      to: 'newestLost',
      recoveryPoint: START,
      lostUntil: START + 5e6,
      actualMs: 5000,
      endedBy: 'newestLost',
    };
    expect(lossWindow(move)).toMatch(/^5\.0s, whether or not anything failed\. From .* to .*left behind/);
    expect(lossWindow({ ...move, isAtLeast: true })).toMatch(/^at least 5\.0s, /);
  });

  it('is at least so long on the side that nothing shows: where it ends, or where it begins', () => {
    expect(lossWindow({ ...OPEN, isAtLeast: true })).toMatch(/^2\.0s before .* and at least 3\.0s after it/);
    expect(lossWindow({ ...WINDOW, isAtLeast: true })).toMatch(
      /^at least 2\.0s before .* and 3\.0s after it/,
    );
  });
});
