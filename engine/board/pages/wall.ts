import { humanDuration, timeOfDay } from '../../base/human.ts';
import { isJsonObject } from '../../base/json.ts';
import { spansOf } from '../../measure/spans.ts';
import type { Event } from '../../model/event.ts';
import { gateTitle } from '../../report/labels.ts';
import type { Draw } from '../../report/page/chart.ts';
import type { Html } from '../../report/page/html.ts';
import { markup } from '../../report/page/html.ts';
import { legend } from '../../report/page/legend.ts';
import { timelineChart } from '../../report/page/timeline-chart.ts';
import { toldApart } from '../../report/tell-apart.ts';
import { textOf, textsOf } from '../question.ts';
import type { Wall } from '../wall.ts';
import { lineOf } from '../words.ts';
import { clockHtml, lossHtml } from './clock.ts';
import type { Viewer } from './layout.ts';
import { formField, layout } from './layout.ts';
import { stateText, toneOf } from './list.ts';

export type Role = Viewer['role'];

/** So many of the last words stand on a page that is opened. */
const WORDS = 40;

/** One run, for the room: what it is, then what changes, then what was said last. */
export function wallPage(wall: Wall, draw: Draw, viewer: Viewer, question: Html): string {
  const { started, events } = wall;
  const { run } = started;
  const last = events.at(-1)?.seq ?? 0;
  return layout(
    started.title,
    markup`<header class="run"><h1>${started.title}</h1>
<p class="info">${started.mode} in ${started.environment.name} (${started.environment.kind}) · <code>${run}</code></p></header>
<p id="link" role="status"></p>
<div id="live" data-events="/runs/${run}/events?from=${String(last)}">
<div id="now">${nowHtml(wall, viewer.role)}</div>
${viewer.role === 'operator' ? markup`<div id="question">${question}</div>` : undefined}
<section aria-labelledby="words-title"><h2 id="words-title">Last words</h2>
<ol id="words" reversed>
${wordsOf(wall, viewer.role)}</ol></section>
<div id="timeline">${timelineHtml(wall, draw, viewer.role)}</div>
</div>
${viewer.role === 'operator' ? shareForm(run, viewer) : undefined}`,
    viewer,
  );
}

/** What changes all the time. */
export function nowHtml(wall: Wall, role: Role): Html {
  const { data, coming, driver } = wall;
  const { summary } = data;
  return markup`<p class="state ${toneOf(summary)}">${stateText(summary)}</p>
<p class="info">${summary.state === 'running' ? 'Driven' : 'Last driven'} by ${driver.name}${role === 'operator' ? markup` on ${driver.host}` : undefined}</p>
<div class="panels">
${clockHtml(wall)}
${lossHtml(wall)}
${waitsHtml(wall)}
<section aria-label="Now"><h2>Now</h2>
${stepsNow(wall, role)}</section>
<section aria-label="Next"><h2>Next</h2>
${coming === undefined || coming.next.length === 0 ? markup`<p class="info">nothing that is known</p>` : markup`<ol>${coming.next.map((title) => markup`<li>${title}</li>`)}</ol>`}
${coming === undefined ? undefined : markup`<p class="info">${String(coming.at)} of ${coming.atMost ? 'at most ' : ''}${String(coming.of)} steps</p>`}</section>
</div>`;
}

function stepsNow({ now, asked }: Wall, role: Role): Html {
  if (now.length === 0)
    return markup`<p class="info">${asked === undefined ? 'nothing' : 'waits for an answer'}</p>`;
  return markup`<ul>${now.map(({ title, started }) => {
    const since = started === undefined ? '' : timeOfDay(started.at / 1000);
    return markup`<li>${title} <span class="info">since ${since}${role === 'operator' && started !== undefined ? ` · ${started.describe}` : ''}</span></li>`;
  })}</ul>`;
}

/** Who is waited for. A question says who may answer it, where that is said. */
function waitsHtml({ asked, driver }: Wall): Html {
  if (asked === undefined) return markup``;
  const { question } = asked;
  const role = question['role'];
  const who = isJsonObject(role)
    ? `${textOf(role['name']) ?? ''}: ${textsOf(role['people']).join(', ')}`
    : (textOf(question['by']) ?? driver.name);
  return markup`<section class="waits" aria-label="Waited for"><h2>Waited for</h2>
<p><strong>${who}</strong></p><p>${textOf(question['title']) ?? asked.key}</p>
<p class="info">since ${timeOfDay(asked.since / 1000)}</p></section>`;
}

/** The newest first, as they stand when a page is opened. */
function wordsOf({ events, data }: Wall, role: Role): readonly Html[] {
  const words: Html[] = [];
  const titleOf = titlesOf(data.record);
  for (const event of events.toReversed()) {
    if (words.length === WORDS) break;
    const word = wordHtml(event, titleOf, role);
    if (word !== undefined) words.push(word);
  }
  return words;
}

/** A step's title by its key; what is asked has no step at times. */
export const titlesOf =
  ({ steps, gates }: Wall['data']['record']) =>
  (key: string): string => {
    const gate = [...gates.values()].find(({ opened }) => opened.key === key);
    return steps.get(key)?.title ?? (gate === undefined ? key : gateTitle(gate.opened));
  };

/** An event as one of the last words; undefined for what nobody has to hear. */
export function wordHtml(event: Event, titleOf: (key: string) => string, role: Role): Html | undefined {
  const line = lineOf(event, titleOf);
  if (line === undefined) return undefined;
  const { text, detail, tone } = line;
  const more =
    role === 'operator' && detail !== undefined ? markup` <span class="info">${detail}</span>` : undefined;
  return markup`<li value="${String(event.seq)}" class="${tone ?? ''}"><time>${timeOfDay(event.at / 1000)}</time> ${text}${more}</li>\n`;
}

/** When what happened, as the report draws it; what was answered and how it failed is not for those who only watch. */
export function timelineHtml({ data, events }: Wall, draw: Draw, role: Role): Html {
  const all = spansOf(events);
  const plain = all.points.map((point) => ({
    ...point,
    text: point.what === 'gate' ? 'answered' : 'failed',
  }));
  const spans = role === 'operator' ? all : { ...all, points: plain };
  if (spans.lanes.length === 0) return markup``;
  const titles = toldApart([...data.time.phases, ...spans.lanes], data.record);
  return markup`<section aria-labelledby="when-title"><h2 id="when-title">When what happened</h2>
${legend('answered', 'attemptFailed')}
<p class="info">${humanDuration(spans.total / 1000)} so far</p>
<div class="scroll" tabindex="0" role="region" aria-label="Timeline">
${timelineChart(data, spans, titles, draw)}
</div></section>`;
}

const shareForm = (
  run: string,
  viewer: Viewer,
): Html => markup`<section class="others"><h2>Let others watch</h2>
<form method="post" action="/runs/${run}/links">${formField(viewer)}
<p>A link to this run for those who only watch: they see no targets, no outputs and no reasons, and answer nothing.</p>
<button>Make a link</button></form></section>`;
