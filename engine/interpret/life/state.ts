import type { Json } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import { CODES } from '../../model/codes.ts';
import type {
  AbortBegun,
  Event,
  FaultInjected,
  GateAnswered,
  RunFinished,
  ScopeLeft,
  StepAttemptFailed,
  StepFinished,
  StepStarted,
} from '../../model/event.ts';
import type { FrozenList, InjectStruck } from '../../model/flow-event.ts';
import type { Fold } from '../../model/fold.ts';
import { applyEvent } from '../../model/fold.ts';
import { Askings } from './askings.ts';
import type { BatchState, DebtState } from './part-states.ts';

/** What the journal says of one step, by its key. */
export interface StepState {
  started?: StepStarted;
  /** Number of the event that last told that it is not under way unseen. */
  knownAt?: number;
  /** Number of the event with which its newest try began. */
  began?: number;
  /** The same of the last event that tells of something it may have changed, and what it is called. */
  changed?: { readonly seq: number; readonly title: string };
  /** When a parked step began, in whatever life of the run. Microseconds since the epoch. */
  parkedSince?: number;
  /** Of the newest try: not begun, under way as far as anybody knows, or known to have failed. */
  attempt: 'none' | 'running' | 'failed';
  failure?: StepAttemptFailed;
  checkpoint?: Json;
  /** The newest answer to a gate before the effect. */
  approval?: GateAnswered;
  /** The newest answer to any other question since the newest try began. */
  decision?: GateAnswered & { readonly question: string };
  /** An answer was corrected since its arguments were journaled or approved. */
  outdated?: boolean;
  /** It was said that it takes longer than expected. */
  overdue?: boolean;
  /** How often what it tells was told again. */
  reminders: number;
  /** When it was last told, or told again. Microseconds since the epoch. */
  toldAt?: number;
  /** Files that are copied, or were found missing. */
  attached?: Set<string>;
  finished?: StepFinished;
  gates: number;
}

/** Everything that resume needs to know, as a fold over the journal. Changed in place: it lives as long as the run. */
export interface RunState {
  /** Microseconds since the epoch. */
  startedAt?: number;
  /** Number of the event that says that others, before it, were lost. */
  lossAt?: number;
  finished?: RunFinished;
  abort?: AbortBegun;
  /** By the number of the fault among those of the rehearsal. */
  readonly faults: Map<number, FaultInjected>;
  /** What became of the injects that came, by their numbers. */
  readonly injects: Map<number, InjectStruck['state']>;
  readonly proved: Set<string>;
  readonly steps: Map<string, StepState>;
  readonly entered: Set<string>;
  readonly left: Map<string, ScopeLeft>;
  /** What loops go over, by their keys. */
  readonly lists: Map<string, FrozenList>;
  /** How many items of a loop in batches are done, and which of them failed. */
  readonly batches: Map<string, BatchState>;
  /** Every branch taken, in order: a choice can be left for another branch. */
  readonly branches: Map<string, string[]>;
  /** By `<scope>/<name>`. */
  readonly inputs: Map<string, Json>;
  /** By the same names: the event that gave the value, and whether it corrected an earlier one. */
  readonly answeredBy: Map<string, { readonly seq: number; readonly corrects: boolean }>;
  readonly marks: Map<string, number | null>;
  readonly recorded: Map<string, Json>;
  /** By step key: what it put in the place of which targets. */
  readonly rebinds: Map<string, Map<string, Json>>;
  readonly debts: Map<string, DebtState>;
  /** How often an undo was run to its end, by key: each time has step keys of its own. */
  readonly undoRounds: Map<string, number>;
  readonly openGates: Map<string, string>;
  /** What is asked, and what was said to it from elsewhere. */
  readonly askings: Askings;
  /** The highest level of escalation that was called; 0 for none. */
  escalation: number;
  verificationFailed: boolean;
  /** Or it is known that it cannot be. */
  isLossCounted: boolean;
}

export const emptyState = (): RunState => ({
  faults: new Map(),
  injects: new Map(),
  proved: new Set(),
  steps: new Map(),
  entered: new Set(),
  left: new Map(),
  lists: new Map(),
  batches: new Map(),
  branches: new Map(),
  inputs: new Map(),
  answeredBy: new Map(),
  marks: new Map(),
  recorded: new Map(),
  rebinds: new Map(),
  debts: new Map(),
  undoRounds: new Map(),
  openGates: new Map(),
  askings: new Askings(),
  escalation: 0,
  verificationFailed: false,
  isLossCounted: false,
});

export const applyToState = (state: RunState, event: Event): RunState => applyEvent(FOLD, state, event);

function step(state: RunState, key: string): StepState {
  let record = state.steps.get(key);
  if (record === undefined) {
    record = { attempt: 'none', gates: 0, reminders: 0 };
    state.steps.set(key, record);
  }
  return record;
}

const mayChange = ({ started }: StepState): boolean =>
  started !== undefined && started.effect !== 'none' && started.effect !== 'read';

const same = (state: RunState): RunState => state;

/** Answers that settle nothing: the question is asked again. */
const PASSING = new Set(['note', 'pause', 'closed', 'correct', 'back', 'approve']);

/** The question that stands beside all others in a branch: whether it is to be left for another one. */
export const LEAVE = 'leave';

const FOLD: Fold<RunState> = {
  'run.started': (state, event) => {
    state.startedAt = event.at;
    state.askings.drivers.add(event.operator);
    return state;
  },
  'world.started': same,
  'fault.injected': (state, event) => {
    state.faults.set(event.number ?? 1, event);
    return state;
  },
  'check.proved': (state, event) => {
    state.proved.add(event.step);
    return state;
  },
  'input.answered': (state, event) => {
    state.inputs.set(`${event.scope}/${event.name}`, event.value);
    state.answeredBy.set(`${event.scope}/${event.name}`, { seq: event.seq, corrects: false });
    return state;
  },
  'input.corrected': (state, event) => {
    state.inputs.set(`${event.scope}/${event.name}`, event.value);
    state.answeredBy.set(`${event.scope}/${event.name}`, { seq: event.seq, corrects: true });
    for (const record of state.steps.values()) if (record.finished === undefined) record.outdated = true;
    return state;
  },
  'run.paused': same,
  'run.resumed': (state, { operator }) => {
    state.askings.drivers.add(operator);
    return state;
  },
  'run.finished': (state, event) => {
    state.finished = event;
    return state;
  },
  'abort.begun': (state, event) => {
    state.abort = event;
    return state;
  },
  'scope.entered': (state, event) => {
    state.entered.add(event.key);
    if (event.list !== undefined) state.lists.set(event.key, event.list);
    return state;
  },
  'scope.left': (state, event) => {
    state.left.set(event.key, event);
    if (event.verification === true) state.verificationFailed = true;
    return state;
  },
  'loop.progressed': (state, { key, done, failed, seq }) => {
    const before = state.batches.get(key)?.failed ?? [];
    state.batches.set(key, { done, failed: [...before, ...failed] });
    // Its items have no events of their own that would tell what they do.
    step(state, key).changed = { seq, title: key };
    return state;
  },
  'branch.chosen': (state, event) => {
    state.branches.set(event.key, [...(state.branches.get(event.key) ?? []), event.branch]);
    // The question has been settled: the next one about this choice is a new one.
    delete state.steps.get(event.key)?.decision;
    return state;
  },
  'step.started': (state, event) => {
    const record = step(state, event.key);
    record.started = event;
    record.knownAt = event.seq;
    record.began = event.seq;
    if (mayChange(record)) record.changed = event;
    if (event.park === true) record.parkedSince ??= event.at;
    record.attempt = 'running';
    delete record.outdated;
    delete record.failure;
    delete record.decision;
    // What was undone is done again, and so owed again.
    if (state.debts.get(event.key)?.how !== undefined) state.debts.delete(event.key);
    return state;
  },
  'step.activity': (state, event) => {
    const record = step(state, event.key);
    // The pause between two attempts is the one activity in which nothing is under way.
    if (event.class !== 'retry' && record.attempt === 'failed') record.attempt = 'running';
    return state;
  },
  'step.attemptFailed': (state, event) => {
    const record = step(state, event.key);
    record.attempt = 'failed';
    record.failure = event;
    delete record.parkedSince;
    delete record.decision;
    // What a person answered did not do: it is asked anew.
    for (const name of state.inputs.keys()) if (name.startsWith(`${event.key}/`)) state.inputs.delete(name);
    // Where it is not known what became of the effect, the checkpoint may still lead to it, and a wait can go on.
    const isOpen = event.error.changed === 'maybe' || event.error.code === CODES.stoppedWaiting;
    if (!isOpen) delete record.checkpoint;
    return state;
  },
  'step.checkpoint': (state, event) => {
    step(state, event.key).checkpoint = event.data;
    return state;
  },
  'step.overdue': (state, event) => {
    step(state, event.key).overdue = true;
    return state;
  },
  escalated: (state, event) => {
    state.escalation = Math.max(state.escalation, event.level);
    return state;
  },
  'background.changed': same,
  reminded: (state, { key, number, state: now, at }) => {
    if (now === 'begun') Object.assign(step(state, key), { reminders: number, toldAt: at });
    return state;
  },
  'inject.struck': (state, { number, state: now }) => {
    state.injects.set(number, now);
    return state;
  },
  attached: (state, { key, path }) => {
    const { attached = new Set<string>() } = step(state, key);
    step(state, key).attached = attached.add(path);
    return state;
  },
  'step.inDoubt': (state, event) => {
    const record = step(state, event.key);
    if (event.verdict === 'notHappened') delete record.checkpoint;
    if (event.verdict === 'notHappened' || event.verdict === 'repeatable') record.knownAt = event.seq;
    return state;
  },
  'step.finished': (state, event) => {
    state.askings.settle(event.key, 'its step has ended');
    const record = step(state, event.key);
    record.finished = event;
    record.toldAt = event.at;
    if (mayChange(record) || event.outcome === 'byHand') record.changed = event;
    if (event.verification === true) state.verificationFailed = true;
    return state;
  },
  'gate.opened': (state, event) => {
    step(state, event.key).gates += 1;
    const type = isJsonObject(event.question) ? event.question['type'] : undefined;
    state.openGates.set(event.gate, typeof type === 'string' ? type : '');
    state.askings.opened(event);
    return state;
  },
  'gate.answered': (state, event) => {
    const question = state.openGates.get(event.gate) ?? '';
    state.openGates.delete(event.gate);
    state.askings.answered(event, PASSING.has(event.answer));
    if (PASSING.has(event.answer) || (event.answer === 'switch' && question !== LEAVE)) return state;
    const record = step(state, event.key);
    if (question === 'gate') record.approval = event;
    else record.decision = { ...event, question };
    // What people do changes something, whatever drillbook itself does.
    if (question === 'manual' && event.answer === 'done' && record.started !== undefined) {
      record.changed = { seq: event.seq, title: record.started.title };
    }
    return state;
  },
  'message.refused': (state, event) => {
    state.askings.heard.add(event.message);
    return state;
  },
  'mark.set': (state, event) => {
    state.marks.set(event.mark, event.time);
    return state;
  },
  recorded: (state, event) => {
    state.recorded.set(event.name, event.value);
    return state;
  },
  'note.added': same,
  'debt.opened': (state, event) => {
    state.debts.set(event.key, { due: event.due });
    return state;
  },
  'debt.settled': (state, event) => {
    const debt = state.debts.get(event.key);
    if (debt !== undefined) {
      debt.how = event.how;
      if (event.early === true) debt.early = true;
    }
    if (event.how === 'paid' || event.how === 'failed') {
      state.undoRounds.set(event.key, (state.undoRounds.get(event.key) ?? 0) + 1);
    }
    return state;
  },
  'target.rebound': (state, event) => {
    const paths = state.rebinds.get(event.key) ?? new Map<string, Json>();
    state.rebinds.set(event.key, paths.set(event.path, event.target));
    return state;
  },
  'clock.jumped': same,
  'journal.repaired': (state, { seq, head }) => {
    if (head !== undefined) state.lossAt = seq;
    return state;
  },
  'loss.counted': (state) => {
    state.isLossCounted = true;
    return state;
  },
  'loss.uncounted': (state) => {
    state.isLossCounted = true;
    return state;
  },
};
