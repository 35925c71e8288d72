import { harmlessJson } from '../base/text.ts';
import type { Event } from '../model/event.ts';
import { recordRun } from '../measure/record.ts';
import type { RunRecord } from '../measure/record.ts';
import type { RunSummary } from '../measure/summary.ts';
import { summarize } from '../measure/summary.ts';
import type { TimeBreakdown } from '../measure/time.ts';
import { timeClasses } from '../measure/time.ts';
import type { Finding } from './findings.ts';
import { findingsOf } from './findings.ts';
import { documentOf } from './document.ts';
import { html } from './html.ts';
import { jsonReport } from './json.ts';
import { junit } from './junit.ts';
import { markdown } from './markdown.ts';
import { proposalsOf } from './proposals.ts';
import type { Proposal } from '../model/proposal.ts';
import { textReport } from './text.ts';
import type { TimelineEntry } from './timeline.ts';
import { timelineOf } from './timeline.ts';

export type ReportFormat = 'text' | 'md' | 'html' | 'json' | 'junit';

export interface ReportOptions {
  readonly format: ReportFormat;
  /** Columns of the text; 100 when it does not go to a terminal. */
  readonly width?: number | undefined;
  /** Of the text only what decides: objectives, findings, where the time went. */
  readonly brief?: boolean;
  /** Colour codes in the text; none unless asked. */
  readonly color?: boolean;
  /** Somebody writes on the run right now: the store knows, the events do not. */
  readonly writing?: boolean;
  /** What the store says of the journal, to be printed as proof. */
  readonly journal?: JournalProof;
}

/** A part of the store's verification. */
export interface JournalProof {
  readonly ok: boolean;
  readonly events: number;
  readonly head: string;
  readonly sealed: boolean;
  readonly struck: readonly number[];
  /** The first thing that is wrong with it. */
  readonly problem?: { readonly line: number; readonly message: string };
}

/** All that a renderer needs, made from events alone. */
export interface ReportData {
  readonly record: RunRecord;
  readonly summary: RunSummary;
  readonly time: TimeBreakdown;
  readonly findings: readonly Finding[];
  /** What the run says should change in its playbook. */
  readonly proposals: readonly Proposal[];
  readonly timeline: readonly TimelineEntry[];
}

/**
 * The evidence of a run for a person (`text`, `md`, `html`), a program (`json`, described in
 * docs/journal.md) or a CI server (`junit`). Made from its events alone, so it is the same whether they come from the
 * run that has just ended or from its journal; of a run that died it tells what is known.
 */
export function renderReport(events: readonly Event[], options: ReportOptions): string {
  const record = recordRun(events);
  const time = timeClasses(events);
  const summary = summarize(events, { writing: options.writing === true });
  const data: ReportData = {
    record,
    summary,
    time,
    findings: findingsOf(record, time, summary),
    proposals: proposalsOf(record, time, summary),
    timeline: timelineOf(record),
  };
  switch (options.format) {
    case 'text':
      return textReport(data, options);
    case 'md':
      return markdown(documentOf(data, options.journal));
    case 'html':
      return html(documentOf(data, options.journal));
    case 'json':
      return `${harmlessJson(jsonReport(data, options.journal), 2)}\n`;
    case 'junit':
      return junit(data);
  }
}
