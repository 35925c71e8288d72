import type { Instant } from '../base/instant.ts';
import { isJsonObject } from '../base/json.ts';
import type { Event, StepActivity } from '../model/event.ts';
import type { TimeClass } from '../model/time-class.ts';
import type { Fold } from '../model/fold.ts';
import { passedBetween } from './elapsed.ts';
import type { Clocks } from './elapsed.ts';
import { Lanes } from './lanes.ts';
import type { Claim } from './lanes.ts';
import { ShortenedWaits } from './shortened-waits.ts';
import type { ShortenedWait } from './shortened-waits.ts';
import { noTime, shareOf, spend, sum } from './class-times.ts';
import type { ClassTimes, Share, Spent, Times } from './class-times.ts';

export type { ClassTimes } from './class-times.ts';
import { applyEvent } from '../model/fold.ts';

/** Where the time of a run went. All lengths are whole microseconds. */
export interface TimeBreakdown {
  /** From `run.started` to `run.finished`, or to the last event, or to now. The classes sum to it exactly. */
  readonly totalMicros: number;
  readonly classes: ClassTimes;
  /** In the order of their first moment. Time when nothing drove the run (`down`) is no step's. */
  readonly steps: readonly TimeShare[];
  /** The outermost phases, and what lies outside of them: they sum to the whole too. */
  readonly phases: readonly TimeShare[];
  /** Waits that the sandbox shortened. */
  readonly modelled: readonly ShortenedWait[];
}

export interface TimeShare {
  readonly key: string;
  readonly title: string;
  readonly micros: number;
  readonly classes: ClassTimes;
}

/**
 * Sorts every moment of a run into one class: `down` from a pause or a death to the resume,
 * `human` while a question is open, else what the running step says of itself, else `machine`.
 * Of branches side by side the last to finish decides; until then, the one that began last. Total:
 * any sequence of events has a sum.
 */
export function timeClasses(events: readonly Event[], now?: Instant): TimeBreakdown {
  const state = events.reduce((before, event) => takeTime(before, event), timeAtStart());
  return breakdown(state, now);
}

/** Between two events. Changed in place: a run has many events and the screen asks after each. */
export interface TimeState {
  phase: 'before' | 'live' | 'down' | 'over';
  last: Clocks | undefined;
  readonly classes: Times;
  /** Open questions: gate to step key. */
  readonly gates: Map<string, string>;
  /** Where the run is while no phase is open. */
  outside: keyof typeof OUTSIDE;
  /** What each running step does, in the order of their starts. */
  readonly running: Map<string, StepActivity['class']>;
  /** Steps that wait for others, whatever drives the run meanwhile. */
  readonly parked: Set<string>;
  /** Branches and items side by side. */
  readonly lanes: Lanes;
  readonly scopes: Map<string, { readonly kind: string; readonly title: string }>;
  readonly steps: Map<string, Share>;
  readonly phases: Map<string, Share>;
  readonly waits: ShortenedWaits;
  /** Others are quicker there than in the real world. */
  isSandbox: boolean;
  /** Since the first event, in microseconds. */
  passed: number;
}

export function timeAtStart(): TimeState {
  return {
    phase: 'before',
    last: undefined,
    classes: noTime(),
    gates: new Map(),
    outside: 'setUp',
    running: new Map(),
    parked: new Set(),
    lanes: new Lanes(),
    scopes: new Map(),
    steps: new Map(),
    phases: new Map(),
    waits: new ShortenedWaits(),
    isSandbox: false,
    passed: 0,
  };
}

/** Spends the time up to the event, then lets the event change who has the next. */
export function takeTime(state: TimeState, event: Event): TimeState {
  if (state.phase === 'over') return state;
  const { live, down } = passedBetween(state.last, event);
  state.passed += live + down;
  if (state.phase !== 'before') {
    spendLive(state, live);
    spend(spentBy(state), down, ...whileDown(state));
  }
  state.last = event;
  return applyEvent(FOLD, state, event);
}

export function breakdown(state: TimeState, now?: Instant): TimeBreakdown {
  const upToNow = now === undefined || state.last === undefined ? 0 : now.epochMicros - state.last.at;
  const rest = state.phase === 'live' || state.phase === 'down' ? Math.max(0, upToNow) : 0;
  const so = withUndecided(state);
  if (rest > 0) {
    const { spentAs, key } = currentClaim(state);
    spend({ ...so, phaseNow: currentPhase(state) }, rest, spentAs, key);
  }
  return {
    totalMicros: sum(so.classes),
    classes: so.classes,
    steps: shares(so.steps),
    phases: shares(so.phases),
    modelled: state.waits.all,
  };
}

/** A copy in which time that is not decided yet is spent as it seems now. */
function withUndecided(state: TimeState): Spent {
  const copy = (shared: ReadonlyMap<string, Share>): Map<string, Share> =>
    new Map([...shared].map(([key, { title, classes }]) => [key, { title, classes: { ...classes } }]));
  const so = { classes: { ...state.classes }, steps: copy(state.steps), phases: copy(state.phases) };
  for (const { time, claim } of state.lanes.undecided) {
    spend({ ...so, phaseNow: time.phase }, time.micros, claim.spentAs, claim.key);
  }
  return so;
}

/** Who has the time now, of everything that goes on. */
function currentClaim(state: TimeState): { readonly spentAs: TimeClass; readonly key?: string } {
  const [parked] = state.parked;
  if (parked !== undefined) return { spentAs: 'external', key: parked };
  if (state.phase === 'down') return { spentAs: 'down' };
  const claims = claimsNow(state);
  const claim = claims.findLast(({ key }) => key !== undefined) ?? claims.at(-1);
  return claim ?? claimOf([...state.gates.values()], [...state.running]);
}

/** What each of the lanes does now; none when nothing goes on side by side. */
function claimsNow(state: TimeState): readonly Claim[] {
  const { lanes } = state;
  return lanes.innermost.map((lane) => {
    const gates = [...state.gates.values()].filter((key) => lanes.laneOf(key) === lane);
    const running = [...state.running].filter(([key]) => lanes.laneOf(key) === lane);
    // A lane without anything to do waits for its turn to ask, where another one is asking.
    const queued = gates.length === 0 && running.length === 0 && state.gates.size > 0;
    return { lane, ...(queued ? { spentAs: 'human' as const } : claimOf(gates, running)) };
  });
}

function claimOf(
  gates: readonly string[],
  running: readonly (readonly [string, StepActivity['class']])[],
): { readonly spentAs: TimeClass; readonly key?: string } {
  const asked = gates.at(-1);
  if (asked !== undefined) return { spentAs: 'human', key: asked };
  const last = running.at(-1);
  return last === undefined ? { spentAs: 'machine' } : { spentAs: last[1], key: last[0] };
}

/** The outermost open phase, or what goes on outside of them: every moment has its row. */
const currentPhase = (state: TimeState): readonly [string, { readonly title: string }] =>
  [...state.scopes].find(([, { kind }]) => kind === 'phase') ?? OUTSIDE[state.outside];

/** Rows for time outside of phases. No phase has such a key: theirs are ids. */
const OUTSIDE = {
  setUp: ['(set-up)', { title: 'Setting up, before the recovery began' }],
  between: ['(between)', { title: 'Outside of phases' }],
  end: ['(end)', { title: 'The end: undos, debts, what is always done' }],
} as const;

function spendLive(state: TimeState, micros: number): void {
  if (micros === 0) return;
  if (state.phase === 'down') {
    spend(spentBy(state), micros, ...whileDown(state));
    return;
  }
  const claims = claimsNow(state);
  const own = claims.length > 0 ? claims : [currentClaim(state)];
  for (const { key, spentAs } of own) {
    if (key !== undefined && spentAs !== 'human') state.waits.spend(key, micros);
  }
  const [first, second] = own;
  if (second !== undefined) state.lanes.hold(micros, claims, currentPhase(state));
  else if (first !== undefined) spend(spentBy(state), micros, first.spentAs, first.key);
}

const spentBy = (state: TimeState, phaseNow = currentPhase(state)): Spent => ({
  classes: state.classes,
  steps: state.steps,
  phases: state.phases,
  phaseNow,
});

/** A lane has ended: time of which it is now known who decides it. */
function decide(state: TimeState, lane: string): void {
  for (const { time, claim } of state.lanes.leave(lane)) {
    spend(spentBy(state, time.phase), time.micros, claim.spentAs, claim.key);
  }
}

const shares = (shared: ReadonlyMap<string, Share>): readonly TimeShare[] =>
  [...shared].map(([key, { title, classes }]) => ({
    key,
    title,
    micros: sum(classes),
    classes: { ...classes },
  }));

function act(state: TimeState, event: StepActivity): TimeState {
  state.running.set(event.key, event.class);
  state.waits.say(event, state.passed);
  return state;
}

/** What a parked step waits for goes on without the run. */
function whileDown({ parked: [key] }: TimeState): readonly [TimeClass, string | undefined] {
  return key === undefined ? ['down', undefined] : ['external', key];
}

function endStep(state: TimeState, key: string): TimeState {
  state.parked.delete(key);
  state.running.delete(key);
  state.waits.end(key, state.passed);
  for (const [gate, asked] of state.gates) if (asked === key) state.gates.delete(gate);
  return state;
}

function newLife(state: TimeState, phase: TimeState['phase']): TimeState {
  if (state.phase === 'before') return state;
  state.phase = phase;
  state.gates.clear();
  state.running.clear();
  state.waits.leaveAll(state.passed);
  return state;
}

const same = (state: TimeState): TimeState => state;

const FOLD: Fold<TimeState> = {
  'run.started': (state, { environment }) => {
    state.isSandbox = environment.kind === 'sandbox';
    state.phase = state.phase === 'before' ? 'live' : state.phase;
    return state;
  },
  'run.paused': (state) => newLife(state, 'down'),
  'run.resumed': (state) => newLife(state, 'live'),
  'journal.repaired': (state) => newLife(state, 'down'),
  'run.finished': (state) => newLife(state, 'over'),
  'scope.entered': (state, { key, kind, title }) => {
    if (!state.scopes.has(key)) state.scopes.set(key, { kind, title });
    if (kind === 'lane' || kind === 'item') {
      state.lanes.enter(key);
      state.waits.enterLane(key, state.passed);
    }
    if (kind === 'phase' && currentPhase(state)[0] === key) shareOf(state.phases, key, title);
    if (kind === 'phase') state.outside = 'between';
    if (kind === 'always' || kind === 'undo') state.outside = 'end';
    return state;
  },
  'scope.left': (state, { key }) => {
    state.scopes.delete(key);
    state.waits.leaveLane(key);
    decide(state, key);
    return state;
  },
  'step.started': (state, { key, title, park, expectMs }) => {
    if (state.isSandbox && expectMs !== undefined) state.waits.begin(key, expectMs, state.passed);
    if (park === true) state.parked.add(key);
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
  'gate.opened': (state, { gate, key, question }) => {
    state.gates.set(gate, key);
    if (!isJsonObject(question)) return state;
    const { type, title } = question;
    if (type === 'debt') state.outside = 'end';
    // The gate of a loop, a branch or an answer: no step begins that would say what it is called.
    if (typeof title === 'string') shareOf(state.steps, key, title);
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
  'input.corrected': same,
  'abort.begun': (state) => {
    state.outside = 'end';
    return state;
  },
  'branch.chosen': same,
  'step.attemptFailed': (state, { key }) => {
    state.parked.delete(key);
    return state;
  },
  'step.checkpoint': same,
  'step.overdue': same,
  escalated: same,
  'background.changed': same,
  reminded: same,
  'inject.struck': same,
  attached: same,
  'loop.progressed': same,
  'step.inDoubt': same,
  'mark.set': (state, { mark, source }) => {
    if (mark === 'started' && source === 'run') state.outside = 'between';
    return state;
  },
  recorded: same,
  'note.added': same,
  'message.refused': same,
  'debt.opened': same,
  'debt.settled': same,
  'target.rebound': same,
  'clock.jumped': same,
  'loss.counted': same,
  'loss.uncounted': same,
};
