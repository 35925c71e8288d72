import { humanDuration } from '../base/human.ts';
import { marksOf } from '../measure/marks.ts';
import type { RunRecord } from '../measure/record.ts';
import type { TimeBreakdown } from '../measure/time.ts';
import type { Verdicts } from '../measure/verdicts.ts';
import type { RpoEvidence } from '../model/objectives.ts';

/** What each kind of evidence says nothing about. */
const UNSEEN: Readonly<Record<RpoEvidence, string>> = {
  heartbeat: 'files in buckets, and tables that were not asked',
  reached: 'whether each row of that moment is there, and files in buckets',
  keys: 'rows of the database, and what is in the files',
};

/** What a figure does not cover. */
export interface Limit {
  readonly figure: 'RTA' | 'RPA';
  readonly text: string;
}

/** What the figures of a run say nothing about: for whoever holds them to be more than they are. */
export function limitsOf(record: RunRecord, time: TimeBreakdown, { rto, rpo }: Verdicts): readonly Limit[] {
  return [
    ...(rto?.actualMs === undefined ? [] : rtaLimits(record, time, rto)).map((text): Limit => ({
      figure: 'RTA',
      text,
    })),
    ...(rpo?.actualMs === undefined ? [] : [{ figure: 'RPA', text: `${UNSEEN[rpo.evidence]}.` } as const]),
  ];
}

function rtaLimits(
  record: RunRecord,
  time: TimeBreakdown,
  { from, to }: NonNullable<Verdicts['rto']>,
): readonly string[] {
  const set = marksOf(record);
  const passed = (mark: string): number | undefined => set.get(mark)?.elapsed?.passed;
  const [occurred, begin, end] = [passed('occurred'), passed(from), passed(to)];
  const before = occurred === undefined || begin === undefined ? 0 : begin - occurred;
  const after = end === undefined ? 0 : record.elapsed.passed - end;
  return [
    ...(before > 0 ? [`the ${humanDuration(before / 1000)} between the failure and the mark ${from}.`] : []),
    ...(after > 0 ? [`the ${humanDuration(after / 1000)} after the mark ${to}.`] : []),
    ...(record.started?.environment.kind === 'sandbox' ? [...unknownWaits(record, time), SANDBOX] : []),
  ];
}

/** Named one by one up to here. */
const NAMED = 5;

/** Shorter waits are the poll itself, and nobody's. */
const NOTICEABLE_MICROS = 1_000_000;

/** Waits for others that were as long as the sandbox made them, and of which nobody says how long they really are. */
function unknownWaits({ steps }: RunRecord, time: TimeBreakdown): readonly string[] {
  const known = new Set(time.modelled.map(({ key }) => key));
  const unknown = time.steps
    .filter(({ key, classes }) => classes.external >= NOTICEABLE_MICROS && !known.has(key))
    .filter(({ key }) => steps.get(key)?.started?.expectMs === undefined)
    .sort((a, b) => b.classes.external - a.classes.external)
    .map(({ key, title }) => `“${steps.get(key)?.title ?? title}”`);
  if (unknown.length === 0) return [];
  const others = unknown.length - NAMED;
  const names = `${unknown.slice(0, NAMED).join(', ')}${others > 0 ? ` and ${String(others)} more` : ''}`;
  return [`how long others really take for ${names}: neither they nor the playbook (expect) say it.`];
}

const SANDBOX =
  'the size of the real data and the speed of the real providers. The sandbox is small and on this machine; only waits that the report names count at their real length.';
