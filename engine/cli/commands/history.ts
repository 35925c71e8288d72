import { trendsOf } from '../../measure/trend.ts';
import { historyJson, historyText } from '../../report/history.ts';
import { EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import { invocation } from '../invocation.ts';
import { allSummaries, openStore } from '../run/store.ts';
import { print, printJson, reportWidth, style } from '../terminal.ts';

export interface HistoryOptions {
  readonly store?: string;
  readonly json?: boolean;
}

/** `drillbook history [PLAYBOOK]`: how RTA and RPA have gone from run to run. */
export async function history(playbook: string | undefined, options: HistoryOptions): Promise<ExitCode> {
  const all = trendsOf(await allSummaries(openStore(options.store)));
  const trends = all.filter((trend) => playbook === undefined || trend.playbook === playbook);
  if (options.json === true) printJson(historyJson(trends), 2);
  else if (trends.length > 0) print(historyText(trends, { color: style.color, width: reportWidth() }));
  else {
    const what = playbook === undefined ? 'No run' : `No run of ${playbook}`;
    print(`${what} has ended in this store yet; ${invocation(`drill ${playbook ?? 'PLAYBOOK'}`)} makes one.`);
  }
  return EXIT.done;
}
