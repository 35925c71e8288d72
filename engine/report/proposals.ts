import { Duration } from '../base/duration.ts';
import { humanDuration, rfc3339 } from '../base/human.ts';
import type { Proposal } from '../model/proposal.ts';
import { placedKey } from '../model/proposal.ts';
import type { RunRecord, StepRecord } from '../measure/record.ts';
import { BY_EXPECTATION } from '../measure/shortened-waits.ts';
import type { TimeBreakdown } from '../measure/time.ts';
import type { Verdicts } from '../measure/verdicts.ts';
import { OVERRIDES } from './findings.ts';

/** Shorter steps are not worth an expectation where there is none. */
const WORTH_EXPECTING_MS = 10_000;

/** What a run says should change in its playbook. */
export function proposalsOf(record: RunRecord, time: TimeBreakdown, verdicts: Verdicts): readonly Proposal[] {
  return [
    ...review(record),
    ...missedObjectives(record, verdicts),
    ...expectations(record, time),
    ...overrides(record),
    ...notes(record),
  ];
}

/** A drill that came to its end went through the whole playbook. */
function review({ started, finished }: RunRecord): readonly Proposal[] {
  const isThrough = finished?.outcome === 'succeeded' || finished?.outcome === 'failedVerification';
  return started?.mode === 'drill' && isThrough ? [{ type: 'reviewed', on: day(finished.at) }] : [];
}

function missedObjectives({ started }: RunRecord, { rto, rpo }: Verdicts): readonly Proposal[] {
  return [['rto', rto] as const, ['rpo', rpo] as const].flatMap(
    ([objective, verdict]): readonly Proposal[] => {
      const actualMs = verdict?.real?.actualMs ?? verdict?.actualMs;
      if (started === undefined || verdict?.verdict !== 'missed' || actualMs === undefined) return [];
      const over = humanDuration(actualMs - verdict.targetMs);
      const text = `${day(started.at)} ${started.mode}: missed by ${over}, it was ${humanDuration(actualMs)}`;
      return [{ type: 'remark', at: { objective }, text }];
    },
  );
}

/**
 * What steps took, waiting for people aside. A sandbox is faster than the real world and shortens waits: it
 * can show that something takes longer than was thought, never that it takes less.
 */
function expectations(record: RunRecord, time: TimeBreakdown): readonly Proposal[] {
  const { started } = record;
  if (started === undefined) return [];
  const isSandbox = started.environment.kind === 'sandbox';
  const longest = new Map<string, { readonly step: StepRecord; readonly ms: number }>();
  for (const [key, step] of record.steps) {
    const ms = workMs(key, time);
    const before = longest.get(placedKey(key));
    if (step.started === undefined || step.finished?.outcome !== 'succeeded') continue;
    if (before === undefined || ms > before.ms) longest.set(placedKey(key), { step, ms });
  }
  return [...longest].flatMap(([key, { step, ms }]): readonly Proposal[] => {
    const fromMs = step.started?.expectMs;
    const toMs = rounded(ms);
    const isLonger = fromMs !== undefined && toMs > fromMs;
    const isShorter = !isSandbox && fromMs !== undefined && ms < fromMs / 2;
    const isNew = !isSandbox && fromMs === undefined && ms >= WORTH_EXPECTING_MS;
    if (!isLonger && !isShorter && !isNew) return [];
    return [{ type: 'expect', key, title: step.title, toMs, ...(fromMs !== undefined && { fromMs }) }];
  });
}

function workMs(key: string, { steps, modelled }: TimeBreakdown): number {
  const classes = steps.find((share) => share.key === key)?.classes;
  if (classes === undefined) return 0;
  const shortened = modelled
    .filter((wait) => wait.key === key && wait.source !== BY_EXPECTATION)
    .reduce((sum, wait) => sum + Math.max(0, wait.modelledMicros - wait.actualMicros), 0);
  return (classes.machine + classes.external + classes.retry + shortened) / 1000;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** Up to this length, by these steps: an expectation with milliseconds claims to know too much. */
const STEPS = [
  [10 * SECOND, SECOND],
  [2 * MINUTE, 5 * SECOND],
  [10 * MINUTE, 30 * SECOND],
  [60 * MINUTE, MINUTE],
  [Infinity, 5 * MINUTE],
] as const;

function rounded(millis: number): number {
  const [, step] = STEPS.find(([upTo]) => millis <= upTo) ?? STEPS[4];
  return Math.max(SECOND, Math.ceil(millis / step) * step);
}

/** Where a person did something else than the playbook says. */
function overrides({ steps, started }: RunRecord): readonly Proposal[] {
  return [...steps.values()].flatMap(({ key, title, finished }): readonly Proposal[] => {
    const what = OVERRIDES.get(finished?.outcome ?? '');
    if (finished?.by === undefined || what === undefined || started === undefined) return [];
    const because = finished.reason === undefined ? '' : `: ${finished.reason}`;
    const text = `${day(finished.at)} ${started.mode}: ${what} by ${finished.by}${because}`;
    return [{ type: 'remark', at: { step: placedKey(key), title }, text }];
  });
}

const notes = ({ notes: all, steps }: RunRecord): readonly Proposal[] =>
  all.map(({ at, by, text, key }) => ({
    type: 'remark',
    at: key === undefined ? 'playbook' : { step: placedKey(key), title: steps.get(key)?.title ?? key },
    text: `${day(at)} ${by}: ${text}`,
  }));

const day = (micros: number): string => rfc3339(micros).slice(0, 10);

/** One line for a report. */
export function proposalText(proposal: Proposal): string {
  switch (proposal.type) {
    case 'expect': {
      const { title, fromMs, toMs } = proposal;
      const was = fromMs === undefined ? '' : `, not ${Duration.fromMillis(fromMs).toString()}`;
      return `“${title}”: expect ${Duration.fromMillis(toMs).toString()}${was}`;
    }
    case 'reviewed':
      return `reviewed on ${proposal.on}, and the next review as long after it as before`;
    case 'remark': {
      const { at, text } = proposal;
      if (at === 'playbook') return text;
      return `${'objective' in at ? at.objective.toUpperCase() : `“${at.title}”`}: ${text}`;
    }
  }
}
