import type { Event, EventBody, RunStarted } from '../../engine/model/event.ts';

/** Where made-up runs begin: 2025-11-01T12:00:00Z, in milliseconds since the epoch. */
export const START = Date.UTC(2025, 10, 1, 12);

/** Makes events out of bodies, as a journal would, at the times that the test says. */
export class EventStream {
  #seq = 0;
  readonly #start: number;

  constructor(start = START) {
    this.#start = start;
  }

  /** `at`: milliseconds since the run began. */
  at(at: number, body: EventBody): Event {
    this.#seq += 1;
    return { ...body, seq: this.#seq, at: Math.round((this.#start + at) * 1000), up: at };
  }
}

export const runStarted: RunStarted = {
  type: 'run.started',
  run: '20251101-1200-dbc',
  mode: 'drill',
  playbook: 'database-corruption',
  title: 'Database corruption',
  environment: { name: 'sandbox', kind: 'sandbox' },
  operator: 'ada',
  host: 'laptop',
  pid: 1,
  unattended: false,
  engine: '0.1.0',
  sources: [],
  objectives: {
    rto: { targetMs: 1_800_000, from: 'detected', to: 'verified' },
    rpo: { targetMs: 86_400_000, evidence: 'heartbeat' },
  },
  answers: {},
};

export const phase = (key: string, title: string): EventBody => ({
  type: 'scope.entered',
  key,
  kind: 'phase',
  title,
});

export const left = (key: string, outcome: 'done' | 'skipped' | 'failed' = 'done'): EventBody => ({
  type: 'scope.left',
  key,
  outcome,
});

export const started = (key: string, title: string, describe = title, expectMs?: number): EventBody => ({
  type: 'step.started',
  key,
  title,
  kind: 'assert',
  effect: 'write',
  describe,
  args: {},
  digest: 'd',
  ...(expectMs !== undefined && { expectMs }),
});

export const finished = (key: string, title: string): EventBody => ({
  type: 'step.finished',
  key,
  title,
  outcome: 'succeeded',
  conclusion: 'ok',
});

/** A run of so many steps that do nothing, in phases of a hundred. */
export function manySteps(count: number, stream = new EventStream()): readonly Event[] {
  const events = [stream.at(0, runStarted)];
  for (let step = 0; step < count; step += 1) {
    const scope = `phase${Math.floor(step / 100)}`;
    if (step % 100 === 0) events.push(stream.at(step, phase(scope, `Phase ${Math.floor(step / 100) + 1}`)));
    events.push(stream.at(step, started(`step${step}`, `Step number ${step + 1}`)));
    events.push(stream.at(step + 1, finished(`step${step}`, `Step number ${step + 1}`)));
    if (step % 100 === 99) events.push(stream.at(step + 1, left(scope)));
  }
  return events;
}
