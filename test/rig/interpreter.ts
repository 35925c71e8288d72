import type { ValueMap } from '../../engine/base/value.ts';
import { createEvaluator } from '../../engine/expression/evaluator.ts';
import type { RunOptions } from '../../engine/interpret/run.ts';
import { interpret } from '../../engine/interpret/run.ts';
import type {
  Environment,
  EnvironmentKind,
  Identity,
  Policy,
  TargetUse,
} from '../../engine/model/environment.ts';
import type { Event, EventBody, EventType } from '../../engine/model/event.ts';
import type { Signal } from '../../engine/model/signal.ts';
import { Secret } from '../../engine/model/handle.ts';
import type { Operator } from '../../engine/model/ports.ts';
import type { Mode } from '../../engine/model/mode.ts';
import { SourceFile } from '../../engine/source/file.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeOperator } from './fake-operator.ts';
import type { Reply } from './fake-operator.ts';
import { FakeSteps } from './fake-steps.ts';
import type { FakeKind } from './fake-steps.ts';
import { MemoryJournal } from './memory-journal.ts';
import { playbook } from './playbook.ts';
import type { NodeForm, PlaybookForm } from './playbook.ts';
import { runStarted } from './run-started.ts';

export function environment(
  kind: EnvironmentKind = 'sandbox',
  options: { readonly policy?: Partial<Policy>; readonly data?: ValueMap } = {},
): Environment {
  return {
    name: kind,
    kind,
    data: {
      services: { api: { name: 'peakops-api', $target: 'services.api' } },
      databases: { main: { name: 'peakops-main', $target: 'databases.main' } },
      ...options.data,
    },
    policy: { typedNames: 'never', allowScripts: false, ...options.policy },
    file: new SourceFile('environment.yaml', ''),
  };
}

export interface LifeOptions {
  readonly kinds: Readonly<Record<string, FakeKind>>;
  readonly answers?: Readonly<Record<string, Reply | readonly Reply[]>>;
  readonly environment?: Environment;
  readonly mode?: Mode;
  readonly history?: readonly Event[];
  readonly identity?: (use: TargetUse) => Identity;
  readonly clock?: FakeClock;
  readonly options?: Partial<RunOptions>;
  /** When the operator wants to leave a branch for another one. */
  readonly leaves?: FakeOperator['leaves'];
  /** When the operator does not want to wait any longer. */
  readonly stopsWaiting?: FakeOperator['stopsWaiting'];
  /** What was given beforehand for questions that have their answers. */
  readonly correction?: Operator['correction'];
}

/** One life of a run in memory: what it came to, and everything it left behind. */
export async function life(form: PlaybookForm | readonly NodeForm[], life: LifeOptions) {
  const setting = setUp(form, life);
  const result = await interpret(setting.options).catch((error: unknown) => ({ error }));
  return { ...setting, result };
}

export function setUp(form: PlaybookForm | readonly NodeForm[], life: LifeOptions) {
  const clock = life.clock ?? new FakeClock();
  const journal = new MemoryJournal(
    clock,
    life.history ?? [{ ...runStarted('run1'), seq: 1, at: clock.now().epochMicros, up: 0 }],
  );
  const steps = new FakeSteps(life.kinds, life.identity);
  const operator = new FakeOperator(life.answers);
  operator.leaves = life.leaves;
  operator.stopsWaiting = life.stopsWaiting;
  if (life.correction !== undefined) operator.correction = life.correction;
  const signals: Signal[] = [];
  const pause = new AbortController();
  const stop = new AbortController();
  const options: RunOptions = {
    playbook: playbook('steps' in form ? form : { steps: form }),
    environment: life.environment ?? environment(),
    mode: life.mode ?? 'drill',
    runId: 'run1',
    folder: '/nowhere',
    journal,
    history: [...journal.events],
    steps,
    evaluator: createEvaluator(),
    operator,
    clock,
    secrets: { reveal: () => Promise.resolve(new Secret('secret')), conceal: () => undefined },
    signal: (signal) => void signals.push(signal),
    pause: pause.signal,
    stop: stop.signal,
    ...life.options,
  };
  return { options, clock, journal, events: journal.events, steps, operator, signals, pause, stop };
}

/** The events of one type, in order. */
export function ofType<T extends EventType>(
  events: readonly Event[],
  type: T,
): Event<Extract<EventBody, { type: T }>>[] {
  return events.filter((event): event is Event<Extract<EventBody, { type: T }>> => event.type === type);
}

/** How each step ended: `key: outcome/conclusion`. */
export function endings(events: readonly Event[]): Record<string, string> {
  return Object.fromEntries(
    ofType(events, 'step.finished').map(({ key, outcome, conclusion }) => [key, `${outcome}/${conclusion}`]),
  );
}
