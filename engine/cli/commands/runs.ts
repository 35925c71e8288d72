import { table } from '../../base/layout.ts';
import { humanDuration } from '../../base/human.ts';
import type { RunSummary } from '../../measure/summary.ts';
import { judgedText } from '../../report/figures.ts';
import { runsJson } from '../../report/runs.ts';
import type { ListedRun } from '../../report/runs.ts';
import { systemClock } from '../clock.ts';
import { EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import { makeGood } from '../run/make-good.ts';
import { openStore } from '../run/store.ts';
import { summarizedRuns } from '../run/summaries.ts';
import { listWidth, print, printJson, style } from '../terminal.ts';
import { invocation } from '../invocation.ts';

export interface RunsOptions {
  readonly store?: string;
  readonly json?: boolean;
}

/** `drillbook runs`: newest first. */
export async function runs(options: RunsOptions): Promise<ExitCode> {
  const store = await openStore(options.store);
  await makeGood(store);
  const summaries = (await summarizedRuns(store)).map(
    ({ run, summary }): ListedRun => summary ?? { run, state: 'altered' },
  );
  if (options.json === true) printJson(runsJson(summaries), 2);
  else if (summaries.length === 0) print(`No runs in ${store.place} yet.`);
  else {
    const now = systemClock.now().epochMicros;
    const rows = summaries.map((summary) =>
      summary.state === 'altered' ? alteredRow(summary.run) : row(summary, now),
    );
    const [heading = '', ...lines] = table([HEADINGS, ...rows], { width: listWidth(), cut: [3, 5] });
    print([style.bold(heading), ...lines, ...remarks(summaries)].join('\n'));
  }
  return EXIT.done;
}

const HEADINGS = ['RUN', 'AGE', 'STATE', 'PLAYBOOK', 'MODE', 'IN', 'RTA'];

const alteredRow = (run: string): readonly string[] => [run, '–', 'altered', '–', '–', '–', '–'];

/** What can be done about those that did not come to their end. */
function remarks(summaries: readonly ListedRun[]): readonly string[] {
  const commandsFor = (does: string, runs: readonly ListedRun[]): readonly string[] =>
    runs.map(({ run }) => style.dim(invocation(`${does} ${run}`)));
  const altered = commandsFor(
    'report',
    summaries.filter(({ state }) => state === 'altered'),
  );
  const open = commandsFor(
    'resume',
    summaries.filter((summary) => summary.state !== 'altered' && summary.resumable),
  );
  return [
    ...(open.length === 0 ? [] : [style.dim('To go on:'), ...open.map((command) => `  ${command}`)]),
    ...(altered.length === 0
      ? []
      : [style.dim('What is wrong with it:'), ...altered.map((command) => `  ${command}`)]),
  ];
}

function row(summary: RunSummary, now: number): readonly string[] {
  const { run, mode, playbook, environment, outcome, rto, startedAt } = summary;
  const age = startedAt === undefined ? '–' : humanDuration((now - startedAt) / 1000);
  return [run, age, outcome ?? standing(summary), playbook, mode, environment, judgedText(rto)];
}

/** One that waits for a worker is in the queue. */
const standing = ({ state, waitsFor }: RunSummary): string =>
  state !== 'paused' || waitsFor === undefined ? state : waitsFor === 'worker' ? 'queued' : 'waits for you';
