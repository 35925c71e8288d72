import type { ScopeEntered, StepActivity } from '../model/event.ts';
import { NOTICED } from '../model/signal.ts';
import type { Signal } from '../model/signal.ts';
import type { Effect } from '../model/playbook.ts';
import type { Mode } from '../model/mode.ts';
import { noticedStage } from './stages.ts';
import type { Stage } from './stages.ts';

/**
 * What the screens know of a run. It stays small however long the run is: what is
 * finished becomes one line, and of many lines the last ones are kept. Times are
 * milliseconds since the epoch.
 */
export interface ScreenState {
  readonly run?: {
    readonly id: string;
    readonly mode: Mode;
    readonly playbook: string;
    readonly title: string;
    readonly environment: string;
    readonly startedAt: number;
  };
  /** The run itself, and in it what is open, the innermost last. */
  readonly scopes: readonly [OpenScope, ...OpenScope[]];
  /** Branches and items that go on side by side; what happens in them stands in the scope around. */
  readonly lanes: readonly string[];
  readonly running: readonly RunningStep[];
  /** What signals said of steps that run or wait, by key. */
  readonly live: ReadonlyMap<string, Live>;
  /** What goes on before the recovery begins: a rehearsal gets its world ready and breaks it. */
  readonly stage: Stage | undefined;
  /** Log lines that belong to no running step: a world that starts. */
  readonly loose: readonly string[];
  readonly gate: OpenGate | undefined;
  readonly debts: readonly { readonly key: string; readonly title: string }[];
  readonly marks: readonly { readonly mark: string; readonly time: number }[];
  readonly standing: Standing | undefined;
}

/** Why the run does not simply go on. */
export interface Standing {
  readonly mark: EntryMark;
  readonly text: string;
}

export interface OpenScope {
  readonly key: string;
  readonly kind: ScopeEntered['kind'] | 'run';
  readonly title: string;
  readonly startedAt: number;
  /** Steps that ended in it, those of scopes inside it too. */
  readonly steps: number;
  readonly failures: number;
  /** Of them, what an operator did not want done. */
  readonly declined: number;
  /** The last ones. */
  readonly entries: readonly Entry[];
  /** How many came before them. */
  readonly earlier: number;
}

export type EntryMark = 'ok' | 'bad' | 'skip' | 'info' | 'wait' | 'pause';

/** Something that is over, as one line. */
export interface Entry {
  readonly mark: EntryMark;
  readonly text: string;
  /** Said beside it: a reason, an error, how many steps. */
  readonly detail?: string;
  readonly tookMs?: number;
}

export interface RunningStep {
  readonly key: string;
  readonly title: string;
  readonly describe: string;
  readonly effect: Effect;
  readonly startedAt: number;
  readonly expectMs?: number;
  readonly activity?: { readonly class: StepActivity['class']; readonly reason?: string };
  readonly failedAttempt?: { readonly attempt: number; readonly message: string; readonly nextAt?: number };
  /** Started in an earlier life of the run. */
  readonly inDoubt?: boolean;
}

export interface Live {
  readonly reading?: Extract<Signal, { type: 'reading' }>;
  readonly progress?: Extract<Signal, { type: 'progress' }>;
  /** The last three. */
  readonly log: readonly string[];
}

export interface OpenGate {
  readonly key: string;
  readonly title: string;
  /** The type of the question: `gate`, `manual`, `failure` … */
  readonly type: string;
  readonly openedAt: number;
}

export const initialScreenState: ScreenState = {
  scopes: [
    {
      key: '',
      kind: 'run',
      title: '',
      startedAt: 0,
      steps: 0,
      failures: 0,
      declined: 0,
      entries: [],
      earlier: 0,
    },
  ],
  lanes: [],
  running: [],
  live: new Map(),
  stage: undefined,
  loose: [],
  gate: undefined,
  debts: [],
  marks: [],
  standing: undefined,
};

const KEPT_ENTRIES = 60;
const KEPT_LOG_LINES = 3;

/** Adds a line to the innermost open scope. */
export function addEntry(state: ScreenState, entry: Entry): ScreenState {
  const [outer, inner] = [state.scopes.slice(0, -1), state.scopes[state.scopes.length - 1]];
  if (inner === undefined) return state;
  const entries = [...inner.entries, entry];
  const dropped = Math.max(0, entries.length - KEPT_ENTRIES);
  return withScopes(state, [
    ...outer,
    { ...inner, entries: entries.slice(dropped), earlier: inner.earlier + dropped },
  ]);
}

/** Adds a step's line, and counts it in every scope that is open. */
export function addStepEntry(state: ScreenState, entry: Entry, isDeclined: boolean): ScreenState {
  const failed = entry.mark === 'bad' ? 1 : 0;
  const declined = isDeclined ? 1 : 0;
  const counted = state.scopes.map((scope) => ({
    ...scope,
    steps: scope.steps + 1,
    failures: scope.failures + failed,
    declined: scope.declined + declined,
  }));
  return addEntry(withScopes(state, counted), entry);
}

/** Takes scopes off until one is gone, or the one asked for; each becomes one line of the scope around it. */
export function closeScope(state: ScreenState, key: string, at: number, outcome: FoldedOutcome): ScreenState {
  if (!state.scopes.some((scope, index) => index > 0 && scope.key === key)) return state;
  let next = state;
  for (;;) {
    const scope = next.scopes[next.scopes.length - 1];
    if (scope === undefined || next.scopes.length === 1) return next;
    next = addEntry(withScopes(next, next.scopes.slice(0, -1)), foldedScope(scope, at, outcome));
    if (scope.key === key) return next;
  }
}

/** Of a phase or a branch, as one line tells it. */
export type FoldedOutcome = 'done' | 'skipped' | 'declined' | 'failed';

function foldedScope(scope: OpenScope, at: number, outcome: FoldedOutcome): Entry {
  const { steps, failures, declined } = scope;
  if (outcome === 'skipped' || outcome === 'declined') {
    return { mark: 'skip', text: scope.title, detail: outcome };
  }
  const parts = [
    `${String(steps)} ${steps === 1 ? 'step' : 'steps'}`,
    ...(failures === 0 ? [] : [`${String(failures)} failed`]),
    ...(declined === 0 ? [] : [`${String(declined)} declined`]),
  ];
  const isUndone = declined > 0 && declined === steps;
  return {
    mark: outcome === 'failed' ? 'bad' : isUndone ? 'skip' : 'ok',
    text: scope.title,
    detail: parts.join(', '),
    tookMs: at - scope.startedAt,
  };
}

export function withScopes(state: ScreenState, scopes: readonly OpenScope[]): ScreenState {
  const [first, ...rest] = scopes;
  return first === undefined ? state : { ...state, scopes: [first, ...rest] };
}

/** What a signal changes. Signals are not in the journal: nothing else may depend on them. */
export function applySignal(state: ScreenState, signal: Signal): ScreenState {
  const known = state.running.some((step) => step.key === signal.key) || state.gate?.key === signal.key;
  if (!known) {
    if (signal.type !== 'log') return state;
    const stage = signal.key === NOTICED ? noticedStage(state.stage) : state.stage;
    return { ...state, stage, loose: lastLines(state.loose, signal.line) };
  }
  const before = state.live.get(signal.key) ?? { log: [] };
  const live = new Map(state.live);
  switch (signal.type) {
    case 'log':
      live.set(signal.key, { ...before, log: lastLines(before.log, signal.line) });
      break;
    case 'progress':
      live.set(signal.key, { ...before, progress: signal });
      break;
    case 'reading':
      live.set(signal.key, { ...before, reading: signal });
  }
  return { ...state, live };
}

const lastLines = (lines: readonly string[], added: string): readonly string[] =>
  [...lines, added].slice(-KEPT_LOG_LINES);
