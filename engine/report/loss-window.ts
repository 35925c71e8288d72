import { count, dateTime, humanDuration } from '../base/human.ts';
import { oneLine } from '../base/text.ts';
import type { EndEvidence, RowsLost, RpoVerdict } from '../measure/loss.ts';
import { EVIDENCE_WORDS } from './labels.ts';

const END_WORDS: Readonly<Record<EndEvidence, string>> = {
  newestLost: 'nothing newer was left behind',
  fenced: 'nobody could write any more',
  occurred: 'the accident; nothing was abandoned that went on',
  counted: 'the newest lost row of the writer’s own list',
};

/** How the figure came about, in one line. */
export const rpoHow = ({ verdict, to, reason }: RpoVerdict): string =>
  verdict === 'unproven'
    ? (reason ?? '')
    : `recovery point to ${to}${reason === undefined ? '' : `: ${reason}`}`;

/** From what to what, by which evidence, and in which parts; absent where there is no figure. */
export function lossWindow(rpo: RpoVerdict | undefined): string | undefined {
  const { recoveryPoint, lostUntil } = rpo ?? {};
  if (rpo === undefined || recoveryPoint === undefined || lostUntil === undefined) return undefined;
  const { evidence, recordedBy, endedBy, shownBy } = rpo;
  const end =
    endedBy === undefined
      ? 'at least; until when it was written to is not known'
      : `${END_WORDS[endedBy]}${byStep('shown', shownBy)}`;
  return (
    `${parts(rpo)}. ` +
    `From ${dateTime(recoveryPoint)} (${EVIDENCE_WORDS[evidence]}${byStep('recorded', recordedBy)}) ` +
    `to ${dateTime(lostUntil)} (${end}).`
  );
}

function parts({ to, actualMs, beforeMs, afterMs, endedBy, isAtLeast }: RpoVerdict): string {
  const least = isAtLeast === true ? 'at least ' : '';
  if (to === 'newestLost') return `${least}${humanDuration(actualMs ?? 0)}, whether or not anything failed`;
  // Where its end is known, it is the beginning that may lie further back.
  const [before, after] = endedBy === undefined ? ['', least] : [least, ''];
  return `${before}${humanDuration(beforeMs ?? 0)} before the accident and ${after}${humanDuration(afterMs ?? 0)} after it`;
}

const byStep = (how: string, step: string | undefined): string =>
  step === undefined ? '' : `, ${how} by ${oneLine(step)}`;

/** How many rows and files were lost, of how many, who counted, and which are not counted; absent where nobody did. */
export function rowsLostText(loss: RowsLost | undefined, uncounted: string | undefined): string | undefined {
  if (uncounted !== undefined) return `could not be counted: ${oneLine(uncounted)}`;
  if (loss === undefined) return undefined;
  const { lost, acknowledged, source, uploads } = loss;
  if (source === 'recorded' || acknowledged === undefined)
    return `${lost.toLocaleString('en-US')}, as a step recorded.`;
  const files =
    uploads === undefined
      ? ''
      : `, and ${uploads.lost.toLocaleString('en-US')} of ${count(uploads.acknowledged, 'upload')}`;
  return `${lost.toLocaleString('en-US')} of ${count(acknowledged, 'row')}${files}, that were acknowledged while the drill went on: counted against the writer’s own list. What is older is not on it.`;
}
