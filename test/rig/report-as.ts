import type { Event } from '../../engine/model/event.ts';
import { reportPage } from '../../engine/report/page/report-page.ts';
import type { ReportFormat, ReportOptions } from '../../engine/report/report.ts';
import { renderReport } from '../../engine/report/report.ts';

/** A report of any format, the page among them. */
export async function reportAs(
  format: ReportFormat | 'html',
  events: readonly Event[],
  options: Omit<ReportOptions, 'format'> = {},
): Promise<string> {
  return format === 'html' ? await reportPage(events, options) : renderReport(events, { ...options, format });
}
