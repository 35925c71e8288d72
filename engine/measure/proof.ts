import { decodeValue, encodeValue } from '../base/value.ts';
import { CHECK, SHOWN_RED, backupOf } from '../model/backup.ts';
import type { Event } from '../model/event.ts';
import { recordRun } from './record.ts';
import type { RunRecord, StepRecord } from './record.ts';

/**
 * `unproven`: green, and green on a broken copy as well, or never seen there. `skipped`: what it needs was not
 * proven, so it was not asked.
 */
export const CHECK_VERDICTS = ['proven', 'unproven', 'failed', 'skipped'] as const;

export type CheckVerdict = (typeof CHECK_VERDICTS)[number];

export interface ProvenCheck {
  /** `Size`: what it is known by from proof to proof. */
  readonly id: string;
  readonly title: string;
  readonly verdict: CheckVerdict;
  /** What was seen, or what is wrong. */
  readonly reading: string;
  /** Red on a broken copy; undefined for a check of the backup itself, of which nothing is broken. */
  readonly shownRed?: boolean;
}

/** What a run found out about a backup. */
export interface Proof {
  readonly backup: string;
  readonly title: string;
  readonly run: string;
  /** `unfinished`: it did not come to its end, and says nothing of the backup. */
  readonly verdict: 'proven' | 'notProven' | 'unfinished';
  /** Why it did not come to its end. */
  readonly reason?: string;
  /** Microseconds since the epoch. */
  readonly startedAt: number;
  readonly elapsedMs: number;
  readonly checks: readonly ProvenCheck[];
}

/** Undefined for a run of anything else. */
export function proofIn(events: readonly Event[]): Proof | undefined {
  const record = recordRun(events);
  const { started, finished } = record;
  const backup = started === undefined ? undefined : backupOf(started.playbook);
  if (started === undefined || backup === undefined) return undefined;
  const checks = [...record.steps.values()].flatMap((step) => {
    const id = idIn(step.key, CHECK);
    return id === undefined ? [] : [checkOf(id, step, record)];
  });
  const isOver = finished?.outcome === 'succeeded' || finished?.outcome === 'failedVerification';
  const isProven = finished?.outcome === 'succeeded' && checks.every(({ verdict }) => verdict === 'proven');
  return {
    backup,
    title: started.title.replace(/^Proof of /, ''),
    run: started.run,
    verdict: isOver ? (isProven && checks.length > 0 ? 'proven' : 'notProven') : 'unfinished',
    ...(!isOver && { reason: finished?.reason ?? 'it was not carried to its end' }),
    startedAt: started.at,
    elapsedMs: ((record.lastAt ?? started.at) - started.at) / 1000,
    checks,
  };
}

function checkOf(id: string, step: StepRecord, record: RunRecord): ProvenCheck {
  const { title, finished } = step;
  const red = record.steps.get(`${SHOWN_RED}${id}`);
  const shownRed = red === undefined ? undefined : isRed(red);
  const said = record.recorded.find(({ key, name }) => key === step.key && name === 'reading');
  const value = said === undefined ? '' : decodeValue(said.value);
  const seen = typeof value === 'string' ? value : JSON.stringify(encodeValue(value));
  const about = { id, title, ...(shownRed !== undefined && { shownRed }) };
  if (finished === undefined) {
    return { ...about, verdict: 'failed', reading: 'it was begun, and never came to its end' };
  }
  switch (finished.outcome) {
    case 'succeeded':
      if (shownRed !== false) return { ...about, verdict: 'proven', reading: seen };
      return { ...about, verdict: 'unproven', reading: red?.finished?.error?.message ?? NEVER_RED };
    case 'skipped':
      return { id, title, verdict: 'skipped', reading: 'what it needs was not proven' };
    default:
      return { id, title, verdict: 'failed', reading: finished.error?.message ?? finished.outcome };
  }
}

const NEVER_RED = 'The copy could not be broken, so it has never been red';

/** It did not hold there, or could not even be asked. */
const isRed = ({ finished }: StepRecord): boolean =>
  finished?.outcome === 'succeeded' || finished?.outcome === 'red';

/** `Size` of `checkSize`. */
const idIn = (key: string, prefix: string): string | undefined =>
  key.startsWith(prefix) && /^[A-Z]/.test(key.slice(prefix.length)) ? key.slice(prefix.length) : undefined;
