import { describe, expect, it } from 'vitest';
import type { Event } from '../../engine/model/event.ts';
import { StepError } from '../../engine/model/kind.ts';
import { endings, life, ofType, setUp } from '../rig/interpreter.ts';
import { interpret } from '../../engine/interpret/run.ts';

const write = { effect: 'write' as const };
const fails = {
  effect: 'write' as const,
  run: () => Promise.reject(new StepError('no', { code: 'no', changed: 'nothing' })),
};
/** Not a failure that a kind foresees: a fault of the engine, as far as it can be stood in for. */
const faulty = {
  effect: 'write' as const,
  describe: (): string => {
    throw new TypeError('cannot read properties of undefined');
  },
};
const kinds = { write, fails, faulty, read: {} };

describe('the end of a run', () => {
  it('comes although what was lost cannot be counted, which is said', async () => {
    const { events, result } = await life([{ id: 'work', uses: 'write' }], {
      kinds,
      options: { countLoss: () => Promise.reject(new Error('invalid page in block 0')) },
    });
    expect(ofType(events, 'loss.uncounted')).toMatchObject([{ reason: 'invalid page in block 0' }]);
    expect(events.at(-1)).toMatchObject({ type: 'run.finished', outcome: 'succeeded' });
    expect(result).toEqual({ outcome: 'succeeded' });
  });

  describe('counts what is lost', () => {
    const counted = { type: 'loss.counted', acknowledged: 3, lost: 1 } as const;
    const owing = {
      id: 'copy',
      uses: 'write',
      undo: { at: 'exit' as const, pay: 'ask' as const, steps: [{ id: 'drop', uses: 'write' }] },
    };
    const order = (events: readonly Event[]): readonly string[] =>
      events
        .map(({ type }) => type)
        .filter((type) => ['loss.counted', 'debt.settled', 'run.finished'].includes(type));

    it('while what was recovered still stands, and once', async () => {
      const options = { countLoss: () => Promise.resolve(counted) };
      const first = await life([owing], { kinds, options, answers: { copy: 'pause' } });
      expect(first.result).toMatchObject({ paused: true });
      expect(order(first.events)).toEqual(['loss.counted']);
      const second = setUp([owing], { kinds, options, history: first.events, answers: { copy: 'pay' } });
      await interpret(second.options);
      expect(order(second.events)).toEqual(['loss.counted', 'debt.settled', 'run.finished']);
    });

    it('after an abort in what was put back', async () => {
      const broken = { id: 'broken', uses: 'fails', onFailure: 'abort' as const };
      const { events } = await life([owing, broken], {
        kinds,
        options: { countLoss: () => Promise.resolve(counted) },
        answers: { copy: 'pay' },
      });
      expect(order(events)).toEqual(['debt.settled', 'loss.counted', 'run.finished']);
    });
  });

  it.each(['write', 'fails', 'faulty'])(
    'after an abort pays every other debt and does what is always done, though one undo is "%s"',
    async (kind) => {
      const { events, steps } = await life(
        {
          steps: [
            {
              id: 'first',
              uses: 'write',
              undo: { at: 'exit', pay: 'auto', steps: [{ id: 'one', uses: 'write' }] },
            },
            {
              id: 'second',
              uses: 'write',
              undo: { at: 'abort', pay: 'auto', steps: [{ id: 'two', uses: kind, onFailure: 'abort' }] },
            },
            { id: 'broken', uses: 'fails', onFailure: 'abort' },
          ],
          always: [
            { id: 'tidy', uses: kind, onFailure: 'abort' },
            { id: 'tell', uses: 'read' },
          ],
        },
        { kinds },
      );
      expect(events.at(-1)).toMatchObject({ type: 'run.finished', outcome: 'failed' });
      expect(ofType(events, 'debt.settled').map(({ key, how }) => `${key} ${how}`)).toEqual([
        `second ${kind === 'write' ? 'paid' : 'failed'}`,
        'first paid',
      ]);
      expect(steps.runs).toContain('always/tell read');
    },
  );

  it('comes although a process in the background cannot be ended, which is said', async () => {
    const stubborn = {
      effect: 'write' as const,
      begin: () =>
        Promise.resolve({
          lost: new Promise<string>(() => undefined),
          end: () => Promise.reject(new Error('no such host')),
        }),
    };
    const { events } = await life([{ id: 'tunnel', uses: 'stubborn', background: {} }], {
      kinds: { stubborn },
    });
    expect(ofType(events, 'background.changed')).toMatchObject([{ state: 'left', reason: 'no such host' }]);
    expect(events.at(-1)).toMatchObject({ type: 'run.finished', outcome: 'succeeded' });
  });

  it('can be paused, and goes on where it stood', async () => {
    const form = [
      {
        id: 'stop',
        uses: 'write',
        undo: { at: 'exit' as const, pay: 'ask' as const, steps: [{ id: 'start', uses: 'write' }] },
      },
    ];
    const first = await life(form, { kinds, answers: { stop: 'pause' } });
    expect(first.result).toMatchObject({ paused: true });
    const second = setUp(form, { kinds, history: first.events, answers: { stop: 'pay' } });
    await interpret(second.options);
    expect(endings(second.events)).toMatchObject({ 'stop!undo/start': 'succeeded/ok' });
    expect(second.events.at(-1)).toMatchObject({ type: 'run.finished', outcome: 'succeeded' });
  });
});
