import { trendsOf } from '../../measure/trend.ts';
import { historyJson, historyText } from '../../report/history.ts';
import { withObjectives } from '../../report/measured.ts';
import { openFindings } from '../../measure/noted-findings.ts';
import { findingsIn } from '../noted.ts';
import { EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import { invocation } from '../invocation.ts';
import { measuredPlaybooks } from '../measured-playbooks.ts';
import { allSummaries, openStore, workFolder } from '../run/store.ts';
import { storeMetrics } from '../store-metrics.ts';
import { print, printJson, reportWidth, say, style } from '../terminal.ts';

export interface HistoryOptions {
  readonly playbooks: string;
  readonly store?: string;
  readonly format: 'text' | 'html' | 'scorecard';
  readonly json?: boolean;
  /** The state of the store for a monitoring system. */
  readonly openmetrics?: boolean;
}

/**
 * `drillbook history [PLAYBOOK]`: the objectives with what was measured last, and how RTA and RPA have gone
 * from run to run of the same kind.
 */
export async function history(playbook: string | undefined, options: HistoryOptions): Promise<ExitCode> {
  const store = await openStore(options.store);
  const keep = workFolder(options.store);
  if (options.openmetrics === true) {
    const text = await storeMetrics(store, { playbooks: options.playbooks, keep, only: playbook });
    print(text.trimEnd());
    return EXIT.done;
  }
  if (options.format !== 'text') {
    const { storeHistory } = await import('../store-history.ts');
    const { historyPage, scorecardPage } = await import('../../report/page/history-page.ts');
    const { playbooks, format } = options;
    const known = await storeHistory(store, { playbooks, keep, only: playbook, steps: format === 'html' });
    print((format === 'html' ? await historyPage(known) : scorecardPage(known)).trimEnd());
    return EXIT.done;
  }
  const runs = await allSummaries(store);
  const isWanted = (id: string): boolean => playbook === undefined || id === playbook;
  const trends = trendsOf(runs).filter(({ setting }) => isWanted(setting.playbook));
  const measured = await measuredPlaybooks(options.playbooks, runs, keep);
  const objectives = withObjectives(measured).filter(({ id }) => isWanted(id));
  const open = openFindings(await findingsIn(store)).filter((each) => isWanted(each.playbook));
  if (options.json === true) printJson(historyJson(objectives, trends), 2);
  else if (trends.length > 0)
    print(historyText(objectives, trends, { color: style.color, width: reportWidth(), open }));
  else {
    const what = playbook === undefined ? 'No run' : `No run of ${playbook}`;
    say(`${what} has ended in this store yet; ${invocation(`drill ${playbook ?? 'PLAYBOOK'}`)} makes one.`);
  }
  return EXIT.done;
}
