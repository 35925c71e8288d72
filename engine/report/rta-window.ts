import { dateTime, humanDuration } from '../base/human.ts';
import { oneLine } from '../base/text.ts';
import type { MarkEvidence, RtoVerdict } from '../measure/verdicts.ts';

const SOURCE_WORDS: Readonly<Record<MarkEvidence['source'], string>> = {
  run: 'by the run itself',
  fault: 'when the fault was made',
  detect: 'the first check that turned red',
  step: 'by a step',
  operator: 'as the operator said',
  correction: 'as the operator corrected it',
};

/** From what to what, by which evidence; absent where there is no figure. */
export function rtaWindow(rto: RtoVerdict | undefined): string | undefined {
  const { from, to, fromTime, toTime, fromBy, toBy, actualMs, real } = rto ?? {};
  if (fromTime === undefined || toTime === undefined || actualMs === undefined) return undefined;
  const really =
    real === undefined
      ? ''
      : ` In the real world ${humanDuration(real.actualMs)}: the waits that the sandbox shortened count at their real length.`;
  return (
    `${humanDuration(actualMs)} from ${from ?? ''}, ${dateTime(fromTime)} (${evidenceText(fromBy)}), ` +
    `to ${to ?? ''}, ${dateTime(toTime)} (${evidenceText(toBy)}).${really}`
  );
}

function evidenceText({ source, step, outcome }: MarkEvidence = { source: 'run' }): string {
  if (step === undefined) return SOURCE_WORDS[source];
  return `step ${oneLine(step)}${outcome === undefined ? '' : `, ${oneLine(outcome)}`}`;
}
