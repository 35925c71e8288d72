import { table } from '../../base/layout.ts';
import { humanDuration } from '../../base/human.ts';
import { createFolderStore } from '../../journal/folder-store.ts';
import { Redactor } from '../../journal/redact.ts';
import type { RunSummary } from '../../measure/summary.ts';
import { systemClock } from '../clock.ts';
import { EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import { storeFolder } from '../paths.ts';
import { summaryOf } from '../run/choose.ts';
import { makeGood } from '../run/make-good.ts';
import { print, printJson, style } from '../terminal.ts';
import { invocation } from '../invocation.ts';

export interface RunsOptions {
  readonly store?: string;
  readonly json?: boolean;
}

/** `drillbook runs`: newest first. */
export async function runs(options: RunsOptions): Promise<ExitCode> {
  const folder = storeFolder(options.store);
  const store = createFolderStore(folder, { clock: systemClock, redactor: new Redactor() });
  await makeGood(store);
  const summaries: (RunSummary | { readonly run: string; readonly state: 'altered' })[] = [];
  for (const run of await store.list()) {
    summaries.push((await summaryOf(store, run)) ?? { run, state: 'altered' });
  }
  if (options.json === true) printJson(summaries, 2);
  else if (summaries.length === 0) print(`No runs in ${folder} yet.`);
  else {
    const rows = summaries.map((summary) =>
      summary.state === 'altered' ? alteredRow(summary.run) : row(summary),
    );
    const [heading = '', ...lines] = table([HEADINGS, ...rows]);
    print([style.bold(heading), ...lines].join('\n'));
  }
  return EXIT.done;
}

const HEADINGS = ['RUN', 'MODE', 'PLAYBOOK', 'ENVIRONMENT', 'STATE', 'RTA', ''];

const alteredRow = (run: string): readonly string[] => [
  run,
  '–',
  '–',
  '–',
  'altered',
  '–',
  `${invocation(`report ${run}`)} says what is wrong`,
];

function row(summary: RunSummary): readonly string[] {
  const { run, mode, playbook, environment, state, outcome, rto, resumable } = summary;
  const rta = rto?.actualMs;
  return [
    run,
    mode,
    playbook,
    environment,
    outcome ?? state,
    rta === undefined ? '–' : humanDuration(rta),
    resumable ? invocation(`resume ${run}`) : '',
  ];
}
