import { humanDuration } from '../base/human.ts';
import type { Instant } from '../base/instant.ts';
import type { Event, MarkSet, StepFinished } from '../model/event.ts';
import { isEvidence } from '../model/mode.ts';
import type { Elapsed } from './elapsed.ts';
import { judgeLoss, rowsLost } from './loss.ts';
import type { RowsLost, RpoVerdict } from './loss.ts';
import type { Mark } from './marks.ts';
import { marksOf } from './marks.ts';
import type { RunRecord } from './record.ts';
import type { Verdict } from './verdict.ts';
import { passedBy, recordRun } from './record.ts';
import { inTheRealWorld } from './real-world.ts';
import { stayedGreen, stepsWithin } from './proofs.ts';
import type { RealWorld } from './real-world.ts';
import type { ShortenedWait } from './shortened-waits.ts';
import { timeClasses } from './time.ts';

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
  readonly fromBy?: MarkEvidence;
  readonly toBy?: MarkEvidence;
  /** RTA: `to` less `from`. */
  readonly actualMs?: number;
  /** Why it is unproven, or missed without a figure. */
  readonly reason?: string;
  /** Where the sandbox shortened waits that lie in it; the verdict is on this one then. */
  readonly real?: RealWorld;
}

/** Who says that a mark was reached, and when. */
export interface MarkEvidence {
  readonly source: MarkSet['source'];
  readonly step?: string;
  /** Of that step, where a person had a part in it. */
  readonly outcome?: StepFinished['outcome'];
}

/** RTA and RPA with their verdicts. `now`: while the run is under way, what has been missed already. */
export const verdicts = (events: readonly Event[], now?: Instant): Verdicts =>
  verdictsOf(recordRun(events), timeClasses(events).modelled, now);

export function verdictsOf(record: RunRecord, waits: readonly ShortenedWait[], now?: Instant): Verdicts {
  if (!isEvidence(record.started?.mode ?? '')) return {};
  const { rto, rpo: promised } = record.started?.objectives ?? {};
  const rpo = record.choices.findLast((choice) => choice.rpo !== undefined)?.rpo ?? promised;
  const set = marksOf(record);
  const loss = rowsLost(record);
  return {
    ...(rto !== undefined && {
      rto: inTheRealWorld(judgeRto(rto, set, record, passedBy(record, now)), waits, {
        from: set.get(rto.from),
        to: set.get(rto.to),
      }),
    }),
    ...(rpo !== undefined && { rpo: lossInTheRealWorld(judgeLoss(rpo, set, record), waits, set) }),
    ...(loss !== undefined && { loss }),
    ...(record.uncounted !== undefined && { uncounted: record.uncounted.reason }),
  };
}

/** Waits before the fence let the writers go on for longer. */
const lossInTheRealWorld = (
  rpo: RpoVerdict,
  waits: readonly ShortenedWait[],
  set: ReadonlyMap<string, Mark>,
): RpoVerdict => {
  const from = rpo.to === 'newestLost' ? 'declared' : 'occurred';
  return rpo.afterMs === 0 ? rpo : inTheRealWorld(rpo, waits, { from: set.get(from), to: set.get('fenced') });
};

function judgeRto(
  objective: { readonly targetMs: number; readonly from: string; readonly to: string },
  set: ReadonlyMap<string, Mark>,
  record: RunRecord,
  latest: number,
): RtoVerdict {
  const { targetMs, from, to } = objective;
  const begin = set.get(from);
  const end = set.get(to);
  const known = {
    targetMs,
    from,
    to,
    ...(begin?.time !== undefined && { fromTime: begin.time, fromBy: evidenceOf(begin, record) }),
    ...(end?.time !== undefined && { toTime: end.time, toBy: evidenceOf(end, record) }),
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
    const why = end === undefined ? `the mark ${to} was not reached` : `the mark ${to} was taken back`;
    const reason = `${why}${untilServing(begin.elapsed, set.get('serving'), from)}`;
    return { ...known, verdict: isLate ? 'missed' : 'unproven', reason };
  }
  const judged = judgeLength(begin.elapsed, end.elapsed, objective);
  const doubt = judged.verdict === 'met' ? whyNobodyKnows(end, record) : undefined;
  return { ...known, ...judged, ...(doubt !== undefined && { verdict: 'unproven', reason: doubt }) };
}

/** Users may be served again though the end was never reached. */
const untilServing = (begin: Elapsed, serving: Mark | undefined, from: string): string =>
  serving?.elapsed === undefined
    ? ''
    : `; the mark serving was, ${humanDuration((serving.elapsed.passed - begin.passed) / 1000)} after ${from}`;

/**
 * Why a mark is no evidence: nobody has seen its check hold, or that check cannot tell a broken world from a whole
 * one. Where several checks set it, each after the other, one that was red proves it for all; where a loop did as a
 * whole, it is by the checks inside.
 */
function whyNobodyKnows({ mark, key }: Mark, record: RunRecord): string | undefined {
  if (key === undefined) return undefined;
  const who = (step: string): string =>
    step === key ? `the step ${key}` : `the step ${step} in the loop ${key}`;
  const set = `which set the mark ${mark},`;
  const word = wordOn(key, record);
  if (word !== undefined) return `${who(word.step)}, ${set} was ${word.how}: nobody has seen that it holds`;
  const isProven = record.marks.some(
    (each) =>
      each.mark === mark &&
      each.key !== undefined &&
      !stayedGreen(record, each.key) &&
      wordOn(each.key, record) === undefined,
  );
  if (isProven) return undefined;
  const [subject, it] = record.steps.has(key)
    ? [who(key), 'it proves']
    : [`the checks in the loop ${key}`, 'they prove'];
  return `${subject}, ${set} stayed green while the world was broken: ${it} nothing`;
}

/** Where it was a person's word, and how: of a loop, what was taken as it was for one of its items. */
function wordOn(key: string, record: RunRecord): { readonly step: string; readonly how: string } | undefined {
  const outcomeOf = (step: string): string => record.steps.get(step)?.finished?.outcome ?? '';
  const how = BY_A_PERSON.get(outcomeOf(key));
  if (how !== undefined) return { step: key, how };
  const step = stepsWithin(record, key).find((each) => outcomeOf(each) === 'accepted');
  return step === undefined ? undefined : { step, how: 'accepted as it was' };
}

/** Outcomes with which a step reaches its mark by somebody's word. */
const BY_A_PERSON: ReadonlyMap<string, string> = new Map([
  ['accepted', 'accepted as it was'],
  ['byHand', 'done by hand'],
]);

function evidenceOf({ source, key }: Mark, { steps }: RunRecord): MarkEvidence {
  const outcome = key === undefined ? undefined : steps.get(key)?.finished?.outcome;
  return {
    source,
    ...(key !== undefined && { step: key }),
    ...(outcome !== undefined && outcome !== 'succeeded' && { outcome }),
  };
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
