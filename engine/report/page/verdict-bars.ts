import { humanDuration } from '../../base/human.ts';
import type { RpoVerdict } from '../../measure/loss.ts';
import type { RtoVerdict } from '../../measure/verdicts.ts';
import type { Verdict } from '../../measure/verdict.ts';
import type { ReportData } from '../data.ts';
import { figureText, targetText } from '../figures.ts';
import type { Judged } from '../figures.ts';
import { markup } from './html.ts';
import type { Html } from './html.ts';

/** Not by their colour alone. */
export const SIGNS: Readonly<Record<Verdict, string>> = { met: '✓', missed: '✗', unproven: '?' };

/** A part of a bar: how long, and which of the styles it has. */
interface Part {
  readonly name: string;
  readonly ms: number;
  readonly style: string;
}

/** RTA against RTO, and the loss window against RPO: what whoever opens the page wants to know. */
export function verdictBars({ summary: { rto, rpo } }: ReportData): Html {
  const bars = [...(rto === undefined ? [] : [rtaBar(rto)]), ...(rpo === undefined ? [] : [lossBar(rpo)])];
  return bars.length === 0 ? markup`` : markup`<div class="verdicts">${bars}</div>`;
}

function rtaBar(rto: RtoVerdict): Html {
  const { actualMs, real, verdict } = rto;
  const really = Math.max(0, (real?.actualMs ?? 0) - (actualMs ?? 0));
  return objective('RTO', 'Recovery time', rto, [
    { name: 'measured', ms: actualMs ?? 0, style: verdict },
    ...(really > 0 ? [{ name: 'more in the real world', ms: really, style: `${verdict} hatched` }] : []),
  ]);
}

function lossBar(rpo: RpoVerdict): Html {
  const { actualMs, beforeMs, afterMs, verdict, isAtLeast, real } = rpo;
  const really = Math.max(0, (real?.actualMs ?? 0) - (actualMs ?? 0));
  const isSplit = beforeMs !== undefined && afterMs !== undefined;
  return objective('RPO', 'Data lost', rpo, [
    ...(isSplit
      ? [
          { name: 'before the accident', ms: beforeMs, style: verdict },
          { name: 'after it', ms: afterMs, style: `${verdict} second` },
        ]
      : [{ name: isAtLeast === true ? 'at least' : 'measured', ms: actualMs ?? 0, style: verdict }]),
    ...(really > 0 ? [{ name: 'more in the real world', ms: really, style: `${verdict} hatched` }] : []),
  ]);
}

function objective(name: string, what: string, judged: Judged, parts: readonly Part[]): Html {
  const { verdict, targetMs } = judged;
  const whole = parts.reduce((sum, { ms }) => sum + ms, 0);
  const scale = Math.max(targetMs, whole) * 1.04;
  const percent = (ms: number): string => `${((ms / scale) * 100).toFixed(2)}%`;
  const shown = parts.filter(({ ms }) => ms > 0);
  const figure = figureText(judged);
  const said = `${what} ${figure} of ${targetText(judged)}: ${verdict}. ${margin(judged)}`;
  return markup`<div class="objective ${verdict}">
<p class="figure">
<span class="what">${what}</span> <strong>${figure}</strong>
<span class="of">of ${name} ${targetText(judged)}</span>
<span class="badge ${verdict}">${SIGNS[verdict]} ${verdict}</span>
</p>
<div class="gauge" role="img" aria-label="${said}">
${shown.map(({ ms, style }) => markup`<span class="part ${style}" style="width:${percent(ms)}"></span>`)}<span class="target" style="left:${percent(targetMs)}"></span>
</div>
<p class="margin">${margin(judged)}</p>
${shown.length > 1 ? markup`<p class="parts">${shown.map(partText)}</p>\n` : undefined}</div>
`;
}

const partText = ({ name, ms, style }: Part): Html =>
  markup`<span class="part ${style} swatch"></span> ${humanDuration(ms)} ${name} `;

/** How far from the target, by the figure that was judged. */
function margin({ verdict, targetMs, actualMs, real, isAtLeast }: Judged): string {
  const judged = real?.actualMs ?? actualMs;
  if (judged === undefined) return 'There is no figure.';
  const least = isAtLeast === true ? 'at least ' : '';
  const where = real === undefined ? '' : ' in the real world';
  const left = targetMs - judged;
  const says =
    left < 0 ? `${least}${humanDuration(-left)} too long${where}` : `${humanDuration(left)} to spare${where}`;
  return verdict === 'unproven' ? `${says}, but that is not shown` : says;
}
