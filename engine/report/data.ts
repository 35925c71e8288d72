import { recordRun } from '../measure/record.ts';
import type { RunRecord } from '../measure/record.ts';
import type { RunSummary } from '../measure/summary.ts';
import { summarize } from '../measure/summary.ts';
import type { TimeBreakdown } from '../measure/time.ts';
import { timeClasses } from '../measure/time.ts';
import { tellable } from '../model/blind.ts';
import type { Event } from '../model/event.ts';
import type { Proposal } from '../model/proposal.ts';
import type { Finding } from './findings.ts';
import { findingsOf } from './findings.ts';
import { proposalsOf } from './proposals.ts';
import { toldApart } from './tell-apart.ts';
import type { TimelineEntry } from './timeline.ts';
import { timelineOf } from './timeline.ts';

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

/** What the reports of all formats are made of; it is made from events alone. */
export interface ReportData {
  readonly record: RunRecord;
  readonly summary: RunSummary;
  readonly time: TimeBreakdown;
  readonly findings: readonly Finding[];
  /** What the run says should change in its playbook. */
  readonly proposals: readonly Proposal[];
  readonly timeline: readonly TimelineEntry[];
  /** What the phases of `time` are called, by their keys: no two alike. */
  readonly phaseTitles: ReadonlyMap<string, string>;
}

/** `writing`: somebody writes on the run right now. */
export function reportData(happened: readonly Event[], writing: boolean): ReportData {
  const events = tellable(happened);
  const record = recordRun(events);
  const time = timeClasses(events);
  const summary = summarize(events, { writing });
  return {
    record,
    summary,
    time,
    findings: findingsOf(record, time, summary),
    proposals: proposalsOf(record, time, summary),
    timeline: timelineOf(record),
    phaseTitles: toldApart(time.phases, record),
  };
}
