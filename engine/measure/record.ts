import type { RunPaused, RunResumed } from '../model/life-event.ts';
import type { Failure } from '../model/failure.ts';
import type { Instant } from '../base/instant.ts';
import type {
  AbortBegun,
  BranchChosen,
  CheckProved,
  ClockJumped,
  DebtOpened,
  DebtSettled,
  Event,
  FaultInjected,
  GateAnswered,
  GateOpened,
  InputAnswered,
  JournalRepaired,
  LossCounted,
  LossUncounted,
  MarkSet,
  NoteAdded,
  Reminded,
  Recorded,
  RunFinished,
  RunStarted,
  ScopeEntered,
  ScopeLeft,
  StepFinished,
  StepStarted,
  TargetRebound,
} from '../model/event.ts';
import type {
  InjectStruck,
  InputCorrected,
  Attached,
  BackgroundChanged,
  Escalated,
  LoopProgressed,
  StepOverdue,
} from '../model/flow-event.ts';
import type { Fold } from '../model/fold.ts';
import { applyEvent } from '../model/fold.ts';
import { ElapsedTime } from './elapsed.ts';
import type { Elapsed } from './elapsed.ts';

/**
 * What happened in a run, sorted by what it is about. It lacks nothing that a report says, and
 * whatever is absent is because the run died, or was struck out, before it was written.
 */
export interface RunRecord {
  readonly started?: Event<RunStarted>;
  readonly finished?: Event<RunFinished>;
  /** Set while the run is paused. */
  readonly paused?: Event<RunPaused>;
  readonly pauses: readonly Event<RunPaused>[];
  readonly abort?: Event<AbortBegun>;
  /** Wall clock of the last event, microseconds; absent when there is none. */
  readonly lastAt?: number;
  /** After the first: each resume. */
  readonly resumes: readonly Event<RunResumed>[];
  /** In the order in which the world was broken. */
  readonly faults: readonly Event<FaultInjected>[];
  readonly proofs: readonly Event<CheckProved>[];
  /** Every answer and every correction of one, in their order. */
  readonly inputs: readonly Event<InputAnswered | InputCorrected>[];
  /** In the order of their first mention. */
  readonly steps: ReadonlyMap<string, StepRecord>;
  readonly scopes: readonly Event<ScopeEntered>[];
  readonly choices: readonly Event<BranchChosen>[];
  readonly gates: ReadonlyMap<string, GateRecord>;
  /** Every setting of a mark; the last of each counts. */
  readonly marks: readonly MarkRecord[];
  /** At the last event. */
  readonly elapsed: Elapsed;
  readonly recorded: readonly Event<Recorded>[];
  readonly notes: readonly Event<NoteAdded>[];
  readonly debts: ReadonlyMap<string, DebtRecord>;
  readonly rebound: readonly Event<TargetRebound>[];
  readonly loss?: Event<LossCounted>;
  readonly uncounted?: Event<LossUncounted>;
  readonly jumps: readonly Event<ClockJumped>[];
  readonly repairs: readonly Event<JournalRepaired>[];
  readonly overdue: readonly Event<StepOverdue>[];
  readonly escalations: readonly Event<Escalated>[];
  readonly backgrounds: readonly Event<BackgroundChanged>[];
  readonly reminders: readonly Event<Reminded>[];
  readonly injects: readonly Event<InjectStruck>[];
  /** Keys of the phases, calls and branches that were done to their end. */
  readonly scopesDone: ReadonlySet<string>;
  readonly attachments: readonly Event<Attached>[];
  /** Items of loops that failed, and without which the run went on. */
  readonly itemsLeftOut: readonly Event<ScopeLeft>[];
  /** Batches of a loop in which items failed. */
  readonly batchesWithFailures: readonly Event<LoopProgressed>[];
}

export interface StepRecord {
  readonly key: string;
  readonly title: string;
  /** Of the last start; absent for a step that ended without one (skipped, done already). */
  readonly started?: Event<StepStarted>;
  readonly finished?: Event<StepFinished>;
  readonly failedAttempts: number;
  readonly lastFailure?: Failure;
  /** It was found started and not finished after a crash. */
  readonly wasInDoubt: boolean;
}

export interface GateRecord {
  readonly opened: Event<GateOpened>;
  /** Absent: never answered, or asked again after a crash. */
  readonly answered?: Event<GateAnswered>;
}

/** A mark as it was set, and where that lies on the run's own axis of time. */
export type MarkRecord = Event<MarkSet> & { readonly elapsed?: Elapsed };

export interface DebtRecord {
  readonly opened: Event<DebtOpened>;
  /** The last word on it; absent while it is open. */
  readonly settled?: Event<DebtSettled>;
}

/** A record while it is made; changed in place, as a run has many events. */
interface Draft extends RunRecord {
  started?: Event<RunStarted>;
  finished?: Event<RunFinished>;
  paused?: Event<RunPaused>;
  abort?: Event<AbortBegun>;
  lastAt?: number;
  loss?: Event<LossCounted>;
  uncounted?: Event<LossUncounted>;
  readonly pauses: Event<RunPaused>[];
  readonly resumes: Event<RunResumed>[];
  readonly faults: Event<FaultInjected>[];
  readonly proofs: Event<CheckProved>[];
  readonly inputs: Event<InputAnswered | InputCorrected>[];
  readonly steps: Map<string, StepRecord>;
  readonly scopes: Event<ScopeEntered>[];
  readonly choices: Event<BranchChosen>[];
  readonly gates: Map<string, GateRecord>;
  readonly marks: MarkRecord[];
  readonly time: ElapsedTime;
  readonly recorded: Event<Recorded>[];
  readonly notes: Event<NoteAdded>[];
  readonly debts: Map<string, DebtRecord>;
  readonly rebound: Event<TargetRebound>[];
  readonly jumps: Event<ClockJumped>[];
  readonly repairs: Event<JournalRepaired>[];
  readonly overdue: Event<StepOverdue>[];
  readonly escalations: Event<Escalated>[];
  readonly backgrounds: Event<BackgroundChanged>[];
  readonly reminders: Event<Reminded>[];
  readonly injects: Event<InjectStruck>[];
  readonly scopesDone: Set<string>;
  readonly attachments: Event<Attached>[];
  readonly itemsLeftOut: Event<ScopeLeft>[];
  readonly batchesWithFailures: Event<LoopProgressed>[];
}

export function recordRun(events: readonly Event[]): RunRecord {
  const empty: Draft = {
    pauses: [],
    resumes: [],
    faults: [],
    proofs: [],
    inputs: [],
    steps: new Map(),
    scopes: [],
    choices: [],
    gates: new Map(),
    marks: [],
    time: new ElapsedTime(),
    get elapsed() {
      return this.time.now;
    },
    recorded: [],
    notes: [],
    debts: new Map(),
    rebound: [],
    jumps: [],
    repairs: [],
    overdue: [],
    escalations: [],
    backgrounds: [],
    reminders: [],
    injects: [],
    scopesDone: new Set(),
    attachments: [],
    itemsLeftOut: [],
    batchesWithFailures: [],
  };
  return events.reduce((record, event) => {
    record.lastAt = event.at;
    record.time.take(event);
    return applyEvent(FOLD, record, event);
  }, empty);
}

/** Whether a step belongs to an item of a loop without which the run went on. */
export const isLeftOut = ({ itemsLeftOut }: RunRecord, key: string): boolean =>
  itemsLeftOut.some((item) => key.startsWith(`${item.key}/`));

/** Microseconds from the start of a run to now, or to its last event. */
export function passedBy({ elapsed, lastAt }: RunRecord, now: Instant | undefined): number {
  if (now === undefined || lastAt === undefined) return elapsed.passed;
  return elapsed.passed + Math.max(0, now.epochMicros - lastAt);
}

function changeStep(record: Draft, key: string, change: (step: StepRecord) => Partial<StepRecord>): Draft {
  const step = record.steps.get(key) ?? { key, title: key, failedAttempts: 0, wasInDoubt: false };
  record.steps.set(key, { ...step, ...change(step) });
  return record;
}

const same = (record: Draft): Draft => record;

type ListName = {
  [K in keyof Draft]-?: Draft[K] extends unknown[] ? K : never;
}[keyof Draft];

/** A handler that keeps the event in one of the lists. */
const keepIn =
  <K extends ListName>(name: K) =>
  (record: Draft, event: Draft[K][number]): Draft => {
    (record[name] as (typeof event)[]).push(event);
    return record;
  };

const FOLD: Fold<Draft> = {
  'run.started': (record, event) => {
    record.started ??= event;
    return record;
  },
  'run.paused': (record, event) => {
    record.paused = event;
    record.pauses.push(event);
    return record;
  },
  'run.resumed': (record, event) => {
    delete record.paused;
    record.resumes.push(event);
    return record;
  },
  'run.finished': (record, event) => {
    record.finished ??= event;
    return record;
  },
  'abort.begun': (record, event) => {
    record.abort ??= event;
    return record;
  },
  'loss.counted': (record, event) => {
    record.loss = event;
    return record;
  },
  'loss.uncounted': (record, event) => {
    record.uncounted = event;
    return record;
  },
  'fault.injected': keepIn('faults'),
  'check.proved': keepIn('proofs'),
  'input.answered': keepIn('inputs'),
  'input.corrected': keepIn('inputs'),
  'scope.entered': keepIn('scopes'),
  'branch.chosen': keepIn('choices'),
  'mark.set': (record, event) => {
    const { time, source } = event;
    const told = source === 'operator' || source === 'correction';
    const elapsed =
      time === null ? undefined : told ? record.time.atMoment(time) : record.time.atReading(time);
    record.marks.push({ ...event, ...(elapsed !== undefined && { elapsed }) });
    return record;
  },
  recorded: keepIn('recorded'),
  'note.added': keepIn('notes'),
  'target.rebound': keepIn('rebound'),
  'clock.jumped': keepIn('jumps'),
  'journal.repaired': keepIn('repairs'),
  'step.started': (record, event) =>
    changeStep(record, event.key, () => ({ title: event.title, started: event })),
  'step.finished': (record, event) =>
    changeStep(record, event.key, () => ({ title: event.title, finished: event })),
  'step.attemptFailed': (record, { key, error }) =>
    changeStep(record, key, ({ failedAttempts }) => ({
      failedAttempts: failedAttempts + 1,
      lastFailure: error,
    })),
  'step.inDoubt': (record, { key }) => changeStep(record, key, () => ({ wasInDoubt: true })),
  'step.activity': same,
  'step.checkpoint': same,
  'gate.opened': (record, event) => {
    record.gates.set(event.gate, { opened: event });
    return record;
  },
  'gate.answered': (record, event) => {
    const gate = record.gates.get(event.gate);
    if (gate !== undefined) record.gates.set(event.gate, { ...gate, answered: event });
    return record;
  },
  'debt.opened': (record, event) => {
    record.debts.set(event.key, { opened: event });
    return record;
  },
  'debt.settled': (record, event) => {
    const debt = record.debts.get(event.key);
    if (debt !== undefined) record.debts.set(event.key, { ...debt, settled: event });
    return record;
  },
  'step.overdue': keepIn('overdue'),
  escalated: keepIn('escalations'),
  'background.changed': keepIn('backgrounds'),
  reminded: keepIn('reminders'),
  'inject.struck': keepIn('injects'),
  attached: keepIn('attachments'),
  'world.started': same,
  'message.refused': same,
  'scope.left': (record, event) => {
    if (event.outcome === 'done') record.scopesDone.add(event.key);
    // Calls and whole loops that failed are no items.
    if (event.error !== undefined && event.key.endsWith(']')) record.itemsLeftOut.push(event);
    return record;
  },
  'loop.progressed': (record, event) => {
    if (event.failed.length > 0) record.batchesWithFailures.push(event);
    return record;
  },
};
