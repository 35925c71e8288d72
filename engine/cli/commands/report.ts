import type { Store } from '../../journal/store.ts';
import type { Event } from '../../model/event.ts';
import type { PageOptions } from '../../report/page/report-page.ts';
import { renderReport } from '../../report/report.ts';
import type { ReportFormat } from '../../report/report.ts';
import { findingsIn } from '../noted.ts';
import { EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import { newestRun } from '../run/choose.ts';
import { makeGood } from '../run/make-good.ts';
import { openStore } from '../run/store.ts';
import { print, printError, reportWidth, style } from '../terminal.ts';

export interface ReportOptions {
  readonly store?: string;
  readonly format: ReportFormat | 'html';
  /** Sends the run there as a trace, in place of a report. */
  readonly otlp?: string;
}

/** `drillbook report [RUN]`: made from the journal alone. Of one that was altered it tells what is left, and exit 5. */
export async function report(run: string | undefined, options: ReportOptions): Promise<ExitCode> {
  const store = await openStore(options.store);
  await makeGood(store);
  const name = run ?? (await newestRun(store));
  const events = await store.read(name);
  if (options.otlp !== undefined) {
    const { sendAsTrace } = await import('../send-trace.ts');
    print(await sendAsTrace(name, events, options.otlp));
    return EXIT.done;
  }
  const journal = await store.verify(name);
  const writing = (await store.writer(name)) !== undefined;
  const { format } = options;
  const noted = (await findingsIn(store)).filter((each) => each.run === name);
  const text =
    format === 'html'
      ? await htmlReport(store, name, events, { writing, journal, noted })
      : renderReport(events, { format, width: reportWidth(), color: style.color, writing, journal, noted });
  print(text.replace(/\n$/, ''));
  if (journal.problem === undefined) return EXIT.done;
  const { line, message } = journal.problem;
  printError(style.red(`ALTERED   run ${name}, line ${line}: ${message}`));
  return EXIT.store;
}

async function htmlReport(
  store: Store,
  run: string,
  events: readonly Event[],
  options: PageOptions,
): Promise<string> {
  const { reportPage } = await import('../../report/page/report-page.ts');
  const { pageExtras } = await import('../page-extras.ts');
  return reportPage(events, { ...options, extras: await pageExtras(store, run, events) });
}
