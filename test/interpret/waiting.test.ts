import { describe, expect, it } from 'vitest';
import type { FakeKind } from '../rig/fake-steps.ts';
import { endings, environment, life, ofType } from '../rig/interpreter.ts';
import type { LifeOptions } from '../rig/interpreter.ts';
import type { NodeForm } from '../rig/playbook.ts';

const live = environment('staging');
const never = { that: 'output.ready', every: '10s' };
const slow: FakeKind = { effect: 'read', run: () => Promise.resolve({ ready: false }) };

/** Says at the first wait, and after that at no other, that it has lasted long enough. */
function impatient(): Pick<LifeOptions, 'stopsWaiting'> {
  let waits = 0;
  return { stopsWaiting: () => (waits++ === 0 ? Promise.resolve() : new Promise(() => undefined)) };
}

const once = (nodes: readonly NodeForm[], more: Partial<LifeOptions>) =>
  life(nodes, { kinds: { slow }, environment: live, ...impatient(), ...more });

describe('a wait that its operator ends', () => {
  it.each([undefined, 'continue', 'abort'] as const)(
    'leads to the question what now, whatever the step says of failures (%s)',
    async (onFailure) => {
      const step = { id: 'w', uses: 'slow', until: never, ...(onFailure !== undefined && { onFailure }) };
      const { operator, events } = await once([step, { id: 'after', uses: 'read' }], {
        kinds: { slow, read: {} },
        answers: { w: { answer: 'skip', reason: 'enough' } },
      });
      expect(operator.asked).toMatchObject([
        {
          type: 'failure',
          error: { code: 'stoppedWaiting', message: 'ada stopped waiting', changed: 'nothing' },
        },
      ]);
      expect(endings(events)).toEqual({ w: 'skipped/tolerated', after: 'succeeded/ok' });
    },
  );

  it('is not tried again by itself', async () => {
    const retry = { attempts: 5, delay: '1s' };
    const { operator } = await once([{ id: 'w', uses: 'slow', until: never, retry }], {
      answers: { w: 'abort' },
    });
    expect(operator.questions).toEqual(['failure w']);
  });

  it('goes on where the operator tries again, without a second effect', async () => {
    let readings = 0;
    const kinds = {
      deploy: { effect: 'write' as const, run: () => Promise.resolve({ id: 7 }) },
      look: { effect: 'read' as const, run: () => Promise.resolve({ ready: ++readings > 3 }) },
    };
    const until = { ...never, uses: 'look' };
    const { steps, events } = await once([{ id: 'w', uses: 'deploy', until }], {
      kinds,
      answers: { w: 'retry' },
    });
    expect(steps.count('deploy')).toBe(1);
    expect(ofType(events, 'step.finished')).toMatchObject([{ outcome: 'succeeded', output: { id: 7 } }]);
  });

  it('can be ended where a step waits for its provider, and finds what it began when it is tried again', async () => {
    const provider: FakeKind = {
      effect: 'write',
      run: async (_, context) => {
        if (context.checkpoint !== undefined) return { found: context.checkpoint };
        await context.saveCheckpoint('job 1');
        context.waiting({ class: 'external', reason: 'a restore' });
        await context.clock.sleep(3_600_000, context.signal);
        context.signal.throwIfAborted();
        return {};
      },
    };
    const { operator, events } = await once([{ id: 'w', uses: 'provider' }], {
      kinds: { provider },
      answers: { w: 'retry' },
    });
    expect(operator.asked).toMatchObject([{ error: { code: 'stoppedWaiting', changed: 'maybe' } }]);
    expect(ofType(events, 'step.finished')).toMatchObject([{ output: { found: 'job 1' } }]);
  });

  it('is offered only while something is waited for', async () => {
    const offered: string[] = [];
    const { signals } = await life(
      [
        { id: 'r', uses: 'read' },
        { id: 'w', title: 'Wait', uses: 'look', until: never },
      ],
      {
        kinds: {
          read: {},
          look: { effect: 'read', run: () => Promise.resolve({ ready: offered.length > 0 }) },
        },
        stopsWaiting: (title) => {
          offered.push(title);
          return new Promise(() => undefined);
        },
      },
    );
    expect(offered).toEqual(['Wait']);
    expect(signals.length).toBeGreaterThan(0);
  });
});
