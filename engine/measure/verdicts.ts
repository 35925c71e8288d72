import { Instant } from '../base/instant.ts';
import { decodeValue } from '../base/value.ts';
import type { Json } from '../base/json.ts';
import type { Event } from '../model/event.ts';
import type { RpoEvidence } from '../model/playbook.ts';
import type { Mark } from './marks.ts';
import { marksOf } from './marks.ts';
import type { RunRecord } from './record.ts';
import { recordRun } from './record.ts';

/** `unproven`: there is no evidence for a figure. It is never a success. */
export type Verdict = 'met' | 'missed' | 'unproven';

/** What a run achieved, held against what it was to achieve. An objective that the playbook lacks is absent. */
export interface Verdicts {
  readonly rto?: RtoVerdict;
  readonly rpo?: RpoVerdict;
  readonly loss?: RowsLost;
}

export interface RtoVerdict {
  readonly verdict: Verdict;
  readonly targetMs: number;
  /** The marks that the objective is measured between. */
  readonly from: string;
  readonly to: string;
  /** Microseconds since the epoch. */
  readonly fromTime?: number;
  readonly toTime?: number;
  /** RTA: `to` less `from`. */
  readonly actualMs?: number;
  /** Why it is unproven, or missed without a figure. */
  readonly reason?: string;
}

export interface RpoVerdict {
  readonly verdict: Verdict;
  readonly targetMs: number;
  readonly evidence: RpoEvidence;
  /** The mark `occurred`, microseconds since the epoch. */
  readonly failureTime?: number;
  /** The moment from which on data is lost, microseconds since the epoch. */
  readonly recoveryPoint?: number;
  /** The step that recorded the recovery point. */
  readonly recordedBy?: string;
  /** RPA: failure time less recovery point; 0 when the data reaches beyond the failure. */
  readonly actualMs?: number;
  /** Why it is unproven, or what else decided. */
  readonly reason?: string;
}

export interface RowsLost {
  readonly lost: number;
  /** Of how many; known where the writer keeps its own list. */
  readonly acknowledged?: number;
  readonly source: 'counted' | 'recorded';
}

/** RTA and RPA with their verdicts. `now`: while the run is under way, what has been missed already. */
export const verdicts = (events: readonly Event[], now?: Instant): Verdicts =>
  verdictsOf(recordRun(events), now);

export function verdictsOf(record: RunRecord, now?: Instant): Verdicts {
  const { rto, rpo: promised } = record.started?.objectives ?? {};
  const rpo = record.choices.findLast((choice) => choice.rpo !== undefined)?.rpo ?? promised;
  const set = marksOf(record);
  const loss = rowsLost(record);
  return {
    ...(rto === undefined ? {} : { rto: judgeRto(rto, set, now?.epochMicros ?? record.lastAt) }),
    ...(rpo === undefined ? {} : { rpo: judgeRpo(rpo, set.get('occurred'), record) }),
    ...(loss === undefined ? {} : { loss }),
  };
}

function judgeRto(
  objective: { readonly targetMs: number; readonly from: string; readonly to: string },
  set: ReadonlyMap<string, Mark>,
  latest: number | undefined,
): RtoVerdict {
  const { targetMs, from, to } = objective;
  const fromTime = set.get(from)?.time;
  const toTime = set.get(to)?.time;
  const known = {
    targetMs,
    from,
    to,
    ...(fromTime === undefined ? {} : { fromTime }),
    ...(toTime === undefined ? {} : { toTime }),
  };
  if (fromTime === undefined) {
    return {
      ...known,
      verdict: 'unproven',
      reason: `the mark ${from} was never set: there is nothing to measure from`,
    };
  }
  if (toTime === undefined) {
    const isLate = latest !== undefined && latest - fromTime > targetMs * 1000;
    const reason = set.has(to) ? `the mark ${to} was taken back` : `the mark ${to} was not reached`;
    return { ...known, verdict: isLate ? 'missed' : 'unproven', reason };
  }
  const actualMs = (toTime - fromTime) / 1000;
  if (actualMs < 0)
    return { ...known, verdict: 'unproven', reason: `the mark ${to} lies before the mark ${from}` };
  return { ...known, verdict: actualMs <= targetMs ? 'met' : 'missed', actualMs };
}

function judgeRpo(
  { targetMs, evidence }: { readonly targetMs: number; readonly evidence: RpoEvidence },
  occurred: Mark | undefined,
  record: RunRecord,
): RpoVerdict {
  const recorded = record.recorded.findLast(({ name }) => name === 'recoveryPoint');
  const claimed = recorded === undefined ? undefined : momentOf(recorded.value);
  const failureTime = occurred?.time;
  const recoveryPoint = earlier(claimed, record.loss?.oldestLost);
  const known = {
    targetMs,
    evidence,
    ...(failureTime === undefined ? {} : { failureTime }),
    ...(recoveryPoint === undefined ? {} : { recoveryPoint }),
    ...(recorded === undefined ? {} : { recordedBy: recorded.key }),
  };
  const missing =
    recorded === undefined
      ? 'no step recorded a recovery point'
      : recoveryPoint === undefined
        ? `what the step ${recorded.key} recorded as the recovery point is no moment`
        : failureTime === undefined
          ? 'when the failure occurred is not known'
          : undefined;
  if (missing !== undefined || failureTime === undefined || recoveryPoint === undefined) {
    return { ...known, verdict: 'unproven', ...(missing === undefined ? {} : { reason: missing }) };
  }
  const actualMs = Math.max(0, failureTime - recoveryPoint) / 1000;
  return {
    ...known,
    verdict: actualMs <= targetMs ? 'met' : 'missed',
    actualMs,
    ...(recoveryPoint === claimed
      ? {}
      : { reason: 'an acknowledged row that is older than the recorded recovery point is lost: it decides' }),
  };
}

/**
 * The oldest acknowledged row that was lost is evidence against a later recovery point. Without
 * a recorded one it proves nothing: what was lost before the counting began is not known.
 */
function earlier(claimed: number | undefined, oldestLost: number | undefined): number | undefined {
  if (claimed === undefined || oldestLost === undefined) return claimed;
  return Math.min(claimed, oldestLost);
}

function rowsLost(record: RunRecord): RowsLost | undefined {
  const { loss } = record;
  if (loss !== undefined) return { lost: loss.lost, acknowledged: loss.acknowledged, source: 'counted' };
  const recorded = record.recorded.findLast(({ name }) => name === 'rowsLost');
  const value = recorded === undefined ? undefined : decodeValue(recorded.value);
  if (typeof value !== 'number' && typeof value !== 'bigint') return undefined;
  return { lost: Number(value), source: 'recorded' };
}

/** Microseconds since the epoch; a text with an offset is as good as a time. */
function momentOf(json: Json): number | undefined {
  const value = decodeValue(json);
  if (value instanceof Instant) return value.epochMicros;
  return typeof value === 'string' ? Instant.parse(value)?.epochMicros : undefined;
}
