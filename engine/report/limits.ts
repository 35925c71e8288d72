import { humanDuration } from '../base/human.ts';
import { marksOf } from '../measure/marks.ts';
import type { RunRecord } from '../measure/record.ts';
import type { Verdicts } from '../measure/verdicts.ts';
import type { RpoEvidence } from '../model/playbook.ts';

/** What each kind of evidence says nothing about. */
const UNSEEN: Readonly<Record<RpoEvidence, string>> = {
  heartbeat: 'files in buckets, and tables that were not asked',
  reached: 'whether each row of that moment is there, and files in buckets',
  keys: 'rows of the database, and what is in the files',
};

/** What the figures of a run do not cover, each in a sentence for whoever holds them to be more than they are. */
export function limitsOf(record: RunRecord, { rto, rpo }: Verdicts): readonly string[] {
  return [
    ...(rto?.actualMs === undefined ? [] : rtaLimits(record, rto)),
    ...(rpo?.actualMs === undefined ? [] : [`RPA: ${UNSEEN[rpo.evidence]}.`]),
  ];
}

function rtaLimits(record: RunRecord, { from, to }: NonNullable<Verdicts['rto']>): readonly string[] {
  const set = marksOf(record);
  const passed = (mark: string): number | undefined => set.get(mark)?.elapsed?.passed;
  const [occurred, begin, end] = [passed('occurred'), passed(from), passed(to)];
  const before = occurred === undefined || begin === undefined ? 0 : begin - occurred;
  const after = end === undefined ? 0 : record.elapsed.passed - end;
  return [
    ...(before > 0
      ? [`RTA: the ${humanDuration(before / 1000)} between the failure and the mark ${from}.`]
      : []),
    ...(after > 0 ? [`RTA: what was done after the mark ${to}, ${humanDuration(after / 1000)}.`] : []),
    ...(record.started?.environment.kind === 'sandbox' ? [SANDBOX] : []),
  ];
}

const SANDBOX =
  'RTA: the size of the real data and the speed of the real providers. The sandbox is small and on this machine; only the waits that the report names are counted at their real length.';
