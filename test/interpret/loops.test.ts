import { describe, expect, it } from 'vitest';
import type { ValueMap } from '../../engine/base/value.ts';
import type { Event } from '../../engine/model/event.ts';
import { StepError } from '../../engine/model/kind.ts';
import type { FakeKind } from '../rig/fake-steps.ts';
import { endings, environment, life, ofType } from '../rig/interpreter.ts';
import type { LifeOptions } from '../rig/interpreter.ts';
import { playbook } from '../rig/playbook.ts';
import type { NodeForm } from '../rig/playbook.ts';

const failing = new StepError('it broke', { code: 'broken' });

const kinds: LifeOptions['kinds'] = {
  read: { run: (args) => Promise.resolve({ ...args }) },
  write: { effect: 'write', run: (args) => Promise.resolve({ ...args }) },
  second: {
    run: async (args, { clock, signal }) => {
      await clock.sleep(1000, signal);
      return { ...args };
    },
  },
  // Fails for the items that are called bad.
  picky: {
    run: (args) =>
      typeof args['item'] === 'string' && args['item'].startsWith('bad')
        ? Promise.reject(failing)
        : Promise.resolve({ ...args }),
  },
};

const each = (
  forEach: Extract<NodeForm, { forEach: unknown }>['forEach'],
  ...steps: NodeForm[]
): NodeForm => ({
  id: 'loop',
  forEach,
  steps,
});

const after: NodeForm = {
  id: 'after',
  uses: 'read',
  with: { items: '${{ steps.loop.items }}', sums: '${{ steps.loop.output }}' },
};

const outputOf = (events: readonly Event[], key: string): unknown =>
  ofType(events, 'step.finished').find((event) => event.key === key)?.output;

describe('a loop over a list', () => {
  it('does its steps for each item, whose names are its own, and gives what came of each', async () => {
    const { events, steps } = await life(
      [
        each(
          {
            in: [
              { id: 'x', n: 1 },
              { id: 'y/z', n: 2 },
            ],
            as: 'thing',
            outputs: { twice: '${{ steps.second.output.n * 2 }}' },
          },
          { id: 'first', uses: 'read', with: { n: '${{ item.n }}' } },
          { id: 'second', uses: 'read', with: { n: '${{ steps.first.output.n + thing.n }}' } },
        ),
        after,
      ],
      { kinds },
    );
    expect(steps.runs).toEqual([
      'loop[x]/first read',
      'loop[x]/second read',
      'loop[y%2Fz]/first read',
      'loop[y%2Fz]/second read',
      'after read',
    ]);
    expect(outputOf(events, 'after')).toMatchObject({
      items: [
        { key: 'x', outcome: 'succeeded', output: { twice: 4 }, item: { id: 'x', n: 1 } },
        { key: 'y/z', outcome: 'succeeded', output: { twice: 8 } },
      ],
      sums: { count: 2, succeeded: 2, failed: 0 },
    });
  });

  it('goes over the entries of an object too, and over nothing', async () => {
    const { events } = await life(
      [
        each({ in: { api: 1, worker: 2 } }, { id: 'do', uses: 'read', with: { of: '${{ item.value }}' } }),
        { ...each({ in: [] }, { id: 'never', uses: 'read' }), id: 'empty' },
        after,
      ],
      { kinds },
    );
    expect(outputOf(events, 'after')).toMatchObject({
      items: [
        { key: 'api', output: { of: 1 } },
        { key: 'worker', output: { of: 2 } },
      ],
    });
  });

  it('works on so many at once', async () => {
    const { clock } = await life(
      [each({ in: [1, 2, 3, 4, 5], concurrency: 2 }, { id: 'do', uses: 'second' })],
      { kinds },
    );
    expect(clock.monotonic()).toBe(3000);
  });

  it('names things that its items create apart, whatever their keys hold', async () => {
    const named: string[] = [];
    const make: FakeKind = {
      effect: 'write',
      run: (_, context) => Promise.resolve(void named.push(context.resourceName())).then(() => ({})),
    };
    await life([each({ in: ['a.b', 'a-b'] }, { id: 'do', uses: 'make' })], { kinds: { make } });
    expect(named[0]).toMatch(/^drillbook-run1-loop-a-b-do-[0-9a-f]{8}$/);
    expect(new Set(named).size).toBe(2);
  });

  it('asks the operator about items that have the same key', async () => {
    const { operator, result } = await life(
      [each({ in: [1, 2], key: '"same"' }, { id: 'do', uses: 'read' }), { id: 'next', uses: 'read' }],
      { kinds, answers: { loop: { answer: 'skip', reason: 'no' } } },
    );
    expect(operator.asked[0]).toMatchObject({
      type: 'failure',
      error: { message: 'two items have the key same' },
    });
    expect(result).toEqual({ outcome: 'succeeded' });
  });

  it('tolerates so many failures, unasked, and no more', async () => {
    const loop = (tolerate: number): NodeForm =>
      each(
        { in: ['a', 'bad1', 'b', 'bad2', 'c'], tolerate },
        { id: 'do', uses: 'picky', with: { item: '${{ item }}' } },
      );
    const fine = await life([loop(2), after], { kinds });
    expect(fine.result).toEqual({ outcome: 'succeeded' });
    expect(outputOf(fine.events, 'after')).toMatchObject({
      sums: { count: 5, succeeded: 3, failed: 2 },
      items: [{}, { key: 'bad1', outcome: 'failed', error: { message: 'it broke' } }, {}, {}, {}],
    });
    const bad = await life([loop(1), after], { kinds });
    expect(bad.result).toEqual({ outcome: 'failed' });
    expect(Object.keys(endings(bad.events))).toHaveLength(4);
  });

  it('freezes its list: another life goes over the same items', async () => {
    let list = ['a', 'b'];
    const steps = [each({ in: '${{ env.values.list }}' }, { id: 'do', uses: 'write' })];
    const inEnvironment = () => ({ environment: environment('sandbox', { data: { values: { list } } }) });
    const whole = await life(steps, { kinds, ...inEnvironment() });
    const death = whole.events.findIndex(({ type }) => type === 'step.finished');
    list = ['c'];
    const second = await life(steps, {
      kinds,
      history: whole.events.slice(0, death + 1),
      ...inEnvironment(),
    });
    expect(second.steps.runs).toEqual(['loop[b]/do write']);
  });

  it('goes on at the item, and at the step inside of it', async () => {
    const steps = [
      each(
        { in: ['a', 'b', 'c'], concurrency: 2 },
        { id: 'first', uses: 'write' },
        { id: 'second', uses: 'write', with: { n: '${{ steps.first.outcome }}' } },
      ),
      after,
    ];
    const whole = await life(steps, { kinds });
    for (let seq = 2; seq < whole.events.length; seq++) {
      const second = await life(steps, {
        kinds: {
          ...kinds,
          write: { ...kinds['write'], reconcile: () => Promise.resolve({ verdict: 'notHappened' }) },
        },
        history: whole.events.slice(0, seq),
      });
      expect(second.result).toEqual({ outcome: 'succeeded' });
      expect(endings(second.events)).toEqual(endings(whole.events));
      expect(outputOf(second.events, 'after')).toEqual(outputOf(whole.events, 'after'));
      const finished = ofType(second.events, 'step.finished').map(({ key }) => key);
      expect(new Set(finished).size).toBe(finished.length);
    }
  });

  it('asks once before all items, and again only where more than that is to be seen', async () => {
    const destroy: FakeKind = { effect: 'destructive' };
    const loop = each(
      { in: ['a', 'b'], confirm: { message: 'All of them?' } },
      { id: 'do', uses: 'destroy', effect: 'destructive', noReturn: true },
    );
    const { operator, result } = await life([loop], {
      kinds: { destroy },
      environment: environment('production'),
      mode: 'recover',
      answers: { loop: 'go' },
    });
    expect(operator.questions).toEqual(['gate loop']);
    expect(operator.asked[0]).toMatchObject({
      ...{ message: 'All of them?', describe: '2 items: a, b' },
      ...{ effect: 'destructive', voidsUndo: true },
    });
    expect(result).toEqual({ outcome: 'succeeded' });
    const declined = await life([loop, { id: 'next', uses: 'read' }], {
      kinds: { destroy, read: {} },
      answers: { loop: { answer: 'decline', reason: 'no' } },
    });
    expect(declined.steps.runs).toEqual(['next read']);
  });

  it('says at its gate what the step does that it does for each, at its worst', async () => {
    const effectOfGate = async (uses: string, effect?: 'write') => {
      const step: NodeForm = {
        id: 'do',
        uses,
        with: { to: '${{ item }}' },
        ...(effect !== undefined && { effect }),
      };
      const loop = each({ in: ['a', 'b'], confirm: { message: 'All of them?' } }, step);
      const asked = await life([loop], {
        kinds: {
          stop: { effect: 'write' },
          any: { effect: 'unknown' },
          some: { effect: ({ to }: ValueMap) => (to === 'b' ? 'destructive' : 'read') },
        },
        answers: { loop: 'go' },
      });
      const [gate] = asked.operator.asked;
      return gate?.type === 'gate' ? gate.effect : undefined;
    };
    expect(await effectOfGate('stop')).toBe('write');
    expect(await effectOfGate('some')).toBe('destructive');
    expect(await effectOfGate('any')).toBe('unknown');
    expect(await effectOfGate('any', 'write')).toBe('write');
  });

  it('asks nobody where there is nothing to go over', async () => {
    const loop = each({ in: [], confirm: { message: 'All of them?' } }, { id: 'do', uses: 'write' });
    const { operator, result } = await life([loop], { kinds });
    expect(operator.questions).toEqual([]);
    expect(result).toEqual({ outcome: 'succeeded' });
  });

  it('keeps the undo of every item, but of those with an equal key only the first', async () => {
    const loop = (key?: string): NodeForm =>
      each(
        { in: ['a', 'b'] },
        {
          id: 'do',
          uses: 'write',
          undo: { at: 'exit', steps: [{ id: 'un', uses: 'write' }], ...(key !== undefined && { key }) },
        },
      );
    const all = await life([loop()], { kinds });
    expect(all.steps.runs.slice(2)).toEqual(['loop[b]/do!undo/un write', 'loop[a]/do!undo/un write']);
    const one = await life([loop('config')], { kinds });
    expect(one.steps.runs.slice(2)).toEqual(['loop[a]/do!undo/un write']);
  });

  it('has its debts settled by a later step, all of them, or item by item in a loop with the same keys', async () => {
    const stop = each(
      { in: ['a', 'b'] },
      { id: 'stop', uses: 'write', undo: { at: 'exit', steps: [{ id: 'start', uses: 'write' }] } },
    );
    const all = await life([stop, { id: 'resume', uses: 'write', settles: ['stop'] }], { kinds });
    expect(ofType(all.events, 'debt.settled').map(({ key, how }) => [key, how])).toEqual([
      ['loop[a]/stop', 'settled'],
      ['loop[b]/stop', 'settled'],
    ]);
    const some = await life(
      [
        stop,
        { id: 'again', forEach: { in: ['b'] }, steps: [{ id: 'resume', uses: 'write', settles: ['stop'] }] },
      ],
      { kinds },
    );
    expect(ofType(some.events, 'debt.settled').map(({ key, how }) => [key, how])).toEqual([
      ['loop[b]/stop', 'settled'],
      ['loop[a]/stop', 'paid'],
    ]);
  });

  it('has those of a called playbook settled by way of the call, and what is only taken back on an abort is not', async () => {
    const called = playbook({
      id: 'halt',
      steps: [
        each(
          { in: ['a', 'b'] },
          { id: 'stop', uses: 'write', undo: { at: 'exit', steps: [{ id: 'start', uses: 'write' }] } },
        ),
        { id: 'close', uses: 'write', undo: { at: 'abort', steps: [{ id: 'open', uses: 'write' }] } },
      ],
    });
    const call: NodeForm = { id: 'halt', playbook: called };
    const settledIn = async (...after: NodeForm[]) =>
      ofType((await life([call, ...after], { kinds })).events, 'debt.settled').map(({ key, how }) => [
        key,
        how,
      ]);
    const resume: NodeForm = { id: 'resume', uses: 'write', settles: ['halt'] };
    const a = 'halt/loop[a]/stop';
    const b = 'halt/loop[b]/stop';
    expect(await settledIn(resume)).toEqual([
      [a, 'settled'],
      [b, 'settled'],
    ]);
    expect(await settledIn({ id: 'again', forEach: { in: ['b'] }, steps: [resume] })).toEqual([
      [b, 'settled'],
      [a, 'paid'],
    ]);
    const broken: NodeForm = { id: 'broken', uses: 'picky', with: { item: 'bad' }, onFailure: 'abort' };
    expect(await settledIn(resume, broken)).toEqual([
      [a, 'settled'],
      [b, 'settled'],
      ['halt/close', 'paid'],
    ]);
  });
});

describe('a loop in batches', () => {
  const list = Array.from({ length: 25 }, (_, index) => (index === 7 ? 'bad7' : `item${String(index)}`));
  const loop = (tolerate: number): NodeForm =>
    each(
      { in: list, batch: 10, concurrency: 4, tolerate },
      {
        id: 'do',
        uses: 'picky',
        with: { item: '${{ item }}' },
        assert: [{ that: 'output.item != "item24"' }],
      },
    );

  it('has one event each for many items, and keeps those that failed', async () => {
    const { events, result } = await life([loop(2), after], { kinds });
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(ofType(events, 'step.started').map(({ key }) => key)).toEqual(['after']);
    expect(
      ofType(events, 'loop.progressed').map(({ done, failed }) => [done, failed.map(({ item }) => item)]),
    ).toEqual([
      [10, ['bad7']],
      [20, []],
      [25, ['item24']],
    ]);
    expect(outputOf(events, 'after')).toMatchObject({
      sums: { count: 25, succeeded: 23, failed: 2 },
      items: [{ key: 'bad7', item: 'bad7', error: { message: 'it broke' } }, { key: 'item24' }],
    });
  });

  it('ends when more fail than it tolerates', async () => {
    const { result, events } = await life([loop(0), after], { kinds });
    expect(result).toEqual({ outcome: 'failed' });
    expect(ofType(events, 'abort.begun')[0]).toMatchObject({ reason: 'loop (bad7): it broke' });
  });

  it('does at most one batch again in another life', async () => {
    const whole = await life([loop(2)], { kinds });
    const death = whole.events.findIndex(({ type }) => type === 'loop.progressed');
    const second = await life([loop(2)], { kinds, history: whole.events.slice(0, death + 1) });
    expect(second.steps.runs).toHaveLength(15);
    expect(second.result).toEqual({ outcome: 'succeeded' });
  });

  it('of many items stays small, and goes on only with the same list', async () => {
    // Too long to be kept in the journal: only its digest is.
    let many: readonly string[] = Array.from({ length: 5000 }, (_, index) => String(index).padStart(60, '0'));
    const steps = [each({ in: '${{ env.values.list }}', batch: 500 }, { id: 'do', uses: 'read' })];
    const quick: LifeOptions['kinds'] = { read: {} };
    const inEnvironment = () => ({
      environment: environment('sandbox', { data: { values: { list: many } } }),
    });
    const { events, result } = await life(steps, { kinds: quick, ...inEnvironment() });
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(JSON.stringify(events).length).toBeLessThan(20_000);
    const death = events.findIndex(({ type }) => type === 'loop.progressed');
    many = many.slice(1);
    const second = await life(steps, {
      kinds: quick,
      history: events.slice(0, death + 1),
      ...inEnvironment(),
    });
    expect(second.operator.asked[0] ?? second.result).toMatchObject({
      error: {
        message: 'the list is another one than when this loop began (5000 items then, 4999 now)',
      },
    });
  });
});

describe('rounds', () => {
  const counting = (): FakeKind => {
    let n = 0;
    return { run: () => Promise.resolve({ n: ++n }) };
  };

  const hunt = (repeat: Partial<Extract<NodeForm, { repeat: unknown }>['repeat']> = {}): NodeForm => ({
    id: 'hunt',
    repeat: {
      accept: 'steps.look.output.n == 3',
      steps: [
        { id: 'look', uses: 'count' },
        {
          id: 'compare',
          uses: 'read',
          with: { before: '${{ previous.steps.look.?output }}', round: '${{ previous.round }}' },
        },
      ],
      ...repeat,
    },
  });

  const last: NodeForm = {
    id: 'last',
    uses: 'read',
    with: { n: '${{ steps.look.output.n }}', rounds: '${{ steps.hunt.output.rounds }}' },
  };

  it('go on until one is accepted; after it names are those of the last', async () => {
    const { events } = await life([hunt({ pause: '1m' }), last], { kinds: { ...kinds, count: counting() } });
    expect(outputOf(events, 'last')).toEqual({ n: 3, rounds: 3 });
    expect(outputOf(events, 'hunt#1/compare')).toEqual({ before: null, round: 0 });
    expect(outputOf(events, 'hunt#3/compare')).toEqual({ before: { n: 2 }, round: 2 });
    expect(ofType(events, 'scope.left').map(({ key, output }) => [key, output])).toEqual([
      ['hunt#1', { accepted: false }],
      ['hunt#2', { accepted: false }],
      ['hunt#3', { accepted: true }],
      ['hunt', { rounds: 3 }],
    ]);
  });

  it('end early with `next`, by a step or by its failure', async () => {
    const { steps } = await life(
      [
        hunt({
          steps: [
            { id: 'look', uses: 'count' },
            { id: 'tooEarly', uses: 'read', when: 'steps.look.output.n == 1', next: 'hunt' },
            {
              id: 'check',
              uses: 'picky',
              with: { item: '${{ steps.look.output.n == 2 ? "bad" : "good" }}' },
              onFailure: { next: 'hunt' },
            },
            { id: 'end', uses: 'read' },
          ],
        }),
      ],
      { kinds: { ...kinds, count: counting() } },
    );
    expect(steps.runs).toEqual([
      'hunt#1/look count',
      'hunt#1/tooEarly read',
      'hunt#2/look count',
      'hunt#2/check picky',
      'hunt#3/look count',
      'hunt#3/check picky',
      'hunt#3/end read',
    ]);
  });

  it('leave it to the operator when none of as many as planned was accepted', async () => {
    const { events, operator } = await life([hunt({ max: 1 }), last], {
      kinds: { ...kinds, count: counting() },
      answers: { 'hunt#1/accept': 'retry', 'hunt#2/accept': { answer: 'accept', reason: 'good enough' } },
    });
    expect(operator.questions).toEqual(['failure hunt#1/accept', 'failure hunt#2/accept']);
    expect(outputOf(events, 'last')).toEqual({ n: 2, rounds: 2 });
  });

  it('go on in another life where they were', async () => {
    const steps = [hunt(), last];
    const whole = await life(steps, { kinds: { ...kinds, count: counting() } });
    for (let seq = 2; seq < whole.events.length; seq++) {
      const history = whole.events.slice(0, seq);
      let n = ofType(history, 'step.finished').filter(({ key }) => key.endsWith('/look')).length;
      const count: FakeKind = { run: () => Promise.resolve({ n: ++n }) };
      const second = await life(steps, { kinds: { ...kinds, count }, history });
      expect(endings(second.events)).toEqual(endings(whole.events));
      expect(outputOf(second.events, 'last')).toEqual({ n: 3, rounds: 3 });
    }
  });

  it('keep the debts of all rounds; a later step settles that of the last', async () => {
    const { events } = await life(
      [
        hunt({
          steps: [{ id: 'look', uses: 'count', undo: { at: 'exit', steps: [{ id: 'un', uses: 'write' }] } }],
        }),
        { id: 'keep', uses: 'write', settles: ['look'] },
      ],
      { kinds: { ...kinds, count: { ...counting(), effect: 'write' } } },
    );
    expect(ofType(events, 'debt.settled').map(({ key, how }) => [key, how])).toEqual([
      ['hunt#3/look', 'settled'],
      ['hunt#2/look', 'paid'],
      ['hunt#1/look', 'paid'],
    ]);
  });
});
