import { describe, expect, it } from 'vitest';
import type { ValueMap } from '../../engine/base/value.ts';
import type { Event } from '../../engine/model/event.ts';
import type { WhenLost } from '../../engine/model/failure-rules.ts';
import { StepError } from '../../engine/model/kind.ts';
import { FakeClock } from '../rig/fake-clock.ts';
import type { FakeKind } from '../rig/fake-steps.ts';
import { endings, life, ofType } from '../rig/interpreter.ts';
import type { LifeOptions } from '../rig/interpreter.ts';
import type { NodeForm } from '../rig/playbook.ts';

/** Processes that a test can lose, and that tell what became of them. */
class Processes {
  readonly story: string[] = [];
  readonly #lose: ((reason: string) => void)[] = [];
  #up = 0;
  most = 0;
  refuses = 0;

  get kind(): FakeKind {
    return {
      effect: 'write',
      begin: async (_: ValueMap, context) => {
        const { checkpoint } = context;
        if (this.refuses-- > 0) throw new StepError('no such host', { code: 'dns' });
        if (checkpoint !== undefined) this.story.push(`ends ${JSON.stringify(checkpoint)}`);
        const number = this.story.filter((line) => line.startsWith('begun')).length + 1;
        await context.saveCheckpoint(number);
        this.story.push(`begun ${String(number)}`);
        this.#up += 1;
        this.most = Math.max(this.most, this.#up);
        let gone = (): void => {
          this.#up -= 1;
          gone = () => undefined;
        };
        const lost = new Promise<string>((resolve) => {
          this.#lose.push((reason) => {
            gone();
            resolve(reason);
          });
        });
        return {
          lost,
          end: () => {
            this.story.push(`ended ${String(number)}`);
            gone();
            return Promise.resolve();
          },
        };
      },
    };
  }

  get up(): number {
    return this.#up;
  }

  lose(reason = 'it crashed'): void {
    this.#lose.at(-1)?.(reason);
  }
}

const tunnel = (whenLost: WhenLost = 'fail', ready = false): NodeForm => ({
  id: 'tunnel',
  uses: 'process',
  background: {
    whenLost,
    ...(ready && { ready: { uses: 'port', that: 'output.open', every: '1s', timeout: '10s' } }),
  },
});

const kindsFor = (processes: Processes, more: LifeOptions['kinds'] = {}): LifeOptions['kinds'] => ({
  process: processes.kind,
  read: {},
  loses: {
    run: async (_, { clock }) => {
      processes.lose();
      await clock.sleep(1);
      return {};
    },
  },
  minute: {
    run: async (_, { clock, signal }) => {
      await clock.sleep(60_000, signal);
      return {};
    },
  },
  ...more,
});

const changes = (events: readonly Event[]): readonly string[] =>
  ofType(events, 'background.changed').map(({ state }) => state);

describe('a process in the background', () => {
  it('lives until the run ends, and the step is over once it is ready', async () => {
    const processes = new Processes();
    let readings = 0;
    const port: FakeKind = { run: () => Promise.resolve({ open: ++readings > 2 }) };
    const { events, result, clock } = await life([tunnel('fail', true), { id: 'after', uses: 'read' }], {
      kinds: kindsFor(processes, { port }),
    });
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(clock.monotonic()).toBe(2000);
    expect(processes.story).toEqual(['begun 1', 'ended 1']);
    expect(changes(events)).toEqual(['ended']);
    // Whoever dies after the end of a run is not resumed: nothing may be left by then.
    expect(events.at(-1)?.type).toBe('run.finished');
  });

  it('fails its step when it is lost before it is ready, or never becomes ready', async () => {
    const processes = new Processes();
    const port: FakeKind = {
      run: () => {
        processes.lose('no route');
        return Promise.resolve({ open: false });
      },
    };
    const lost = await life([tunnel('fail', true)], { kinds: kindsFor(processes, { port }), answers: {} });
    expect(ofType(lost.events, 'step.attemptFailed')[0]?.error).toMatchObject({
      code: 'background',
      message: 'lost before it was ready: no route',
    });
    const never: FakeKind = { run: () => Promise.resolve({ open: false }) };
    const late = await life([tunnel('fail', true)], {
      kinds: kindsFor(processes, { port: never }),
      answers: { tunnel: [{ answer: 'skip', reason: 'r' }] },
    });
    expect(ofType(late.events, 'step.attemptFailed')[0]?.error.code).toBe('untilTimeout');
    expect(processes.up).toBe(0);
  });

  it('that is lost fails the next step, whose retry starts it again', async () => {
    const processes = new Processes();
    const { events, result } = await life(
      [tunnel(), { id: 'break', uses: 'loses' }, { id: 'next', uses: 'read' }, { id: 'last', uses: 'read' }],
      { kinds: kindsFor(processes), answers: { next: ['retry'] } },
    );
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(
      ofType(events, 'step.attemptFailed').map(({ key, error }) => [key, error.code, error.message]),
    ).toEqual([['next', 'background', 'the process in the background of "tunnel" is lost: it crashed']]);
    expect(changes(events)).toEqual(['lost', 'restarted', 'ended']);
    expect(processes.most).toBe(1);
  });

  it('that is lost is only told with `warn`', async () => {
    const processes = new Processes();
    const { events, result } = await life(
      [tunnel('warn'), { id: 'break', uses: 'loses' }, { id: 'next', uses: 'read' }],
      { kinds: kindsFor(processes) },
    );
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(ofType(events, 'background.changed')).toMatchObject([
      { state: 'lost', reason: 'it crashed', whenLost: 'warn' },
    ]);
  });

  it('that is lost is started again with `restart`, and the next step waits for it', async () => {
    const processes = new Processes();
    const { events, result, clock } = await life(
      [tunnel('restart'), { id: 'break', uses: 'loses' }, { id: 'next', uses: 'read' }],
      { kinds: kindsFor(processes) },
    );
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(changes(events)).toEqual(['lost', 'restarted', 'ended']);
    expect(clock.monotonic()).toBe(1000);
  });

  it('that five starts in a row do not bring back fails the next step', async () => {
    const processes = new Processes();
    const { events } = await life(
      [
        tunnel('restart'),
        { id: 'break', uses: 'loses' },
        { id: 'next', uses: 'read', onFailure: 'continue' },
      ],
      {
        kinds: kindsFor(processes, {
          loses: {
            run: async (_, { clock }) => {
              processes.refuses = 5;
              processes.lose();
              await clock.sleep(1);
              return {};
            },
          },
        }),
      },
    );
    const finished = ofType(events, 'step.finished').find(({ key }) => key === 'next');
    expect(finished?.error?.message).toContain('no such host, and 5 starts in a row failed');
  });

  it.each(['pause', 'stop'] as const)(
    'is ended by a %s, and started first when the run is resumed',
    async (how) => {
      const processes = new Processes();
      const steps: NodeForm[] = [tunnel(), { id: 'long', uses: 'minute' }, { id: 'after', uses: 'read' }];
      const clock = new FakeClock();
      const [pause, stop] = [new AbortController(), new AbortController()];
      const first = life(steps, {
        kinds: kindsFor(processes),
        clock,
        options: { pause: pause.signal, stop: stop.signal },
      });
      await clock.sleep(30_000);
      pause.abort();
      if (how === 'stop') stop.abort();
      const { result, events } = await first;
      expect(result).toMatchObject({ paused: true });
      expect(processes.up).toBe(0);
      expect(events.slice(-2).map(({ type }) => type)).toEqual(['background.changed', 'run.paused']);
      const second = await life(steps, { kinds: kindsFor(processes), history: events });
      expect(second.result).toEqual({ outcome: 'succeeded' });
      const types = second.events.slice(events.length).map(({ type }) => type);
      expect(types.slice(0, 2)).toEqual(['step.checkpoint', 'background.changed']);
      expect(processes.story).toEqual(['begun 1', 'ended 1', 'ends 1', 'begun 2', 'ended 2']);
    },
  );

  it('of a life that was killed is ended before it is started again, wherever that life died', async () => {
    const steps: NodeForm[] = [tunnel(), { id: 'after', uses: 'read' }];
    const { events } = await life(steps, { kinds: kindsFor(new Processes()) });
    const saved = events.findIndex(({ type }) => type === 'step.checkpoint');
    const ended = events.findIndex(({ type }) => type === 'run.finished');
    for (let died = saved; died < ended; died += 1) {
      const processes = new Processes();
      const second = await life(steps, { kinds: kindsFor(processes), history: events.slice(0, died + 1) });
      expect(second.result).toEqual({ outcome: 'succeeded' });
      expect(processes.story).toEqual(['ends 1', 'begun 1', 'ended 1']);
      expect(second.operator.questions).toEqual([]);
    }
  });

  it('is there for undos and debts, and ended after an abort too', async () => {
    const processes = new Processes();
    const { result, events } = await life(
      [
        tunnel(),
        {
          id: 'stop',
          uses: 'read',
          undo: { at: 'exit', pay: 'auto', steps: [{ id: 'start', uses: 'looks' }] },
        },
        { id: 'fatal', uses: 'broken', onFailure: 'abort' },
      ],
      {
        kinds: kindsFor(processes, {
          broken: { run: () => Promise.reject(new StepError('no', { code: 'no' })) },
          looks: { run: () => Promise.resolve({ up: processes.up }) },
        }),
      },
    );
    expect(result).toEqual({ outcome: 'failed' });
    expect(ofType(events, 'step.finished').find(({ key }) => key === 'stop!undo/start')?.output).toEqual({
      up: 1,
    });
    expect(endings(events)['tunnel']).toBe('succeeded/ok');
    expect(processes.up).toBe(0);
  });
});
