import { createUnattendedOperator } from '../../present/unattended.ts';
import { CHECK } from '../../model/backup.ts';
import type { Event } from '../../model/event.ts';
import { oneLine } from '../../base/text.ts';
import type { Screen } from '../run/screen.ts';
import { printError } from '../terminal.ts';

/**
 * What a proof is shown on: nobody is asked, and a line on standard error tells how far it is, where there is somebody
 * to read it. Standard output belongs to the scorecard.
 */
export function proofScreen(tell: boolean): Screen {
  const titles = new Map<string, string>();
  const event = (happened: Event): void => {
    if (!tell || happened.type !== 'step.finished') return;
    const { key, title, outcome } = happened;
    if (!key.startsWith(CHECK) || titles.has(key)) return;
    titles.set(key, title);
    printError(`  ${WORDS[outcome] ?? 'failed '}  ${oneLine(title)}`);
  };
  return {
    view: { event, signal: () => undefined },
    unattended: true,
    json: true,
    tell: () => undefined,
    operator: (answers, { name }) => createUnattendedOperator(answers, `${name} (unattended)`),
    forecastFrom: () => undefined,
    close: () => undefined,
  };
}

/** Whether a green one has been red on a broken copy is known at the end alone. */
const WORDS: Readonly<Record<string, string>> = { succeeded: 'green  ', skipped: 'skipped' };
