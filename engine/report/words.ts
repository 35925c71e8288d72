import { isJsonObject } from '../base/json.ts';
import { Instant } from '../base/instant.ts';
import type { Event, GateOpened, JournalRepaired, RunOutcome } from '../model/event.ts';
import type { TimeClass } from '../model/time-class.ts';
import type { RpoEvidence } from '../model/playbook.ts';

export const OUTCOME_WORDS: Readonly<Record<RunOutcome, string>> = {
  succeeded: 'succeeded',
  failedVerification: 'ran to its end, but a verification failed',
  failed: 'failed',
  aborted: 'aborted',
};

export const CLASS_WORDS: Readonly<Record<TimeClass, string>> = {
  machine: 'machine (at work)',
  human: 'human (waiting for people)',
  external: 'external (waiting for others)',
  retry: 'retry (pauses before another try)',
  down: 'down (paused, dead or asleep)',
};

export const EVIDENCE_WORDS: Readonly<Record<RpoEvidence, string>> = {
  heartbeat: 'the newest heartbeat row that was recovered',
  reached: 'the moment that the restore reached',
  keys: 'database keys held against the bucket',
};

/** `2026-11-22 14:55:03 UTC` */
export const dateTime = (micros: number): string => `${rfc3339(micros).slice(0, 19).replace('T', ' ')} UTC`;

/** A number that is no moment, as only a damaged journal holds it, is shown as it is. */
export const rfc3339 = (micros: number): string =>
  Number.isSafeInteger(micros) ? new Instant(micros).toString() : String(micros);

/** What was asked, as the operator saw it. */
export function gateTitle({ question, key }: Event<GateOpened>): string {
  const title = isJsonObject(question) ? question['title'] : undefined;
  return typeof title === 'string' && title !== '' ? title : key;
}

/** What a repair of the journal found missing. */
export function whatWasLost({ seq, head }: Event<JournalRepaired>): string {
  if (head === undefined || head === null) return 'its head file was missing, so how much cannot be told';
  const events = head.seq === seq ? `event ${head.seq}` : `events ${seq} to ${head.seq}`;
  return `${events} of those that its head file named (sha256:${head.hash})`;
}

export const count = (number: number, noun: string): string =>
  `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`;
