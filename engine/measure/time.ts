import type { Instant } from '../base/instant.ts';
import type { Envelope, Event, StepActivity } from '../model/event.ts';
import type { TimeClass } from '../model/time-class.ts';
import type { Fold } from '../model/fold.ts';
import { applyEvent } from '../model/fold.ts';

/** Microseconds by class. */
export type ClassTimes = { readonly [C in TimeClass]: number };

/** Where the time of a run went. All lengths are whole microseconds. */
export interface TimeBreakdown {
  /** From `run.started` to `run.finished`, or to the last event, or to now. The classes sum to it exactly. */
  readonly totalMicros: number;
  readonly classes: ClassTimes;
  /** In the order of their first moment. Time when nothing drove the run (`down`) is no step's. */
  readonly steps: readonly TimeShare[];
  /** The outermost phases. */
  readonly phases: readonly TimeShare[];
  /** Waits that the sandbox shortened. */
  readonly modelled: readonly ModelledWait[];
}

export interface TimeShare {
  readonly key: string;
  readonly title: string;
  readonly micros: number;
  readonly classes: ClassTimes;
}

/** What a wait would really take, beside what it took. */
export interface ModelledWait {
  readonly key: string;
  readonly reason: string;
  readonly modelledMicros: number;
  readonly actualMicros: number;
}

/**
 * Sorts every moment of a run into one class: `down` from a pause or a death to the resume,
 * `human` while a question is open, else what the running step says of itself, else `machine`.
 * Of steps side by side the one that started last decides. Total: any sequence of events has a sum.
 */
export function timeClasses(events: readonly Event[], now?: Instant): TimeBreakdown {
  const state = events.reduce((before, event) => takeTime(before, event), timeAtStart());
  return breakdown(state, now);
}

type Times = { -readonly [C in TimeClass]: number };

interface Share {
  title: string;
  readonly classes: Times;
}

interface Wait {
  readonly key: string;
  readonly reason: string;
  modelledMicros: number;
  actualMicros: number;
}

/** Between two events. Changed in place: a run has many events and the screen asks after each. */
export interface TimeState {
  phase: 'before' | 'live' | 'down' | 'over';
  last: Pick<Envelope, 'at' | 'up'> | undefined;
  readonly classes: Times;
  /** Open questions: gate to step key. */
  readonly gates: Map<string, string>;
  /** What each running step does, in the order of their starts. */
  readonly running: Map<string, StepActivity['class']>;
  readonly scopes: Map<string, { readonly kind: string; readonly title: string }>;
  readonly steps: Map<string, Share>;
  readonly phases: Map<string, Share>;
  readonly waits: Map<string, Wait>;
  /** The wait that a step is in: step key to its entry in `waits`. */
  readonly waiting: Map<string, Wait>;
}

export function timeAtStart(): TimeState {
  return {
    phase: 'before',
    last: undefined,
    classes: noTime(),
    gates: new Map(),
    running: new Map(),
    scopes: new Map(),
    steps: new Map(),
    phases: new Map(),
    waits: new Map(),
    waiting: new Map(),
  };
}

/** Spends the time up to the event, then lets the event change who has the next. */
export function takeTime(state: TimeState, event: Event): TimeState {
  if (state.phase === 'over') return state;
  if (state.phase !== 'before') {
    const { liveMicros, downMicros } = between(state.last, event);
    spend(state, liveMicros, currentClass(state));
    spend(state, downMicros, 'down');
  }
  state.last = event;
  return applyEvent(FOLD, state, event);
}

export function breakdown(state: TimeState, now?: Instant): TimeBreakdown {
  const upToNow = now === undefined || state.last === undefined ? 0 : now.epochMicros - state.last.at;
  const rest = state.phase === 'live' || state.phase === 'down' ? Math.max(0, upToNow) : 0;
  const current = currentClass(state);
  const classes = { ...state.classes, [current]: state.classes[current] + rest };
  return {
    totalMicros: sum(classes),
    classes,
    steps: shares(state.steps, rest > 0 ? owner(state) : undefined, current, rest),
    phases: shares(state.phases, rest > 0 ? currentPhase(state)?.[0] : undefined, current, rest),
    modelled: [...state.waits.values()].map((wait) => ({ ...wait })),
  };
}

/**
 * How long ago the event before was: by the monotonic clock inside a life of the run, by the
 * wall clock across lives. A wall clock that jumped ahead was set, or the machine slept; either
 * way nothing was done in that time, and objectives count it.
 */
function between(
  last: TimeState['last'],
  event: Event,
): { readonly liveMicros: number; readonly downMicros: number } {
  if (last === undefined) return { liveMicros: 0, downMicros: 0 };
  const isNewLife = event.type === 'run.resumed' || event.type === 'journal.repaired' || event.up < last.up;
  if (isNewLife) return { liveMicros: 0, downMicros: Math.max(0, event.at - last.at) };
  return {
    liveMicros: Math.round((event.up - last.up) * 1000),
    downMicros: event.type === 'clock.jumped' ? Math.max(0, Math.round(event.byMs * 1000) || 0) : 0,
  };
}

function currentClass(state: TimeState): TimeClass {
  if (state.phase === 'down') return 'down';
  if (state.gates.size > 0) return 'human';
  return [...state.running.values()].at(-1) ?? 'machine';
}

/** The step that has the time now. */
function owner(state: TimeState): string | undefined {
  if (state.phase === 'down') return undefined;
  return [...state.gates.values()].at(-1) ?? [...state.running.keys()].at(-1);
}

const currentPhase = (state: TimeState): readonly [string, { readonly title: string }] | undefined =>
  [...state.scopes].find(([, { kind }]) => kind === 'phase');

function spend(state: TimeState, micros: number, spentAs: TimeClass): void {
  if (micros === 0) return;
  state.classes[spentAs] += micros;
  const phase = currentPhase(state);
  if (phase !== undefined) shareOf(state.phases, phase[0], phase[1].title).classes[spentAs] += micros;
  const key = owner(state);
  if (key === undefined || spentAs === 'down') return;
  shareOf(state.steps, key, key).classes[spentAs] += micros;
  const wait = state.waiting.get(key);
  if (wait !== undefined && spentAs !== 'human') wait.actualMicros += micros;
}

function shareOf(shared: Map<string, Share>, key: string, title: string): Share {
  const share = shared.get(key) ?? { title, classes: noTime() };
  shared.set(key, share);
  return share;
}

function shares(
  shared: ReadonlyMap<string, Share>,
  currentKey: string | undefined,
  current: TimeClass,
  rest: number,
): readonly TimeShare[] {
  const all =
    currentKey === undefined || shared.has(currentKey) ? shared : new Map([...shared, fresh(currentKey)]);
  return [...all].map(([key, { title, classes: spent }]) => {
    const classes = key === currentKey ? { ...spent, [current]: spent[current] + rest } : { ...spent };
    return { key, title, micros: sum(classes), classes };
  });
}

const fresh = (key: string): readonly [string, Share] => [key, { title: key, classes: noTime() }];

const noTime = (): Times => ({ machine: 0, human: 0, external: 0, retry: 0, down: 0 });

const sum = (classes: ClassTimes): number =>
  Object.values(classes).reduce((total, micros) => total + micros, 0);

function act(state: TimeState, event: StepActivity): TimeState {
  state.running.set(event.key, event.class);
  state.waiting.delete(event.key);
  if (event.modelledMs === undefined) return state;
  const reason = event.reason ?? event.class;
  const name = JSON.stringify([event.key, reason]);
  // A step that is re-attached after a crash says the same wait again: it is one wait.
  const wait = state.waits.get(name) ?? { key: event.key, reason, modelledMicros: 0, actualMicros: 0 };
  wait.modelledMicros = Math.max(wait.modelledMicros, Math.round(event.modelledMs * 1000) || 0);
  state.waits.set(name, wait);
  state.waiting.set(event.key, wait);
  return state;
}

function endStep(state: TimeState, key: string): TimeState {
  state.running.delete(key);
  state.waiting.delete(key);
  for (const [gate, asked] of state.gates) if (asked === key) state.gates.delete(gate);
  return state;
}

function newLife(state: TimeState, phase: TimeState['phase']): TimeState {
  if (state.phase === 'before') return state;
  state.phase = phase;
  state.gates.clear();
  state.running.clear();
  state.waiting.clear();
  return state;
}

const same = (state: TimeState): TimeState => state;

const FOLD: Fold<TimeState> = {
  'run.started': (state) => {
    state.phase = state.phase === 'before' ? 'live' : state.phase;
    return state;
  },
  'run.paused': (state) => newLife(state, 'down'),
  'run.resumed': (state) => newLife(state, 'live'),
  'journal.repaired': (state) => newLife(state, 'down'),
  'run.finished': (state) => newLife(state, 'over'),
  'scope.entered': (state, { key, kind, title }) => {
    if (!state.scopes.has(key)) state.scopes.set(key, { kind, title });
    if (kind === 'phase' && currentPhase(state)?.[0] === key) shareOf(state.phases, key, title);
    return state;
  },
  'scope.left': (state, { key }) => {
    state.scopes.delete(key);
    return state;
  },
  'step.started': (state, { key, title }) => {
    state.running.delete(key);
    state.running.set(key, 'machine');
    shareOf(state.steps, key, title).title = title;
    return state;
  },
  'step.activity': act,
  'step.finished': (state, { key, title }) => {
    const share = state.steps.get(key);
    if (share !== undefined) share.title = title;
    return endStep(state, key);
  },
  'gate.opened': (state, { gate, key }) => {
    state.gates.set(gate, key);
    return state;
  },
  'gate.answered': (state, { gate }) => {
    state.gates.delete(gate);
    return state;
  },
  'world.started': same,
  'fault.injected': same,
  'check.proved': same,
  'input.answered': same,
  'abort.begun': same,
  'branch.chosen': same,
  'step.attemptFailed': same,
  'step.checkpoint': same,
  'step.inDoubt': same,
  'mark.set': same,
  recorded: same,
  'note.added': same,
  'debt.opened': same,
  'debt.settled': same,
  'target.rebound': same,
  'clock.jumped': same,
  'loss.counted': same,
};
