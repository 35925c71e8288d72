import { humanDuration } from '../base/human.ts';
import { Instant } from '../base/instant.ts';
import { decodeValue } from '../base/value.ts';
import type { Json } from '../base/json.ts';
import type { Event, Recorded } from '../model/event.ts';
import type { CountedLoss } from '../model/evidence-event.ts';
import { lossEndsWith } from '../model/objectives.ts';
import type { LossEnd, RpoEvidence, RpoObjective } from '../model/objectives.ts';
import type { Mark } from './marks.ts';
import { stayedGreen } from './proofs.ts';
import type { RealWorld } from './real-world.ts';
import type { RunRecord } from './record.ts';
import type { Verdict } from './verdict.ts';

/** The loss window of a run, held against its RPO. */
export interface RpoVerdict {
  readonly verdict: Verdict;
  readonly targetMs: number;
  readonly evidence: RpoEvidence;
  readonly to: LossEnd;
  /** The mark `occurred`, microseconds since the epoch. */
  readonly failureTime?: number;
  /** Where the window begins: from here on data is lost, microseconds since the epoch. */
  readonly recoveryPoint?: number;
  /** The step that recorded the recovery point. */
  readonly recordedBy?: string;
  /** Where the window ends, microseconds since the epoch. */
  readonly lostUntil?: number;
  readonly endedBy?: EndEvidence;
  /** The step that showed it: it asked for the row, or set the mark. */
  readonly shownBy?: string;
  /** RPA: the whole window. */
  readonly actualMs?: number;
  /** Its two parts: before the accident, and after it until nobody could write any more. Absent where there was none. */
  readonly beforeMs?: number;
  readonly afterMs?: number;
  /** Nothing shows where the window ends: it is as long as this, or longer. */
  readonly isAtLeast?: boolean;
  /** Why it is unproven, or what else decided. */
  readonly reason?: string;
  /** Where the sandbox shortened waits before the fence; the verdict is on this one then. */
  readonly real?: RealWorld;
}

/** What shows where the loss window ends: a row, a mark, or the writer's own list. */
export type EndEvidence = 'newestLost' | 'fenced' | 'occurred' | 'counted';

export interface RowsLost {
  readonly lost: number;
  /** Of how many; known where the writer keeps its own list. */
  readonly acknowledged?: number;
  readonly source: 'counted' | 'recorded';
  /** Files, where the writer keeps a list of these too. */
  readonly uploads?: { readonly lost: number; readonly acknowledged: number };
}

/** Microseconds since the epoch, and why it is not what a step says. `time` is an upper bound where `isOpen`. */
interface Begin {
  readonly time: number;
  readonly isOpen?: boolean;
  readonly reason?: string;
}

/** `time` is a lower bound where `isOpen`. */
interface End {
  readonly time: number;
  /** Until when somebody may still have written what the step that shows the end could not see. */
  readonly latest?: number;
  readonly by?: EndEvidence;
  readonly step?: string;
  readonly isOpen: boolean;
  readonly reason?: string;
}

/** A moment, and when in the run it was found out. */
interface Asked {
  readonly time: number;
  readonly seq: number;
  readonly step: string;
}

/** Judges the whole loss window. What was not evidence of this accident does not count. */
export function judgeLoss(
  objective: RpoObjective,
  set: ReadonlyMap<string, Mark>,
  record: RunRecord,
): RpoVerdict {
  const { targetMs, evidence } = objective;
  const to = lossEndsWith(objective);
  const failureTime = to === 'newestLost' ? undefined : set.get('occurred')?.time;
  const recorded = lastRed(record);
  const known = {
    targetMs,
    evidence,
    to,
    ...(failureTime !== undefined && { failureTime }),
    ...(recorded !== undefined && { recordedBy: recorded.key }),
  };
  const unproven = (reason: string): RpoVerdict => ({ ...known, verdict: 'unproven', reason });
  if (recorded === undefined) {
    const wasRecorded = record.recorded.some(({ name }) => name === 'recoveryPoint');
    return unproven(
      wasRecorded
        ? 'the check that recorded the recovery point stayed green while the world was broken: it proves nothing'
        : 'no step recorded a recovery point',
    );
  }
  const claimed = momentOf(recorded.value);
  if (claimed === undefined) {
    return unproven(`what the step ${recorded.key} recorded as the recovery point is no moment`);
  }
  if (failureTime === undefined && to !== 'newestLost')
    return unproven('when the failure occurred is not known');
  if (failureTime !== undefined && claimed > failureTime) {
    const late = humanDuration((claimed - failureTime) / 1000);
    return unproven(
      `what the step ${recorded.key} recorded as the recovery point lies ${late} after the failure: it was written since, and proves nothing`,
    );
  }
  const begin = beginOf({ claimed, step: recorded.key }, failureTime, evidence, record);
  if (begin === undefined) {
    return unproven(
      'something is missing, and what was missing before the failure is not known: it may be older than this accident',
    );
  }
  const end = endOf(to, begin.time, failureTime ?? begin.time, record, countedBy(evidence, record));
  if (to === 'newestLost' && begin.time > end.time) {
    return unproven(
      `what the step ${recorded.key} recorded as the recovery point is newer than all that was left behind: it was written since, and proves nothing`,
    );
  }
  const isOpen = end.isOpen || begin.isOpen === true;
  const lostUntil = Math.max(begin.time, end.time);
  const actualMs = (lostUntil - begin.time) / 1000;
  const reasons = [begin.reason, end.reason].filter((reason) => reason !== undefined);
  const figures = {
    ...known,
    recoveryPoint: begin.time,
    lostUntil,
    ...(end.by !== undefined && { endedBy: end.by }),
    ...(end.step !== undefined && { shownBy: end.step }),
    actualMs,
    ...(failureTime !== undefined && {
      beforeMs: Math.max(0, Math.min(lostUntil, failureTime) - begin.time) / 1000,
      afterMs: Math.max(0, lostUntil - Math.max(begin.time, failureTime)) / 1000,
    }),
    ...(isOpen && { isAtLeast: true }),
  };
  const isOver = actualMs > targetMs;
  if (record.uncounted !== undefined && !isOver) reasons.push('what was lost could not be counted');
  const isShown = !isOpen && record.uncounted === undefined;
  return {
    ...figures,
    verdict: isOver ? 'missed' : isShown ? 'met' : 'unproven',
    ...(reasons.length > 0 && { reason: reasons.join('; ') }),
  };
}

/** The last recovery point by a step that was not seen green in the broken world. */
const lastRed = (record: RunRecord): Event<Recorded> | undefined =>
  record.recorded.findLast(({ name, key }) => name === 'recoveryPoint' && !stayedGreen(record, key));

/** The writer's own list of what the objective is about: with keys its uploads, else its rows. */
const countedBy = (evidence: RpoEvidence, { loss }: RunRecord): CountedLoss | undefined =>
  evidence === 'keys' ? loss?.uploads : loss;

/**
 * The oldest acknowledged write that was lost is evidence against a later recovery point. Keys without
 * an object that may have been missing before are none of it; uploads that are on the writer's own list
 * and lost were there before, and others may be lost beside them.
 */
function beginOf(
  { claimed, step }: { readonly claimed: number; readonly step: string },
  failureTime: number | undefined,
  evidence: RpoEvidence,
  record: RunRecord,
): Begin | undefined {
  const { oldestLost } = countedBy(evidence, record) ?? {};
  const hasBaseline =
    evidence !== 'keys' ||
    record.recorded.some(
      ({ name, key, value }) => name === 'missingBefore' && key === step && value !== null,
    );
  if (!hasBaseline && (failureTime === undefined || claimed < failureTime)) {
    if (oldestLost === undefined) return undefined;
    return {
      time: Math.min(oldestLost, failureTime ?? oldestLost),
      isOpen: true,
      reason: 'what was missing before is not known, and the writer’s own list has uploads that are lost',
    };
  }
  if (oldestLost === undefined || oldestLost >= claimed) return { time: claimed };
  return {
    time: oldestLost,
    reason: 'an acknowledged write that is older than the recorded recovery point is lost: it decides',
  };
}

/**
 * The last write that is lost, `failureTime` at least. An acknowledged one that is newer decides. It is evidence
 * against what steps say, unless the newest row that could be asked for was a little older than it and the fence.
 */
function endOf(
  to: LossEnd,
  begin: number,
  failureTime: number,
  record: RunRecord,
  counted: CountedLoss | undefined,
): End {
  const said =
    to === 'occurred' ? endWithFailure(begin, failureTime, record) : endWithFence(begin, failureTime, record);
  const { newestLost } = counted ?? {};
  if (newestLost === undefined || newestLost <= said.time) return said;
  if (newestLost <= (said.latest ?? said.time)) return { time: newestLost, by: 'counted', isOpen: false };
  const newer = 'an acknowledged write that is newer than the end of the loss window is lost: it decides';
  const reason = said.reason === undefined ? newer : `${said.reason}; ${newer}`;
  return { time: newestLost, by: 'counted', isOpen: said.isOpen, reason };
}

/** Nothing that is abandoned goes on taking writes. */
function endWithFailure(begin: number, failureTime: number, record: RunRecord): End {
  const newest = newestLostOf(record, begin);
  return newest === undefined
    ? { time: failureTime, by: 'occurred', isOpen: false }
    : { time: newest.time, by: 'newestLost', step: newest.step, isOpen: false };
}

/** What is abandoned goes on taking writes until a step proves that nobody can write. */
function endWithFence(begin: number, failureTime: number, record: RunRecord): End {
  const fence = fenceOf(record);
  const newest = newestLostOf(record, begin);
  if (fence === undefined) {
    const reason = 'nothing proves that writers were stopped: no step set the mark fenced';
    return { time: Math.max(newest?.time ?? failureTime, failureTime), isOpen: true, reason };
  }
  // Asked before the fence, it may have been followed by others.
  if (newest === undefined || newest.seq < fence.seq) {
    const time = Math.max(fence.time, newest?.time ?? fence.time);
    return { time, by: 'fenced', step: fence.step, isOpen: false };
  }
  return {
    time: newest.time,
    ...(!newest.isNothing && { latest: fence.time }),
    by: 'newestLost',
    step: newest.step,
    isOpen: false,
  };
}

/** The mark counts where a step reached it by itself: what a person accepted or did by hand proves nothing. */
function fenceOf({ marks, steps, started }: RunRecord): Asked | undefined {
  const last = marks.findLast(({ mark }) => mark === 'fenced');
  if (last?.key === undefined || last.time === null) return undefined;
  if (steps.get(last.key)?.finished?.outcome !== 'succeeded') return undefined;
  // A clock that was set back during the run must not end the loss too early.
  const passed = (started?.at ?? 0) + (last.elapsed?.passed ?? 0);
  return { time: Math.max(last.time, passed), seq: last.seq, step: last.key };
}

/** What was asked last: rows that were merged since are lost no more. Null: nothing is lost. */
function newestLostOf(
  { recorded }: RunRecord,
  begin: number,
): (Asked & { readonly isNothing: boolean }) | undefined {
  const last = recorded.findLast(({ name }) => name === 'newestLost');
  if (last === undefined) return undefined;
  const isNothing = last.value === null;
  const time = isNothing ? begin : momentOf(last.value);
  return time === undefined ? undefined : { time, isNothing, seq: last.seq, step: last.key };
}

/** How many rows were lost: as counted against the writer's own list, else as a step recorded. */
export function rowsLost(record: RunRecord): RowsLost | undefined {
  const { loss } = record;
  if (loss !== undefined) {
    const { lost, acknowledged, uploads } = loss;
    const files = uploads && { lost: uploads.lost, acknowledged: uploads.acknowledged };
    return { lost, acknowledged, source: 'counted', ...(files !== undefined && { uploads: files }) };
  }
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
