import type { NotedFinding } from '../../measure/noted-findings.ts';
import { spansOf } from '../../measure/spans.ts';
import type { Spans } from '../../measure/spans.ts';
import { tellable } from '../../model/blind.ts';
import type { Event } from '../../model/event.ts';
import type { JournalProof, ReportData } from '../data.ts';
import { reportData } from '../data.ts';
import { documentOf } from '../formats/document.ts';
import { toldApart } from '../tell-apart.ts';
import { charts } from './chart.ts';
import type { Draw } from './chart.ts';
import { forecastSection, patchesHtml, targetsSection } from './extras.ts';
import type { PageExtras } from './extras.ts';
import { documentPage } from './document-page.ts';
import { markup } from './html.ts';
import type { Html } from './html.ts';
import { legend } from './legend.ts';
import { tableHtml } from './sections.ts';
import { shareBars } from './shares.ts';
import { timelineChart } from './timeline-chart.ts';
import { spanTable } from './timeline-table.ts';
import { verdictBars } from './verdict-bars.ts';

export interface PageOptions {
  /** Somebody writes on the run right now: the store knows, the events do not. */
  readonly writing?: boolean;
  readonly journal?: JournalProof | undefined;
  readonly extras?: PageExtras;
  /** What somebody found in it after it had ended. */
  readonly noted?: readonly NotedFinding[];
}

/** The evidence of a run as a page to look at: the verdict first, then when what happened, then the rest as tables. */
export async function reportPage(happened: readonly Event[], options: PageOptions): Promise<string> {
  const events = tellable(happened);
  const data = reportData(events, options.writing === true);
  const spans = spansOf(events);
  const titles = toldApart([...data.time.phases, ...spans.lanes], data.record);
  const draw = await charts();
  const { forecasts = [], patches = [], targets = [] } = options.extras ?? {};
  const timeline = spans.lanes.length === 0 ? [] : [timelineSection(data, spans, titles, draw)];
  return documentPage(documentOf(data, options.journal, options.noted), {
    head: verdictBars(data),
    before: [...timeline, ...forecastSection(forecasts, data.summary.rto, draw)],
    above: { 'Where the time went': shareBars(data.time, titles) },
    below: { 'Proposed changes of the playbook': patchesHtml(patches) },
    after: targetsSection(targets),
  });
}

function timelineSection(
  data: ReportData,
  spans: Spans,
  titles: ReadonlyMap<string, string>,
  draw: Draw,
): { readonly title: string; readonly content: Html } {
  const content = markup`${legend('answered', 'attemptFailed')}
<div class="scroll" tabindex="0" role="region" aria-label="Timeline">
${timelineChart(data, spans, titles, draw)}
</div>
<details>
<summary>The same as a table</summary>
${tableHtml(spanTable(data, spans, titles), 'spans')}
</details>`;
  return { title: 'When what happened', content };
}
