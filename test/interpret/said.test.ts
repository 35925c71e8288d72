import { describe, expect, it } from 'vitest';
import { StepError, Stopped } from '../../engine/model/kind.ts';
import { reportAs } from '../rig/report-as.ts';
import type { FakeKind } from '../rig/fake-steps.ts';
import { life, ofType } from '../rig/interpreter.ts';

const SAID = { stdout: 'waits for 4711\n', stderr: 'ERROR: locked\n' };

/** Says why it waits, and goes on waiting until it is told to stop. */
const hanging: FakeKind = {
  effect: 'read',
  run: async (_, { clock, signal }) => {
    await clock.sleep(3_600_000, signal);
    throw new Stopped(signal.reason, SAID);
  },
};
const broken: FakeKind = {
  run: async (_, { clock, signal }) => {
    await clock.sleep(1000, signal);
    throw new StepError('it broke', { code: 'broken' });
  },
};
const kinds = { hanging, broken };

describe('what a step had said is kept', () => {
  it('when it is not done in time, for each attempt', async () => {
    const retry = { attempts: 2, delay: '1s' };
    const { events } = await life(
      [{ id: 'hangs', uses: 'hanging', timeout: '3s', retry, onFailure: 'continue' }],
      { kinds },
    );
    const failures = ofType(events, 'step.attemptFailed').map(({ error }) => error);
    expect(failures).toMatchObject([
      { code: 'timeout', details: SAID },
      { code: 'timeout', details: SAID },
    ]);
    expect(ofType(events, 'step.finished')).toMatchObject([
      { outcome: 'timedOut', error: { details: SAID } },
    ]);
  });

  it('when the time of an "until" is over, beside its last reading', async () => {
    const until = { that: 'output.ok', every: '1s', timeout: '5s' };
    const { events } = await life([{ id: 'hangs', uses: 'hanging', until, onFailure: 'continue' }], {
      kinds,
    });
    expect(ofType(events, 'step.attemptFailed')).toMatchObject([
      { error: { code: 'untilTimeout', details: { ...SAID, state: 'notYet' } } },
    ]);
  });

  it('when it is broken off because a branch beside it failed', async () => {
    const branches = {
      a: { steps: [{ id: 'hangs', uses: 'hanging' }] },
      b: { steps: [{ id: 'breaks', uses: 'broken', onFailure: 'abort' as const }] },
    };
    const { events } = await life([{ id: 'both', parallel: { branches } }], { kinds });
    const [ended] = ofType(events, 'step.finished').filter(({ key }) => key.endsWith('hangs'));
    expect(ended).toMatchObject({ outcome: 'cancelled', error: { code: 'cancelled', details: SAID } });
  });

  it('but not what is secret of it', async () => {
    const { events } = await life(
      [
        {
          id: 'hangs',
          uses: 'hanging',
          timeout: '3s',
          onFailure: 'continue',
          secretOutput: ['stdout'],
        },
      ],
      { kinds },
    );
    expect(JSON.stringify(events)).not.toContain('4711');
    expect(JSON.stringify(events)).toContain('ERROR: locked');
  });

  it('and stands in the report', async () => {
    const { events } = await life([{ id: 'hangs', uses: 'hanging', timeout: '3s', onFailure: 'continue' }], {
      kinds,
    });
    for (const format of ['text', 'md', 'html', 'json'] as const) {
      const report = await reportAs(format, events);
      expect(report, format).toContain('waits for 4711');
      expect(report, format).toContain('ERROR: locked');
    }
  });
});
