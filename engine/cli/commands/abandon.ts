import type { Abandonment } from '../../interpret/abandon.ts';
import { CommandError, EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import { invocation } from '../invocation.ts';
import { operatorIn } from '../run/identity.ts';
import { giveUp } from '../run/give-up.ts';
import { openStore } from '../run/store.ts';
import { say, sayCommand, sayError } from '../terminal.ts';

export interface AbandonOptions {
  readonly store?: string;
  readonly reason?: string;
  readonly operator?: string;
}

/** `drillbook abandon RUN`: ends a run that nobody will resume. Nothing is undone or paid; what is owed is told. */
export async function abandon(run: string, options: AbandonOptions): Promise<ExitCode> {
  const store = await openStore(options.store);
  const open = await store.open(run);
  try {
    const history = open.events;
    if (history.some(({ type }) => type === 'run.finished')) {
      throw new CommandError(`run ${run} has ended; there is nothing to abandon`, {
        exitCode: EXIT.invalid,
        hint: `${invocation(`report ${run}`)} shows it.`,
      });
    }
    const reason = options.reason === undefined ? 'abandoned' : `abandoned: ${options.reason}`;
    // A run must end all the same, whoever ends it.
    const by = operatorIn(undefined, options.operator);
    const { problem, ...left } = await giveUp(open, history, { reason, by });
    say(`Run ${run} is ended: ${reason}.`);
    for (const line of remainsOf(left)) say(line, 2);
    if (problem !== undefined) sayError(problem);
    sayCommand('Its report:', invocation(`report ${run}`));
    return EXIT.done;
  } finally {
    await open.close();
  }
}

/** What nobody will see to from here on but whoever reads this. */
function remainsOf({ debts, undos, inDoubt, beside, isPartLost }: Abandonment): readonly string[] {
  const list = (title: string, names: readonly string[]): readonly string[] =>
    names.length === 0 ? [] : [title, ...names.map((name) => `  - ${name}`)];
  return [
    ...list('Debts that are still owed:', debts),
    ...list('Steps that were not taken back:', undos),
    ...list('Steps that were begun, of which nobody knows what became:', inDoubt),
    ...list('Processes that may still run:', beside),
    ...(isPartLost
      ? ['Part of its journal was lost: what it began then is not known. Look at its targets.']
      : []),
  ];
}
