import { describe, expect, it } from 'vitest';
import { Instant } from '../../engine/base/instant.ts';
import { StepError } from '../../engine/model/kind.ts';
import { silence } from '../rig/fake-operator.ts';
import { endings, life, ofType } from '../rig/interpreter.ts';

/** Gives one reading after the other; an error is thrown, the last one is repeated. */
function readings(...values: readonly (number | Error)[]) {
  let next = 0;
  return {
    run: () => {
      const reading = values[Math.min(next++, values.length - 1)];
      return reading instanceof Error ? Promise.reject(reading) : Promise.resolve({ status: reading ?? 0 });
    },
  };
}

const unreachable = new StepError('connection refused', { code: 'ECONNREFUSED', retryable: true });

describe('until', () => {
  it('repeats a step that only reads, tells its readings apart and shows them', async () => {
    const { events, signals, steps } = await life(
      [
        {
          id: 'health',
          uses: 'http',
          until: { that: 'output.status == 200', every: '5s', show: 'status ${{ output.status }}' },
        },
      ],
      {
        kinds: { http: readings(unreachable, new StepError('bad', { code: 'bad' }), 503, 200) },
      },
    );
    expect(steps.count('http')).toBe(4);
    expect(signals).toMatchObject([
      { state: 'unreachable', text: 'connection refused' },
      { state: 'failed', text: 'bad' },
      { state: 'notYet', text: 'status 503' },
      { state: 'holds', text: 'status 200' },
    ]);
    expect(endings(events)).toEqual({ health: 'succeeded/ok' });
  });

  it('needs as many readings in a row as `stable` says, and marks the first of them', async () => {
    const { events } = await life(
      [
        {
          id: 'health',
          uses: 'http',
          until: { that: 'output.status == 200', every: '10s', stable: 3 },
          mark: ['serving'],
        },
      ],
      { kinds: { http: readings(200, 503, 200, 200, 200) } },
    );
    const mark = ofType(events, 'mark.set').find(({ mark }) => mark === 'serving');
    expect(new Instant(mark?.time ?? 0).toString()).toBe('2026-01-05T10:00:20.000Z');
    expect(ofType(events, 'step.finished')[0]?.at).toBe((mark?.time ?? 0) + 20_000_000);
  });

  it('gives up when its time is over, with the last reading', async () => {
    const { events, operator, clock } = await life(
      [{ id: 'health', uses: 'http', until: { that: 'output.status == 200', timeout: '1m', every: '7s' } }],
      { kinds: { http: readings(503) }, answers: { health: 'abort' } },
    );
    expect(operator.asked[0]).toMatchObject({
      error: { code: 'untilTimeout', message: 'not yet so after 1m 00s: output.status == 200' },
    });
    expect(clock.monotonic()).toBe(60_000);
    expect(endings(events)).toEqual({ health: 'timedOut/failed' });
  });

  it('shows what it is told to show while it waits, and says why when it gives up', async () => {
    const until = { that: 'output.status == 200', timeout: '1m', show: 'status ${{ output.status }}' };
    const { operator, signals } = await life(
      [{ id: 'health', uses: 'http', until: { ...until, else: 'The API answers ${{ output.status }}' } }],
      { kinds: { http: readings(503) }, answers: { health: 'abort' } },
    );
    expect(operator.asked[0]).toMatchObject({
      error: { message: 'not yet so after 1m 00s: The API answers 503' },
    });
    expect(signals).toContainEqual(expect.objectContaining({ text: 'status 503' }));
  });

  it('gives up at once when waiting is pointless', async () => {
    const { clock, operator } = await life(
      [
        {
          id: 'deploy',
          uses: 'http',
          until: { that: 'output.status == 200', failWhen: 'output.status == 410', timeout: '1h' },
        },
      ],
      { kinds: { http: readings(503, 410) }, answers: { deploy: 'abort' } },
    );
    expect(operator.asked[0]).toMatchObject({ error: { code: 'failWhen' } });
    expect(clock.monotonic()).toBe(5000);
  });

  it('waits before the first reading, and treats what cannot be judged as not yet so', async () => {
    const { signals, clock } = await life(
      [
        {
          id: 'h',
          uses: 'http',
          until: { that: 'output.body.ready', delay: '30s', timeout: '35s' },
          onFailure: 'continue',
        },
      ],
      { kinds: { http: readings(200) } },
    );
    expect(signals[0]).toMatchObject({ state: 'notYet' });
    expect(clock.monotonic()).toBe(35_000);
  });

  it('watches a probe after a write and never repeats the write', async () => {
    const { steps, events } = await life(
      [{ id: 'deploy', uses: 'write', until: { uses: 'http', that: 'output.status == 200' } }],
      { kinds: { write: { effect: 'write' }, http: readings(503, 503, 200) } },
    );
    expect(steps.count('write')).toBe(1);
    expect(steps.count('http')).toBe(3);
    expect(ofType(events, 'step.activity')[0]).toMatchObject({ class: 'external' });
  });

  it('cuts off a probe that hangs', async () => {
    const { events } = await life(
      [
        {
          id: 'deploy',
          uses: 'write',
          until: { uses: 'hang', that: 'output.ok', timeout: '1m' },
          onFailure: 'continue',
        },
      ],
      { kinds: { write: { effect: 'write' }, hang: { run: () => new Promise(() => undefined) } } },
    );
    expect(endings(events)).toEqual({ deploy: 'timedOut/tolerated' });
  });
});

describe('until on a step that people do', () => {
  const manual = { people: 'manual' as const, effect: 'none' as const };

  it('closes the gate by itself when the effect shows', async () => {
    const { events } = await life(
      [
        {
          id: 'dns',
          uses: 'manual',
          until: { uses: 'http', that: 'output.status == 200' },
          mark: ['serving'],
        },
      ],
      { kinds: { manual, http: readings(503, 200) }, answers: { dns: silence } },
    );
    expect(ofType(events, 'gate.answered')[0]).toMatchObject({ answer: 'done', by: 'until' });
    expect(endings(events)).toEqual({ dns: 'succeeded/ok' });
  });

  it('goes on watching when the operator says that it is done', async () => {
    const { events, steps } = await life(
      [{ id: 'dns', uses: 'manual', until: { uses: 'http', that: 'output.status == 200' } }],
      { kinds: { manual, http: readings(503, 503, 200) }, answers: { dns: 'done' } },
    );
    expect(steps.count('http')).toBe(3);
    expect(ofType(events, 'step.finished')[0]).toMatchObject({ outcome: 'succeeded', by: 'ada' });
  });

  it('does not approve anything when the time is over', async () => {
    const { events, operator } = await life([{ id: 'call', uses: 'manual', timeout: '10m' }], {
      kinds: { manual },
      answers: { call: [silence, 'abort'] },
    });
    expect(ofType(events, 'gate.answered')[0]).toMatchObject({ answer: 'closed', by: 'timeout' });
    expect(operator.asked[1]).toMatchObject({ type: 'failure', error: { code: 'timeout' } });
    expect(endings(events)).toEqual({ call: 'timedOut/failed' });
  });
});
