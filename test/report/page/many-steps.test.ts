import { describe, expect, it } from 'vitest';
import type { Event } from '../../../engine/model/event.ts';
import { reportPage } from '../../../engine/report/page/report-page.ts';
import { Story, finished, started, stepFinished, stepStarted } from '../../measure/rig.ts';

/** A run of so many steps in ten phases; of each some are asked about, and some take another try. */
function longRun(steps: number): readonly Event[] {
  const story = new Story().add(started({ objectives: { rto: RTO } }));
  for (let at = 0; at < steps; at += 1) {
    const phase = `phase${String(Math.floor((at * 10) / steps))}`;
    const key = `${phase}/step${String(at)}`;
    const title = `Copy the files of customer ${String(at)} to the other region`;
    if (at % (steps / 10) === 0)
      story.add({ type: 'scope.entered', key: phase, kind: 'phase', title: phase });
    if (at % 50 === 0)
      story
        .add({ type: 'gate.opened', key, gate: `${key}#1`, question: { type: 'gate', title } })
        .wait(4000)
        .add({ type: 'gate.answered', key, gate: `${key}#1`, answer: 'go', by: 'ada' });
    story.add(stepStarted(key, title)).wait(900 + (at % 7) * 100);
    if (at % 20 === 0)
      story.add({
        ...{ type: 'step.attemptFailed', key, attempt: 1 },
        error: { code: 'E', message: 'not yet', changed: 'nothing', retryable: true },
      });
    story.add(stepFinished(key, 'succeeded', title));
    if ((at + 1) % (steps / 10) === 0) story.add({ type: 'scope.left', key: phase, outcome: 'done' });
  }
  return story.add(finished()).events;
}

const RTO = { targetMs: 3_600_000, from: 'declared', to: 'verified' };

describe('the page of a run of 5,000 steps', () => {
  it('is a file that can be mailed', async () => {
    const page = await reportPage(longRun(5000), {});
    expect(page).toContain('customer 4999');
    expect(Buffer.byteLength(page)).toBeLessThan(3_000_000);
  });
});
