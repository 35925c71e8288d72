import { brief, clockText, promised } from '../../base/human.ts';
import type { Outlook } from '../../measure/forecast.ts';
import { isEvidence } from '../../model/mode.ts';
import { figureText, targetText } from '../../report/figures.ts';
import type { Html } from '../../report/page/html.ts';
import { markup } from '../../report/page/html.ts';
import type { Wall } from '../wall.ts';

const OUTLOOK_WORDS: Readonly<Record<Outlook, readonly [words: string, tone: string]>> = {
  likely: ['in time, in nine of ten cases', 'good'],
  atRisk: ['in time in half of all cases only', 'warn'],
  unlikely: ['not likely in time', 'bad'],
  missed: ['the RTO is over', 'bad'],
  met: ['in time', 'good'],
};

/** How long it has taken so far, and how much is left of what was promised. */
export function clockHtml({ data, forecast, isTicking, started }: Wall): Html {
  const { elapsedMs, budget } = forecast;
  const isMeasured = isEvidence(started.mode) && budget !== undefined;
  const [words, tone] = isMeasured ? outlook(forecast, budget.outlook) : ['', 'info'];
  return markup`<section class="clock ${tone}" aria-label="The clock">
<p class="big"><span data-clock="${Math.round(elapsedMs)}"${isTicking ? markup` data-ticks` : undefined}>${clockText(elapsedMs)}</span>${isMeasured ? markup` <span class="of">of ${brief(budget.targetMs)}</span>` : undefined}</p>
${isMeasured ? gauge({ elapsedMs, ...forecast.totalMs, targetMs: budget.targetMs }, `${clockText(elapsedMs)} of ${brief(budget.targetMs)}: ${words}`) : undefined}
<p class="outlook">${isMeasured ? words : undefined}${expectedText(forecast, data.record.finished !== undefined)}</p>
</section>`;
}

/** Where nothing is known of how long a step to come takes, a forecast is a guess, and promises nothing. */
function outlook({ basis }: Wall['forecast'], found: Outlook): readonly [words: string, tone: string] {
  const { unknown } = basis;
  if (unknown === 0 || found === 'missed' || found === 'met') return OUTLOOK_WORDS[found];
  return [`steps to come of which nobody knows how long they take: ${unknown}`, 'info'];
}

function expectedText({ totalMs, basis }: Wall['forecast'], isOver: boolean): string {
  if (isOver || basis.unknown > 0 || basis.history + basis.expect === 0) return '';
  return `. Expected after ${brief(promised(totalMs.p50))}, in nine of ten cases after ${brief(promised(totalMs.p90))}`;
}

interface Lengths {
  readonly elapsedMs: number;
  readonly p50: number;
  readonly p90: number;
  readonly targetMs: number;
}

/** What has passed, the forecast beside it, and the promise as a line. Its places are attributes: the page has no style in it. */
function gauge({ elapsedMs, p50, p90, targetMs }: Lengths, label: string): Html {
  const whole = Math.max(targetMs, p90, elapsedMs, 1) * 1.04;
  const at = (ms: number): string => ((Math.min(ms, whole) / whole) * 1000).toFixed(1);
  const width = (from: number, to: number): string =>
    Math.max(0, Number(at(to)) - Number(at(from))).toFixed(1);
  return markup`<svg class="budget" viewBox="0 0 1000 40" preserveAspectRatio="none" role="img" aria-label="${label}">
<rect class="ground" x="0" y="6" width="1000" height="28"/>
<rect class="p90" x="${at(p50)}" y="6" width="${width(p50, p90)}" height="28"/>
<rect class="p50" x="${at(elapsedMs)}" y="6" width="${width(elapsedMs, p50)}" height="28"/>
<rect class="spent" x="0" y="6" width="${at(elapsedMs)}" height="28"/>
<rect class="promise" x="${at(targetMs)}" y="0" width="4" height="40"/>
</svg>`;
}

/** The loss window, as far as it is known by now. */
export function lossHtml({ data: { summary }, started }: Wall): Html {
  const { rpo } = summary;
  if (rpo === undefined || !isEvidence(started.mode)) return markup``;
  const known = rpo.actualMs !== undefined;
  return markup`<section class="loss" aria-label="Data lost"><h2>Data lost</h2>
<p><strong>${known ? figureText(rpo) : 'not known yet'}</strong> <span class="info">of RPO ${targetText(rpo)}</span></p>
</section>`;
}
