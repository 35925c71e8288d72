import { harmlessJson } from '../base/text.ts';
import type { Event } from '../model/event.ts';
import type { NotedFinding } from '../measure/noted-findings.ts';
import { reportData } from './data.ts';
import { documentOf } from './formats/document.ts';
import { jsonReport } from './formats/json.ts';
import { junit } from './formats/junit.ts';
import { markdown } from './formats/markdown.ts';
import type { TextOptions } from './formats/text.ts';
import { textReport } from './formats/text.ts';

/** What is text; the page is made by `reportPage`. */
export type ReportFormat = 'text' | 'md' | 'json' | 'junit';

export interface ReportOptions extends TextOptions {
  readonly format: ReportFormat;
  /** Somebody writes on the run right now: the store knows, the events do not. */
  readonly writing?: boolean;
  /** What somebody found in it after it had ended. */
  readonly noted?: readonly NotedFinding[];
}

/**
 * The evidence of a run for a person (`text`, `md`), a program (`json`, described in
 * docs/journal.md) or a CI server (`junit`). Made from its events alone, so it is the same whether they come from the
 * run that has just ended or from its journal; of a run that died it tells what is known.
 */
export function renderReport(events: readonly Event[], options: ReportOptions): string {
  const data = reportData(events, options.writing === true);
  switch (options.format) {
    case 'text':
      return textReport(data, options);
    case 'md':
      return markdown(documentOf(data, options.journal, options.noted));
    case 'json':
      return `${harmlessJson(jsonReport(data, options.journal), 2)}\n`;
    case 'junit':
      return junit(data);
  }
}
