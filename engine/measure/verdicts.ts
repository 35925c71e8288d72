import { humanDuration } from '../base/human.ts';
import { Instant } from '../base/instant.ts';
import { decodeValue } from '../base/value.ts';
import type { Json } from '../base/json.ts';
import type { Event } from '../model/event.ts';
import type { RpoEvidence } from '../model/playbook.ts';
import type { Elapsed } from './elapsed.ts';
import type { Mark } from './marks.ts';
import { marksOf } from './marks.ts';
import type { RunRecord } from './record.ts';
import { passedBy, recordRun } from './record.ts';

/** `unproven`: there is no evidence for a figure. It is never a success. */
export type Verdict = 'met' | 'missed' | 'unproven';

/** What a run achieved, held against what it was to achieve. An objective that the playbook lacks is absent. */
export interface Verdicts {
  readonly rto?: RtoVerdict;
  readonly rpo?: RpoVerdict;
  readonly loss?: RowsLost;
  /** Why what was lost could not be counted. */
  readonly uncounted?: string;
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
    ...(rto !== undefined && { rto: judgeRto(rto, set, passedBy(record, now)) }),
    ...(rpo !== undefined && { rpo: judgeRpo(rpo, set.get('occurred'), record) }),
    ...(loss !== undefined && { loss }),
    ...(record.uncounted !== undefined && { uncounted: record.uncounted.reason }),
  };
}

function judgeRto(
  objective: { readonly targetMs: number; readonly from: string; readonly to: string },
  set: ReadonlyMap<string, Mark>,
  latest: number,
): RtoVerdict {
  const { targetMs, from, to } = objective;
  const begin = set.get(from);
  const end = set.get(to);
  const known = {
    targetMs,
    from,
    to,
    ...(begin?.time !== undefined && { fromTime: begin.time }),
    ...(end?.time !== undefined && { toTime: end.time }),
  };
  if (begin?.elapsed === undefined) {
    return {
      ...known,
      verdict: 'unproven',
      reason: `the mark ${from} was never set: there is nothing to measure from`,
    };
  }
  if (end?.elapsed === undefined) {
    const isLate = latest - begin.elapsed.passed > targetMs * 1000;
    const reason = end === undefined ? `the mark ${to} was not reached` : `the mark ${to} was taken back`;
    return { ...known, verdict: isLate ? 'missed' : 'unproven', reason };
  }
  return { ...known, ...judgeLength(begin.elapsed, end.elapsed, objective) };
}

/** RTA by the run's own axis of time. Where the clocks leave open what really passed, it is not met by guessing. */
function judgeLength(
  begin: Elapsed,
  end: Elapsed,
  { targetMs, from, to }: { readonly targetMs: number; readonly from: string; readonly to: string },
): Pick<RtoVerdict, 'verdict' | 'actualMs' | 'reason'> {
  const actualMs = (end.passed - begin.passed) / 1000;
  const setBackMs = (end.setBack - begin.setBack) / 1000;
  const leastMs = actualMs - (end.unexplained - begin.unexplained) / 1000;
  if (actualMs < 0) return { verdict: 'unproven', reason: `the mark ${to} lies before the mark ${from}` };
  if (setBackMs > 0) {
    const reason = `the clock was set back by at least ${humanDuration(setBackMs)} while the run was paused or dead: how long that took is not known`;
    return { verdict: leastMs > targetMs ? 'missed' : 'unproven', actualMs, reason };
  }
  if (actualMs <= targetMs) return { verdict: 'met', actualMs };
  if (leastMs > targetMs) return { verdict: 'missed', actualMs };
  const reason = `the clock went ahead by ${humanDuration(actualMs - leastMs)}: the machine slept, or its clock was set`;
  return { verdict: 'unproven', actualMs, reason };
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
    ...(failureTime !== undefined && { failureTime }),
    ...(recoveryPoint !== undefined && { recoveryPoint }),
    ...(recorded !== undefined && { recordedBy: recorded.key }),
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
    return { ...known, verdict: 'unproven', ...(missing !== undefined && { reason: missing }) };
  }
  const actualMs = Math.max(0, failureTime - recoveryPoint) / 1000;
  if (record.uncounted !== undefined && actualMs <= targetMs) {
    return { ...known, verdict: 'unproven', actualMs, reason: 'what was lost could not be counted' };
  }
  return {
    ...known,
    verdict: actualMs <= targetMs ? 'met' : 'missed',
    actualMs,
    ...(recoveryPoint !== claimed && {
      reason: 'an acknowledged row that is older than the recorded recovery point is lost: it decides',
    }),
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
