import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { harmless } from '../base/text.ts';
import { readSource } from '../load/read-source.ts';
import { trendsOf } from '../measure/trend.ts';
import { withObjectives } from '../report/measured.ts';
import { MADE_OF_RUNS, measuredPage } from '../report/pages/measured.ts';
import { CommandError, EXIT } from './exit.ts';
import type { ExitCode } from './exit.ts';
import { invocation } from './invocation.ts';
import { measuredPlaybooks } from './measured-playbooks.ts';
import { alreadyThere } from './new-files.ts';
import { shownPath } from './paths.ts';
import { allSummaries, openStore, workFolder } from './run/store.ts';
import { print, style } from './terminal.ts';

/** `drillbook docs --measured`: what the runs of the store showed of the objectives, as a page to be committed. */
export async function writeMeasuredPage(
  path: string,
  { playbooks, store }: { readonly playbooks: string; readonly store?: string },
): Promise<ExitCode> {
  const opened = await openStore(store);
  const runs = await allSummaries(opened);
  const trends = trendsOf(runs);
  if (trends.length === 0) {
    throw new CommandError(
      `no run has ended in the store ${shownPath(opened.place)}: ${shownPath(path)} was not written`,
      {
        exitCode: EXIT.invalid,
        hint: `Name another with --store, or make one: ${invocation('drill PLAYBOOK')}.`,
      },
    );
  }
  const measured = await measuredPlaybooks(playbooks, runs, workFolder(store));
  const text = harmless(measuredPage(withObjectives(measured), trends));
  const now = await readSource(path);
  if (now.ok && !now.value.text.startsWith(MADE_OF_RUNS)) throw alreadyThere([path]);
  const isSame = now.ok && now.value.text === text;
  if (!isSame) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  print(style.green(`${shownPath(path)}: ${isSame ? 'unchanged' : 'written'}`));
  return EXIT.done;
}
