import { Instant } from '../../engine/base/instant.ts';
import type { Event, EventBody, RunStarted } from '../../engine/model/event.ts';
import fc from '../rig/fast-check.ts';

export const START = Date.UTC(2026, 10, 22, 14, 55) * 1000;

/** Writes down a run as it goes: `wait` lets time pass on both clocks. */
export class Story {
  readonly events: Event[] = [];
  #at = START;
  #up = 0;

  wait(millis: number): this {
    this.#at += millis * 1000;
    this.#up += millis;
    return this;
  }

  /** The process dies, and time goes on without it. */
  die(millis: number): this {
    this.#at += millis * 1000;
    this.#up = 3;
    return this;
  }

  /** The wall clock is set. */
  setClock(millis: number): this {
    this.#at += millis * 1000;
    return this.add({ type: 'clock.jumped', byMs: millis, sleptMs: 0 });
  }

  /** The machine sleeps: the monotonic clock stands still meanwhile. */
  sleep(millis: number): this {
    this.#at += millis * 1000;
    return this.add({ type: 'clock.jumped', byMs: millis, sleptMs: millis });
  }

  /** What journals say of either that were written before it was asked which it was. */
  jump(millis: number): this {
    this.#at += millis * 1000;
    return this.add({ type: 'clock.jumped', byMs: millis });
  }

  add(...bodies: readonly EventBody[]): this {
    for (const body of bodies) {
      this.events.push({ ...body, seq: this.events.length + 1, at: this.#at, up: this.#up });
    }
    return this;
  }

  get now(): Instant {
    return new Instant(this.#at);
  }
}

export const started = (change: Partial<RunStarted> = {}): RunStarted => ({
  type: 'run.started',
  run: '20261122-1455-k3f9',
  mode: 'drill',
  playbook: 'database-corruption',
  title: 'Database corruption',
  environment: { name: 'sandbox', kind: 'sandbox' },
  operator: 'ada',
  host: 'laptop',
  pid: 7,
  unattended: false,
  engine: '0.1.0',
  sources: [],
  objectives: {},
  answers: {},
  ...change,
});

export const stepStarted = (key: string, title = `Step ${key}`): EventBody => ({
  type: 'step.started',
  key,
  title,
  kind: 'wait',
  effect: 'none',
  describe: 'Waits',
  args: {},
  digest: '0',
});

export const stepFinished = (key: string, outcome = 'succeeded', title = `Step ${key}`): EventBody => ({
  type: 'step.finished',
  key,
  title,
  outcome,
  conclusion: outcome === 'failed' ? 'failed' : 'ok',
});

export const finished = (
  outcome: 'succeeded' | 'failed' | 'aborted' | 'failedVerification' = 'succeeded',
): EventBody => ({
  type: 'run.finished',
  outcome,
});

export const resumed: EventBody = {
  type: 'run.resumed',
  operator: 'bob',
  host: 'desktop',
  pid: 8,
  engine: '0.1.0',
  unattended: false,
};

const key = fc.constantFrom('a', 'b', 'c', '__proto__', 'p/x/a', 'p/y/b', 'p/y/q/z/c', 'l[1]/a', 'l[2]/b');
const lane = fc.constantFrom('p/x', 'p/y', 'p/y/q/z', 'l[1]', 'l[2]');
const gate = fc.constantFrom('a#1', 'a#2', 'b#1');
const activity = fc.constantFrom('machine' as const, 'external' as const, 'retry' as const);

/** Bodies in any order, sense or nonsense. */
export const anyBodies: fc.Arbitrary<readonly EventBody[]> = fc.array(
  fc.oneof(
    fc.constant(started({ objectives: { rto: { targetMs: 60_000, from: 'a', to: 'b' } } })),
    fc
      .constantFrom('heartbeat' as const, 'keys' as const)
      .map((evidence) => started({ objectives: { rpo: { targetMs: 60_000, evidence } } })),
    fc.constant(resumed),
    fc.constant<EventBody>({ type: 'run.paused', by: 'ada', reason: 'lunch' }),
    fc.constant<EventBody>({ type: 'journal.repaired', bytes: 3 }),
    fc.constant(finished()),
    key.map((each) => stepStarted(each)),
    key.map((each) => stepFinished(each)),
    fc.record({
      type: fc.constant('step.activity' as const),
      key,
      class: activity,
      modelledMs: fc.nat(10_000),
    }),
    fc.record({ type: fc.constant('step.activity' as const), key, class: activity }),
    fc.record({ type: fc.constant('gate.opened' as const), key, gate, question: fc.constant({}) }),
    fc.record({
      type: fc.constant('gate.answered' as const),
      key,
      gate,
      answer: fc.constant('go'),
      by: fc.constant('ada'),
    }),
    fc.record({
      type: fc.constant('scope.entered' as const),
      key,
      kind: fc.constantFrom('phase' as const, 'call' as const),
      title: fc.string(),
    }),
    fc.record({
      type: fc.constant('scope.entered' as const),
      key: lane,
      kind: fc.constantFrom('lane' as const, 'item' as const),
      title: fc.string(),
    }),
    fc.record({
      type: fc.constant('scope.left' as const),
      key: fc.oneof(key, lane, fc.constantFrom('p', 'l', 'p/y/q')),
      outcome: fc.constantFrom('done' as const, 'cancelled' as const),
    }),
    fc.record({ type: fc.constant('clock.jumped' as const), byMs: fc.integer({ min: -1e7, max: 1e7 }) }),
    fc.record({
      type: fc.constant('clock.jumped' as const),
      byMs: fc.integer({ min: -1e7, max: 1e7 }),
      sleptMs: fc.nat(1e7),
    }),
    fc.record({
      type: fc.constant('mark.set' as const),
      mark: fc.oneof(key, fc.constantFrom('occurred', 'fenced')),
      key,
      time: fc.option(fc.integer({ min: START, max: START + 1e9 })),
      source: fc.constant('step' as const),
    }),
    fc.record({
      type: fc.constant('recorded' as const),
      key,
      name: fc.constantFrom('recoveryPoint', 'newestLost', 'missingBefore', 'rowsLost'),
      value: fc.oneof(fc.constant({ $time: '2026-11-22T14:00:00Z' }), fc.jsonValue().map(asJson)),
    }),
    fc.record({
      type: fc.constant('debt.opened' as const),
      key,
      title: fc.string(),
      due: fc.constant('exit' as const),
    }),
    fc.record({
      type: fc.constant('debt.settled' as const),
      key,
      how: fc.constantFrom('paid' as const, 'failed' as const),
    }),
  ),
  { maxLength: 40 },
);

function asJson(value: unknown): null | string {
  return value === null ? null : JSON.stringify(value);
}

/** Each body with clocks that may do anything, backwards too. */
export const anyEvents: fc.Arbitrary<readonly Event[]> = anyBodies.chain((bodies) =>
  fc
    .array(fc.record({ at: fc.integer({ min: -5_000_000, max: 60_000_000 }), up: fc.nat(60_000) }), {
      minLength: bodies.length,
      maxLength: bodies.length,
    })
    .map((clocks) =>
      bodies.map((body, index) => ({
        ...body,
        seq: index + 1,
        at: START + (clocks[index]?.at ?? 0),
        up: (clocks[index]?.up ?? 0) / 8,
      })),
    ),
);
