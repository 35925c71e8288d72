import { isJsonObject } from '../base/json.ts';
import type { Json } from '../base/json.ts';
import { decodeValue } from '../base/value.ts';
import type { ScopeLeft } from '../model/event.ts';
import type { Fold } from '../model/fold.ts';
import { humanDuration } from '../base/human.ts';
import type { RunningStep, ScreenState, FoldedOutcome } from './screen-state.ts';
import { addEntry, addStepEntry, closeScope, withScopes } from './screen-state.ts';
import { finishedEntry, outcomeOf } from './outcomes.ts';
import { brokenStage, firstStage, soundStage, stageAfter } from './stages.ts';
import { formatValue } from './values.ts';

/** What an inject is called on the screen: people are to take it as it comes. */
const INJECTS = {
  message: 'You are told',
  fault: 'Something more breaks',
  answer: 'From now on it is so',
  failed: 'An inject of the rehearsal could not come',
  unknown: 'Nobody knows whether an inject of the rehearsal came',
} as const;

const millis = (event: { readonly at: number }): number => event.at / 1000;

/** Screen state over the journal's events: what the terminal shows is what the journal holds. */
export const screenFold: Fold<ScreenState> = {
  'run.started': (state, event) => {
    const startedAt = millis(event);
    const [root, ...rest] = state.scopes;
    return {
      ...state,
      run: {
        id: event.run,
        mode: event.mode,
        playbook: event.playbook,
        title: event.title,
        environment: event.environment.name,
        startedAt,
      },
      scopes: [{ ...root, title: event.title, startedAt }, ...rest],
      stage: firstStage(event),
    };
  },
  'world.started': (state, event) =>
    addEntry(
      { ...state, loose: [], stage: soundStage(state.stage, event) },
      { mark: 'ok', text: 'The sandbox is up' },
    ),
  'fault.injected': (state, event) =>
    addEntry(
      { ...state, loose: [], stage: brokenStage(state.stage, event) },
      { mark: 'info', text: 'Broken on purpose', detail: event.description },
    ),
  'check.proved': (state, event) => {
    if (event.verdict === 'notAimable') return state;
    const red = event.verdict === 'red';
    return addEntry(state, {
      mark: red ? 'ok' : 'bad',
      text: event.title,
      detail: red
        ? `is red while the world is broken: ${event.reading}`
        : 'stays green while the world is broken: it proves nothing',
    });
  },
  'input.answered': (state, event) =>
    addEntry(state, {
      mark: 'info',
      text: event.name,
      detail: formatValue(decodeValue(event.value)),
    }),
  'input.corrected': (state, event) =>
    addEntry(state, {
      mark: 'info',
      text: `${event.name} is corrected`,
      detail: `${formatValue(decodeValue(event.value))} instead of ${formatValue(decodeValue(event.before))}`,
    }),
  'run.paused': (state, event) => ({
    ...state,
    standing: { mark: 'pause', text: `Paused: ${event.reason}` },
  }),
  'run.resumed': (state, event) => {
    const running = state.running.map((step): RunningStep => ({ ...step, inDoubt: true }));
    return addEntry(
      { ...state, gate: undefined, standing: undefined, running, live: new Map() },
      { mark: 'info', text: `Resumed by ${event.operator}` },
    );
  },
  'run.finished': (state, event) => ({
    ...state,
    running: [],
    stage: undefined,
    standing: outcomeOf(event),
  }),
  'abort.begun': (state, event) => ({
    ...state,
    standing: { mark: 'bad', text: `Aborting: ${event.reason}` },
  }),
  'scope.entered': (state, event) => {
    if (state.scopes.some((scope) => scope.key === event.key)) return state;
    // What goes on side by side has no order in which one scope could stand inside another.
    if (event.kind === 'lane' || event.kind === 'item')
      return { ...state, lanes: [...state.lanes, event.key] };
    if (isBesideOthers(state, event.key)) return state;
    const opened = {
      key: event.key,
      kind: event.kind,
      title: event.title,
      startedAt: millis(event),
      steps: 0,
      failures: 0,
      declined: 0,
      entries: [],
      earlier: 0,
    };
    return withScopes({ ...state, loose: [] }, [...state.scopes, opened]);
  },
  'scope.left': (state, event) => {
    if (state.lanes.includes(event.key)) return leaveLane(state, event);
    return isBesideOthers(state, event.key)
      ? state
      : closeScope(state, event.key, millis(event), foldedOutcome(event.outcome));
  },
  'loop.progressed': (state, event) =>
    event.failed.reduce(
      (before, { item, error }) => addEntry(before, { mark: 'bad', text: item, detail: error.message }),
      state,
    ),
  'branch.chosen': (state, event) => addEntry(state, { mark: 'info', text: `Chosen: ${event.branch}` }),
  'step.started': (state, event) => {
    const step: RunningStep = {
      key: event.key,
      title: event.title,
      describe: event.describe,
      effect: event.effect,
      startedAt: millis(event),
      ...(event.expectMs !== undefined && { expectMs: event.expectMs }),
    };
    const others = state.running.filter((each) => each.key !== event.key);
    return { ...state, loose: [], running: [...others, step] };
  },
  'step.activity': (state, event) =>
    changeStep(state, event.key, (step) => ({
      ...step,
      activity: { class: event.class, ...(event.reason !== undefined && { reason: event.reason }) },
    })),
  'step.attemptFailed': (state, event) =>
    changeStep(state, event.key, (step) => ({
      ...step,
      failedAttempt: {
        attempt: event.attempt,
        message: event.error.message,
        ...(event.nextInMs !== undefined && { nextAt: millis(event) + event.nextInMs }),
      },
    })),
  'step.checkpoint': (state) => state,
  'step.overdue': (state, event) => {
    const title = state.running.find((step) => step.key === event.key)?.title ?? event.key;
    const next = event.contact === undefined ? '' : `; next to call: ${event.contact}`;
    return addEntry(state, {
      mark: 'wait',
      text: title,
      detail: `takes longer than the ${humanDuration(event.expectMs)} that were expected${next}`,
    });
  },
  'background.changed': (state, { title, state: now, reason, whenLost }) =>
    addEntry(state, {
      mark: now === 'left' || (now === 'lost' && whenLost !== 'restart') ? 'bad' : 'info',
      text: `${title}: the process in the background ${BACKGROUND[now]}`,
      ...(reason !== undefined && { detail: reason }),
    }),
  'inject.struck': (state, { what, state: now, text }) =>
    now === 'begun'
      ? state
      : addEntry(
          { ...state, loose: [] },
          { mark: now === 'done' ? 'info' : 'bad', text: INJECTS[now === 'done' ? what : now], detail: text },
        ),
  reminded: (state, { title, number, state: now, reason }) =>
    now === 'begun'
      ? state
      : addEntry(state, {
          mark: now === 'told' ? 'info' : 'bad',
          text: `${title}: ${now === 'told' ? 'told again' : 'could not be told again'} (reminder ${String(number)})`,
          ...(reason !== undefined && { detail: reason }),
        }),
  attached: (state, { path, file, problem }) =>
    addEntry(state, {
      mark: 'info',
      text: file === undefined ? `${path} could not be attached` : `${path} is attached as ${file}`,
      ...(problem !== undefined && { detail: problem }),
    }),
  escalated: (state, event) =>
    addEntry(state, {
      mark: 'info',
      text: `Level ${String(event.level)} called by ${event.by}`,
      detail: event.who,
    }),
  'step.inDoubt': (state, event) =>
    event.verdict === 'notHappened' || event.verdict === 'repeatable'
      ? { ...state, running: state.running.filter((step) => step.key !== event.key) }
      : state,
  'step.finished': (state, event) => {
    const step = state.running.find((each) => each.key === event.key);
    const live = new Map(state.live);
    live.delete(event.key);
    const running = state.running.filter((each) => each !== step);
    return addStepEntry(
      { ...state, running, live },
      finishedEntry(event, step && millis(event) - step.startedAt),
      event.outcome === 'declined',
    );
  },
  'gate.opened': (state, event) => ({
    ...state,
    stage: undefined,
    gate: {
      key: event.key,
      title: memberText(event.question, 'title') ?? event.key,
      type: memberText(event.question, 'type') ?? 'gate',
      openedAt: millis(event),
    },
  }),
  'gate.answered': (state, event) =>
    event.sent === undefined
      ? { ...state, gate: undefined }
      : addEntry(
          { ...state, gate: undefined },
          { mark: 'info', text: `${event.by} answered from elsewhere`, detail: event.answer },
        ),
  'message.refused': (state, { by, account, reason }) =>
    addEntry(state, {
      mark: 'info',
      text: `What ${by ?? account} said from elsewhere does not count`,
      detail: reason,
    }),
  'mark.set': (state, event) => {
    const others = state.marks.filter((each) => each.mark !== event.mark);
    if (event.time === null) return { ...state, marks: others };
    return {
      ...state,
      stage: stageAfter(state.stage, event),
      marks: [...others, { mark: event.mark, time: event.time / 1000 }],
    };
  },
  recorded: (state, event) =>
    addEntry(state, { mark: 'info', text: event.name, detail: formatValue(decodeValue(event.value)) }),
  'note.added': (state, event) =>
    addEntry(state, { mark: 'info', text: `Note by ${event.by}`, detail: event.text }),
  'debt.opened': (state, event) => ({
    ...state,
    debts: [
      ...state.debts.filter((debt) => debt.key !== event.key),
      ...(event.due === 'exit' ? [{ key: event.key, title: event.title }] : []),
    ],
  }),
  'debt.settled': (state, event) =>
    event.how === 'declined' || event.how === 'failed'
      ? state
      : { ...state, debts: state.debts.filter((debt) => debt.key !== event.key) },
  'target.rebound': (state, event) =>
    addEntry(state, { mark: 'info', text: `${event.path} is now`, detail: targetName(event.target) }),
  'clock.jumped': (state, event) =>
    addEntry(state, {
      mark: 'info',
      text: `The wall clock jumped by ${humanDuration(event.byMs)}`,
    }),
  'journal.repaired': (state, { head }) =>
    addEntry(
      state,
      head === undefined
        ? { mark: 'info', text: 'A torn last line was cut off the journal' }
        : { mark: 'bad', text: 'The journal lost its end: each write from here on is in doubt' },
    ),
  'loss.counted': (state, event) =>
    addEntry(state, {
      mark: event.lost === 0 ? 'ok' : 'info',
      text: `${String(event.lost)} of ${String(event.acknowledged)} acknowledged rows lost`,
    }),
  'loss.uncounted': (state, { reason }) =>
    addEntry(state, { mark: 'info', text: 'What was lost could not be counted', detail: reason }),
};

const BACKGROUND = {
  lost: 'was lost',
  restarted: 'was started again',
  ended: 'was ended',
  left: 'could not be ended, and may still run',
} as const;

const isBesideOthers = (state: ScreenState, key: string): boolean =>
  state.lanes.some((lane) => key.startsWith(`${lane}/`));

/** A branch or an item that went well is no news; the loop around it says how many there were. */
function leaveLane(state: ScreenState, { key, outcome, error }: ScopeLeft): ScreenState {
  const left = { ...state, lanes: state.lanes.filter((lane) => lane !== key) };
  if (outcome !== 'failed' && outcome !== 'cancelled') return left;
  const text = key.slice(key.lastIndexOf('/') + 1);
  const detail = error === undefined ? outcome : `${outcome}: ${error.message}`;
  return addEntry(left, { mark: outcome === 'failed' ? 'bad' : 'skip', text, detail });
}

const foldedOutcome = (outcome: ScopeLeft['outcome']): FoldedOutcome =>
  outcome === 'cancelled' ? 'failed' : outcome;

function changeStep(
  state: ScreenState,
  key: string,
  change: (step: RunningStep) => RunningStep,
): ScreenState {
  return { ...state, running: state.running.map((step) => (step.key === key ? change(step) : step)) };
}

export const memberText = (json: Json, member: string): string | undefined => {
  const value = isJsonObject(json) ? json[member] : undefined;
  return typeof value === 'string' ? value : undefined;
};

const targetName = (target: Json): string =>
  memberText(target, 'name') ?? memberText(target, 'id') ?? JSON.stringify(target);
