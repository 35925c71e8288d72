import { Instant } from '../base/instant.ts';
import { Redactor } from '../journal/redact.ts';
import { systemClock } from './clock.ts';
import { CommandError, EXIT } from './exit.ts';
import type { ExitCode } from './exit.ts';
import { openDatabaseStore } from './run/database-store.ts';
import { workFolder } from './run/store.ts';
import { readableRuns } from './run/summaries.ts';
import { print, say } from './terminal.ts';

export interface PruneOptions {
  readonly before?: string;
  readonly reason?: string;
  readonly yes?: boolean;
}

/** Removes runs that ended before a date, for good; without `--yes` it only says which. */
export async function pruneStore(
  address: string,
  { before, reason, yes }: PruneOptions,
  option: string | undefined,
): Promise<ExitCode> {
  const from = Instant.parse(`${before ?? ''}T00:00:00Z`);
  if (from === undefined || reason === undefined)
    throw new CommandError('store prune wants a date and a reason', {
      exitCode: EXIT.invalid,
      hint: 'Nothing was removed. Write --before 2025-01-31 --reason "kept for a year".',
    });
  const store = openDatabaseStore(address, {
    ...{ clock: systemClock, redactor: new Redactor() },
    scratch: workFolder(option),
  });
  const old = (await readableRuns(store)).filter(
    ({ state, lastAt }) => state === 'finished' && lastAt !== undefined && lastAt < from.epochMicros,
  );
  for (const { run, playbook, environment } of old) {
    if (yes === true) await store.remove(run, reason);
    print(`${yes === true ? 'removed' : 'would go'}  ${run}  ${playbook}  ${environment}`);
  }
  const count = old.length === 1 ? 'one run' : `${old.length} runs`;
  say(
    yes === true
      ? `${count} removed. That each was there, and its last line, stays in the register.`
      : `${count} that ended before ${before ?? ''}. Nothing was removed; --yes removes them for good.`,
  );
  return EXIT.done;
}
