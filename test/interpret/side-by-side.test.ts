import { describe, expect, it } from 'vitest';
import type { Event } from '../../engine/model/event.ts';
import { StepError } from '../../engine/model/kind.ts';
import { silence } from '../rig/fake-operator.ts';
import type { FakeKind } from '../rig/fake-steps.ts';
import { endings, life, ofType } from '../rig/interpreter.ts';
import type { LifeOptions } from '../rig/interpreter.ts';
import type { NodeForm } from '../rig/playbook.ts';

const sleeping = (millis: number, effect: 'read' | 'write' = 'read'): FakeKind => ({
  effect,
  run: async (_, { clock, signal }) => {
    await clock.sleep(millis, signal);
    if (signal.aborted) throw new Error('broken off');
    return { slept: millis };
  },
});

const broken: FakeKind = { run: () => Promise.reject(new StepError('it broke', { code: 'broken' })) };

const kinds: LifeOptions['kinds'] = {
  read: { run: (args) => Promise.resolve({ ...args }) },
  write: { effect: 'write' },
  second: sleeping(1000),
  hour: sleeping(3_600_000),
  longWrite: sleeping(60_000, 'write'),
  broken,
};

const both = (a: readonly NodeForm[], b: readonly NodeForm[], onFailure?: 'cancel' | 'wait'): NodeForm => ({
  id: 'both',
  parallel: {
    branches: { a: { steps: a }, b: { steps: b } },
    ...(onFailure !== undefined && { onFailure }),
  },
});

const stepsOf = (events: readonly Event[]): readonly string[] =>
  ofType(events, 'step.finished').map(({ key }) => key);

describe('branches side by side', () => {
  it('go on at the same time, are joined, and their steps are known afterwards', async () => {
    const { events, clock, result } = await life(
      [
        both([{ id: 'one', uses: 'hour' }], [{ id: 'other', uses: 'hour' }]),
        {
          id: 'after',
          uses: 'read',
          with: { n: '${{ steps.one.output.slept + steps.other.output.slept }}' },
        },
      ],
      { kinds },
    );
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(clock.monotonic()).toBe(3_600_000);
    expect(stepsOf(events)).toEqual(['both/a/one', 'both/b/other', 'after']);
    expect(ofType(events, 'step.finished').at(-1)?.output).toEqual({ n: 7_200_000 });
    expect(ofType(events, 'scope.entered').map(({ key, kind }) => [key, kind])).toEqual([
      ['both', 'parallel'],
      ['both/a', 'lane'],
      ['both/b', 'lane'],
    ]);
  });

  it('are cancelled when one fails: what reads is broken off, what writes comes to its end, nothing is begun', async () => {
    const { events, result, clock } = await life(
      [
        {
          id: 'all',
          parallel: {
            branches: {
              failing: {
                steps: [
                  { id: 'wait', uses: 'second' },
                  { id: 'bad', uses: 'broken', onFailure: 'abort' },
                ],
              },
              reading: {
                steps: [
                  { id: 'long', uses: 'hour' },
                  { id: 'then', uses: 'read' },
                ],
              },
              writing: {
                steps: [
                  { id: 'copy', uses: 'longWrite' },
                  { id: 'more', uses: 'write' },
                ],
              },
            },
          },
        },
        { id: 'after', uses: 'read' },
      ],
      { kinds },
    );
    expect(result).toEqual({ outcome: 'failed' });
    expect(clock.monotonic()).toBe(60_000);
    expect(endings(events)).toEqual({
      'all/failing/wait': 'succeeded/ok',
      'all/failing/bad': 'failed/failed',
      'all/reading/long': 'cancelled/tolerated',
      'all/writing/copy': 'succeeded/ok',
    });
    expect(
      Object.fromEntries(ofType(events, 'scope.left').map(({ key, outcome }) => [key, outcome])),
    ).toEqual({
      'all/failing': 'failed',
      'all/reading': 'cancelled',
      'all/writing': 'cancelled',
    });
  });

  it('go on to their ends with `wait`, and then the failure counts', async () => {
    const { events, result } = await life(
      [
        both(
          [{ id: 'bad', uses: 'broken', onFailure: 'abort' }],
          [
            { id: 'long', uses: 'hour' },
            { id: 'then', uses: 'read' },
          ],
          'wait',
        ),
        { id: 'after', uses: 'read' },
      ],
      { kinds },
    );
    expect(result).toEqual({ outcome: 'failed' });
    expect(endings(events)).toEqual({
      'both/a/bad': 'failed/failed',
      'both/b/long': 'succeeded/ok',
      'both/b/then': 'succeeded/ok',
    });
  });

  it('ask one question at a time', async () => {
    let open = 0;
    const asking = async () => {
      open += 1;
      expect(open).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      open -= 1;
      return { answer: 'go' as const };
    };
    const gate = (id: string): NodeForm => ({ id, uses: 'write', confirm: { message: 'Go?' } });
    const { events, result } = await life([both([gate('one')], [gate('other')])], {
      kinds,
      answers: { one: asking, other: asking },
    });
    expect(result).toEqual({ outcome: 'succeeded' });
    const gates = events.filter(({ type }) => type.startsWith('gate.')).map(({ type }) => type);
    expect(gates).toEqual(['gate.opened', 'gate.answered', 'gate.opened', 'gate.answered']);
  });

  it('close a question that nobody needs any more', async () => {
    const { events, result } = await life(
      [
        both(
          [
            { id: 'wait', uses: 'second' },
            { id: 'bad', uses: 'broken', onFailure: 'abort' },
          ],
          [{ id: 'gate', uses: 'write', confirm: { message: 'Go?' } }],
        ),
      ],
      { kinds, answers: { gate: silence } },
    );
    expect(result).toEqual({ outcome: 'failed' });
    expect(ofType(events, 'gate.answered')).toMatchObject([
      { key: 'both/b/gate', answer: 'closed', by: 'engine' },
    ]);
    expect(endings(events)['both/b/gate']).toBe('cancelled/tolerated');
  });

  it('all stop when one needs an operator, and go on where they were', async () => {
    const steps = [
      both(
        [{ id: 'gate', uses: 'write', confirm: { message: 'Go?' } }],
        [
          { id: 'copy', uses: 'longWrite' },
          { id: 'last', uses: 'write' },
        ],
      ),
    ];
    const first = await life(steps, { kinds });
    expect(first.events.at(-1)).toMatchObject({ type: 'run.paused', reason: 'an operator is needed' });
    expect(endings(first.events)).toEqual({ 'both/b/copy': 'succeeded/ok' });
    const second = await life(steps, { kinds, history: first.events, answers: { gate: 'go' } });
    expect(second.result).toEqual({ outcome: 'succeeded' });
    expect(second.steps.runs.toSorted()).toEqual(['both/a/gate write', 'both/b/last write']);
  });

  it('are not all begun anew in another life: a failure that is journaled ends the others at once', async () => {
    const steps = [
      both(
        [
          { id: 'wait', uses: 'second' },
          { id: 'bad', uses: 'broken', onFailure: 'abort' },
        ],
        [
          { id: 'long', uses: 'hour' },
          { id: 'then', uses: 'write' },
        ],
      ),
    ];
    const whole = await life(steps, { kinds });
    const death = whole.events.findIndex(
      (event) => event.type === 'step.finished' && event.key === 'both/a/bad',
    );
    const second = await life(steps, { kinds, history: whole.events.slice(0, death + 1) });
    expect(second.steps.runs).toEqual([]);
    expect(endings(second.events)).toEqual(endings(whole.events));
    expect(second.result).toEqual({ outcome: 'failed' });
  });

  it('are skipped one by one with `when`', async () => {
    const { steps } = await life(
      [
        {
          id: 'some',
          parallel: {
            branches: {
              yes: { when: 'true', steps: [{ id: 'in', uses: 'read' }] },
              no: { when: 'false', steps: [{ id: 'out', uses: 'read' }] },
            },
          },
        },
      ],
      { kinds },
    );
    expect(steps.runs).toEqual(['some/yes/in read']);
  });

  it('are taken back newest first, whichever branch they are of, also in another life', async () => {
    const undoable = (id: string, uses: string): NodeForm => ({
      id,
      uses,
      undo: { at: 'abort', steps: [{ id: `un${id}`, uses: 'write' }] },
    });
    const steps: NodeForm[] = [
      both([{ id: 'late', uses: 'second' }, undoable('a1', 'write')], [undoable('b1', 'write')]),
      { id: 'bad', uses: 'broken', onFailure: 'abort' },
    ];
    const whole = await life(steps, { kinds });
    const undone = (events: readonly Event[]): readonly string[] =>
      ofType(events, 'debt.settled').map(({ key }) => key);
    expect(undone(whole.events)).toEqual(['both/a/a1', 'both/b/b1']);
    const death = whole.events.findIndex(({ type }) => type === 'abort.begun');
    const second = await life(steps, { kinds, history: whole.events.slice(0, death + 1) });
    expect(undone(second.events)).toEqual(undone(whole.events));
  });
});
