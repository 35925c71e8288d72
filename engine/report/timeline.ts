import { injectsOf } from './injects.ts';
import { humanDuration } from '../base/human.ts';
import type { Envelope } from '../model/event.ts';
import { saidBy } from '../model/people.ts';
import type { GateRecord, RunRecord, StepRecord } from '../measure/record.ts';
import type { RunSummary } from '../measure/summary.ts';
import { OUTCOME_WORDS, gateTitle, whatWasLost } from './labels.ts';

/** One thing that happened, for the timeline. */
export interface TimelineEntry {
  /** Microseconds since the epoch. */
  readonly at: number;
  /** The event it was made of: what bears the same time stays in the order of the journal. */
  readonly seq: number;
  readonly kind: EntryKind;
  readonly text: string;
  readonly tone?: EntryTone;
}

type EntryKind = 'run' | 'fault' | 'phase' | 'step' | 'gate' | 'mark' | 'note' | 'trouble';
type EntryTone = 'good' | 'bad' | 'warn';

/** The timeline counts from where the RTO does, so that it can be read against it. */
export function timelineOrigin({ rto, startedAt = 0 }: RunSummary): {
  readonly at: number;
  readonly words: string;
} {
  if (rto?.fromTime !== undefined) return { at: rto.fromTime, words: `(since ${rto.from})` };
  return { at: startedAt, words: '(since the start)' };
}

export const sinceOrigin = (millis: number): string =>
  millis < 0 ? `-${humanDuration(-millis)}` : `+${humanDuration(millis)}`;

/** What happened, by time. Marks stand where they were set to, not where the journal heard of them. */
export function timelineOf(record: RunRecord): readonly TimelineEntry[] {
  const entries = [
    ...lifeEntries(record),
    ...record.scopes
      .filter(({ kind }) => kind !== 'call')
      .map((event) => entry(event, 'phase', event.kind === 'undo' ? `Undo: ${event.title}` : event.title)),
    ...[...record.steps.values()].flatMap(stepEntries),
    ...[...record.gates.values()].map(gateEntry),
    ...record.marks.map((event) => {
      const { mark, time, source } = event;
      if (time === null) return entry(event, 'mark', `${mark} taken back`, 'warn');
      return {
        ...entry(event, 'mark', source === 'correction' ? `${mark}, corrected` : mark, 'good'),
        at: time,
      };
    }),
    ...record.backgrounds.map((event) => {
      const { title, state, reason } = event;
      const because = reason === undefined ? '' : `: ${reason}`;
      const text = `${title}: its process in the background ${BACKGROUND_WORDS[state]}${because}`;
      return entry(event, 'step', text, state === 'lost' || state === 'left' ? 'warn' : undefined);
    }),
    ...reminderEntries(record),
    ...record.notes.map((event) => entry(event, 'note', `${event.by}: ${event.text}`)),
  ];
  return entries.sort((a, b) => a.at - b.at || a.seq - b.seq);
}

function reminderEntries({ reminders }: RunRecord): readonly TimelineEntry[] {
  return reminders
    .filter(({ state }) => state !== 'begun')
    .map((event) => {
      const { title, number, state, reason } = event;
      const which = `${title}, reminder ${String(number)}`;
      return state === 'told'
        ? entry(event, 'step', `${which}: told`)
        : entry(event, 'step', `${which}: could not be told: ${reason ?? ''}`, 'warn');
    });
}

const BACKGROUND_WORDS = {
  lost: 'was lost',
  restarted: 'was started again',
  ended: 'was ended',
  left: 'could not be ended, and may still run',
} as const;

function entry({ at, seq }: Envelope, kind: EntryKind, text: string, tone?: EntryTone): TimelineEntry {
  return { at, seq, kind, text, ...(tone !== undefined && { tone }) };
}

function lifeEntries(record: RunRecord): readonly TimelineEntry[] {
  const { started, finished, faults, abort, pauses, resumes, jumps, repairs } = record;
  const entries = [
    ...pauses.map((event) => entry(event, 'run', `Paused by ${event.by}: ${event.reason}`, 'warn')),
    ...resumes.map((event) => entry(event, 'run', `Resumed by ${event.operator} on ${event.host}`)),
    ...jumps.map((event) =>
      entry(event, 'trouble', `The wall clock jumped by ${humanDuration(event.byMs)}`, 'warn'),
    ),
    ...repairs.map((event) =>
      event.head === undefined
        ? entry(event, 'trouble', `The journal’s torn last line was cut off (${event.bytes} bytes)`, 'warn')
        : entry(event, 'trouble', `The journal had lost its end: ${whatWasLost(event)}`, 'bad'),
    ),
  ];
  if (started !== undefined) entries.push(entry(started, 'run', `Run started by ${started.operator}`));
  entries.push(
    ...injectsOf(record).map(({ event, text }) =>
      entry(event, 'fault', `Inject ${event.number}. ${text}`, 'warn'),
    ),
  );
  entries.push(...faults.map((event) => entry(event, 'fault', event.description, 'warn')));
  if (abort !== undefined)
    entries.push(entry(abort, 'run', `Aborted by ${abort.by}: ${abort.reason}`, 'bad'));
  if (finished !== undefined) {
    entries.push(entry(finished, 'run', `Run ended: ${OUTCOME_WORDS[finished.outcome]}`));
  }
  return entries;
}

function gateEntry({ opened, answered }: GateRecord): TimelineEntry {
  const title = gateTitle(opened);
  if (answered === undefined) return entry(opened, 'gate', `${title}: not answered`, 'warn');
  const { answer, reason } = answered;
  const waited = humanDuration(answered.up - opened.up);
  const because = reason === undefined ? '' : ` (${reason})`;
  return entry(answered, 'gate', `${title}: ${answer} by ${saidBy(answered)} after ${waited}${because}`);
}

const STEP_WORDS: ReadonlyMap<string, string> = new Map([
  ['succeeded', 'done'],
  ['talkedThrough', 'talked through'],
  ['otherwise', 'would be done otherwise'],
]);

function stepEntries({
  title,
  started,
  finished,
  lastFailure,
  wasInDoubt,
}: StepRecord): readonly TimelineEntry[] {
  if (finished === undefined) {
    if (started === undefined) return [];
    const failed = lastFailure === undefined ? '' : ` (failed: ${lastFailure.message})`;
    return [entry(started, 'step', `${title}: started, its end is not known${failed}`, 'warn')];
  }
  const { at, outcome, conclusion, error, reason, by } = finished;
  const parts = [
    STEP_WORDS.get(outcome) ?? outcome,
    ...(started === undefined ? [] : [`in ${humanDuration((at - started.at) / 1000)}`]),
    ...(by === undefined ? [] : [`by ${by}`]),
    ...(wasInDoubt ? ['after it was in doubt'] : []),
  ];
  const why = [error?.message, reason].filter((text) => text !== undefined && text !== '').join('; ');
  const text = `${title}: ${parts.join(' ')}${why === '' ? '' : ` (${why})`}`;
  const tone = conclusion === 'failed' ? 'bad' : conclusion === 'tolerated' ? 'warn' : undefined;
  return [entry(finished, 'step', text, tone)];
}
