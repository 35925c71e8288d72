import { describe, expect, it } from 'vitest';
import { StepError } from '../../engine/model/kind.ts';
import { endings, life, ofType } from '../rig/interpreter.ts';
import type { LifeOptions } from '../rig/interpreter.ts';

const succeed = (output = {}) => ({ run: () => Promise.resolve(output) });
const fail = (code = 'broken', changed: 'nothing' | 'maybe' | 'something' = 'nothing') => ({
  run: () => Promise.reject(new StepError('it broke', { code, changed })),
});

describe('a step', () => {
  it('starts, runs and finishes with its output', async () => {
    const { result, events, steps } = await life(
      [{ id: 'look', uses: 'read', with: { n: '${{ 1 + 1 }}' } }],
      {
        kinds: { read: { run: (args) => Promise.resolve({ twice: args['n'] ?? null }) } },
      },
    );
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(steps.runs).toEqual(['look read']);
    expect(ofType(events, 'step.started')[0]).toMatchObject({ key: 'look', effect: 'read', args: { n: 2 } });
    expect(ofType(events, 'step.finished')[0]).toMatchObject({ outcome: 'succeeded', output: { twice: 2 } });
  });

  it('is skipped when its `when` is false, and has no output then', async () => {
    const { events } = await life(
      [
        { id: 'a', uses: 'read', when: 'false' },
        {
          id: 'b',
          uses: 'read',
          with: {
            saw: '${{ steps.a.outcome }}',
            has: '${{ [has(steps.a.output), has(steps.a.output.n), has(steps.a.error)] }}',
            else: '${{ steps.a.?output.?n.orValue("none") }}',
          },
        },
      ],
      { kinds: { read: {} } },
    );
    expect(endings(events)).toEqual({ a: 'skipped/ok', b: 'succeeded/ok' });
    expect(ofType(events, 'step.started')[0]?.args).toEqual({
      saw: 'skipped',
      has: [false, false, false],
      else: 'none',
    });
  });

  it('fails when an assertion does not hold, with the words of its author', async () => {
    const { events, operator } = await life(
      [
        {
          id: 'count',
          uses: 'read',
          assert: [{ that: 'output.rows > 0', else: 'only ${{ output.rows }} rows' }],
        },
      ],
      { kinds: { read: succeed({ rows: 0 }) }, answers: { count: 'skip' } },
    );
    expect(operator.asked[0]).toMatchObject({
      type: 'failure',
      error: { code: 'assert', message: 'only 0 rows' },
    });
    expect(endings(events)).toEqual({ count: 'skipped/tolerated' });
  });

  it('succeeds by failing where that is expected, and only in the way that is expected', async () => {
    const steps = [
      { id: 'gone', uses: 'fails', expectFailure: 'error.code == "NoSuchBucket"' },
      { id: 'wrong', uses: 'fails', expectFailure: 'error.code == "other"' },
      { id: 'works', uses: 'read', expectFailure: 'error.code == "NoSuchBucket"' },
    ];
    const { events } = await life(steps, {
      kinds: { fails: fail('NoSuchBucket'), read: {} },
      answers: { wrong: 'skip', works: 'skip' },
    });
    expect(endings(events)).toEqual({
      gone: 'succeeded/ok',
      wrong: 'skipped/tolerated',
      works: 'skipped/tolerated',
    });
  });

  it('can end in an outcome of its own, which is an answer and no failure', async () => {
    const { events } = await life(
      [
        {
          id: 'compare',
          uses: 'read',
          outcomes: { wrongSet: 'output.missing > 0' },
          assert: [{ that: 'output.missing == 0' }],
          mark: ['verified'],
        },
        { id: 'then', uses: 'read', when: 'steps.compare.outcome == "wrongSet"' },
      ],
      { kinds: { read: succeed({ missing: 3 }) } },
    );
    expect(endings(events)).toEqual({ compare: 'wrongSet/ok', then: 'succeeded/ok' });
    expect(ofType(events, 'mark.set').map(({ mark }) => mark)).not.toContain('verified');
  });

  it('has an outcome over its output that only reads as if it were about a failure', async () => {
    const { events } = await life(
      [{ id: 'look', uses: 'read', outcomes: { broken: 'output.state == "in error"' } }],
      { kinds: { read: succeed({ state: 'in error' }) } },
    );
    expect(endings(events)).toEqual({ look: 'broken/ok' });
  });

  it('is found already done by its guard, and does nothing', async () => {
    const { events, steps } = await life(
      [
        {
          id: 'suspend',
          uses: 'write',
          guard: { uses: 'read', that: 'output.suspended' },
          mark: ['contained'],
        },
      ],
      { kinds: { write: { effect: 'write' }, read: succeed({ suspended: true }) } },
    );
    expect(endings(events)).toEqual({ suspend: 'alreadyDone/ok' });
    expect(steps.count('write')).toBe(0);
    expect(ofType(events, 'mark.set').map(({ mark }) => mark)).toContain('contained');
  });

  it('checks its requirements after the gate, directly before the effect', async () => {
    const order: string[] = [];
    const kinds = {
      write: { effect: 'write' as const, run: () => Promise.resolve({}).finally(() => order.push('write')) },
      read: { run: () => Promise.resolve({ ok: true }).finally(() => order.push('require')) },
    };
    await life(
      [
        {
          id: 'w',
          uses: 'write',
          confirm: { message: 'Go?' },
          require: [{ uses: 'read', that: 'output.ok' }],
        },
      ],
      {
        kinds,
        answers: {
          w: () => {
            order.push('gate');
            return 'go';
          },
        },
      },
    );
    expect(order).toEqual(['gate', 'require', 'write']);
  });

  it('reads for them without what the step itself has saved, before a second try too', async () => {
    const seen: unknown[] = [];
    let tries = 0;
    const kinds: LifeOptions['kinds'] = {
      long: {
        effect: 'write',
        run: async (_, context) => {
          if (++tries > 1) return {};
          await context.saveCheckpoint({ job: 7 });
          throw new StepError('the connection broke', { code: 'gone', changed: 'maybe' });
        },
      },
      read: {
        run: (_, context) => {
          seen.push(context.checkpoint);
          return Promise.resolve({ ok: true });
        },
      },
    };
    const { result } = await life(
      [{ id: 'copy', uses: 'long', require: [{ uses: 'read', that: 'output.ok' }] }],
      { kinds, answers: { copy: 'retry' } },
    );
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(seen).toEqual([undefined, undefined]);
  });

  it('fails when a requirement cannot be evaluated, and does nothing', async () => {
    const { events, steps } = await life(
      [
        {
          id: 'w',
          uses: 'write',
          require: [{ uses: 'read', that: 'output.absent > 1' }],
          onFailure: 'continue',
        },
      ],
      { kinds: { write: { effect: 'write' }, read: succeed({}) } },
    );
    expect(endings(events)).toEqual({ w: 'failed/tolerated' });
    expect(steps.count('write')).toBe(0);
  });

  it('records, marks and replaces targets for the rest of the run', async () => {
    const { events } = await life(
      [
        {
          id: 'restore',
          uses: 'write',
          record: { recoveryPoint: '${{ output.at }}' },
          mark: ['restored'],
          rebind: { 'databases.main': '${{ output.database }}' },
        },
        { id: 'look', uses: 'read', with: { database: '${{ env.databases.main }}' } },
      ],
      {
        kinds: { write: { effect: 'write', ...succeed({ at: 7, database: { name: 'new' } }) }, read: {} },
      },
    );
    expect(ofType(events, 'recorded')[0]).toMatchObject({ name: 'recoveryPoint', value: 7 });
    expect(ofType(events, 'step.started')[1]?.args).toEqual({ database: { name: 'new' } });
    expect(ofType(events, 'mark.set').map(({ mark }) => mark)).toContain('restored');
  });

  it('is timed out: its signal aborts, and a write that was cut short may have happened', async () => {
    const { events, operator } = await life([{ id: 'w', uses: 'slow', timeout: '10s' }], {
      kinds: {
        slow: {
          effect: 'write',
          run: async (_, { clock, signal }) => {
            await clock.sleep(3_600_000, signal);
            throw new Error('stopped');
          },
        },
      },
      answers: { w: { answer: 'accept', reason: 'seen in the dashboard' } },
    });
    expect(operator.asked[0]).toMatchObject({ error: { code: 'timeout', changed: 'maybe' } });
    expect(endings(events)).toEqual({ w: 'accepted/tolerated' });
  });

  it('is timed out even when its kind does not listen', async () => {
    const { events } = await life([{ id: 'r', uses: 'deaf', timeout: '1s', onFailure: 'continue' }], {
      kinds: { deaf: { run: () => new Promise(() => undefined) } },
    });
    expect(endings(events)).toEqual({ r: 'timedOut/tolerated' });
  });

  it('keeps secret parts of its output out of the journal, and later steps can use them', async () => {
    const concealed: string[] = [];
    let revealed = '';
    const { events } = await life(
      [
        { id: 'login', uses: 'login', secretOutput: ['token'] },
        { id: 'use', uses: 'use', with: { token: '${{ steps.login.output.token }}' } },
      ],
      {
        kinds: {
          login: succeed({ token: 'hunter2', user: 'ada' }),
          use: {
            run: async ({ token }, { secrets }) => {
              revealed = (await secrets.reveal(token as { $ref: string })).reveal();
              return {};
            },
          },
        },
        options: { conceal: (secret) => void concealed.push(secret) },
      },
    );
    expect(revealed).toBe('hunter2');
    expect(concealed).toEqual(['hunter2']);
    expect(JSON.stringify(events)).not.toContain('hunter2');
    expect(ofType(events, 'step.finished')[0]?.output).toMatchObject({ user: 'ada' });
  });

  it('says once that it takes longer than expected', async () => {
    const { signals, events } = await life([{ id: 'r', uses: 'slow', expect: '5m' }], {
      kinds: { slow: { run: (_, { clock }) => clock.sleep(3_600_000).then(() => ({})) } },
    });
    expect(signals).toEqual([
      { type: 'log', key: 'r', line: 'Takes longer than the 5m 00s that were expected' },
    ]);
    expect(ofType(events, 'step.started')[0]).toMatchObject({ expectMs: 300_000 });
  });

  it('can end in an outcome that names a failure', async () => {
    const { events } = await life(
      [{ id: 'look', uses: 'fails', outcomes: { gone: 'error.code == "404"', empty: 'output.n == 0' } }],
      { kinds: { fails: fail('404') } },
    );
    expect(endings(events)).toEqual({ look: 'gone/ok' });
  });

  it('shows what a kind did not foresee as a bug', async () => {
    const { operator } = await life([{ id: 'w', uses: 'write' }], {
      kinds: { write: { effect: 'write', run: () => Promise.reject(new TypeError('x is undefined')) } },
      answers: { w: 'abort' },
    });
    expect(operator.asked[0]).toMatchObject({
      error: { code: 'bug', message: 'unexpected: x is undefined', changed: 'maybe' },
    });
  });
});

describe('what a step costs', () => {
  it('writes the two events of a step that only computes in one go with its neighbours', async () => {
    const ids = Array.from({ length: 60 }, (_, index) => `s${String(index)}`);
    const { journal, events } = await life(
      ids.map((id) => ({ id, uses: 'none' })),
      { kinds: { none: { effect: 'none' } } },
    );
    expect(ofType(events, 'step.finished')).toHaveLength(60);
    expect(journal.appends).toBeLessThan(10);
  });

  it('does not write before the start of the step is durable', async () => {
    const { events } = await life(
      [
        { id: 'r', uses: 'read' },
        { id: 'w', uses: 'write' },
      ],
      {
        kinds: {
          read: {},
          write: {
            effect: 'write',
            run: (_, context) => context.saveCheckpoint({ seen: true }).then(() => ({})),
          },
        },
      },
    );
    const order = events.map(({ type }) => type).filter((type) => type.startsWith('step.'));
    expect(order).toEqual([
      'step.started',
      'step.finished',
      'step.started',
      'step.checkpoint',
      'step.finished',
    ]);
  });
});
