import { libpqDatabase, libpqEnvironment } from './libpq.ts';
import { loadData } from './load-data.ts';
import { runProgram } from './program.ts';
import type { Restoring } from './restore.ts';
import { sessionTuning } from './tuning.ts';

/**
 * Restores the entries of a list, which are so many. With several jobs the rows are loaded by `load-data.ts`, between
 * two runs of pg_restore: tables before, indexes and constraints after. Owners and grants are left to `ownership.ts`.
 */
export async function loadArchive(restoring: Restoring, listFile: string, entries: number): Promise<void> {
  const { archive, jobs, from, target, tools, context } = restoring;
  const hasLargeObjects = archive.entries.some(({ text }) => text.startsWith('BLOB'));
  if (jobs === 1 || hasLargeObjects) {
    await runRestore(restoring, listFile, entries, []);
    return;
  }
  await runRestore(restoring, listFile, entries, ['--section=pre-data']);
  await loadData({ pgRestore: tools.restore, from, listFile, target, jobs, context });
  await runRestore(restoring, listFile, entries, ['--section=post-data']);
}

async function runRestore(
  restoring: Restoring,
  listFile: string,
  entries: number,
  sections: readonly string[],
): Promise<void> {
  const { from, jobs, session, tools, context } = restoring;
  let done = 0;
  await runProgram({
    file: tools.restore,
    argv: [
      `--dbname=${libpqDatabase(session.address.database)}`,
      `--use-list=${listFile}`,
      '--exit-on-error',
      '--no-owner',
      '--no-privileges',
      '--no-password',
      '--verbose',
      ...(jobs > 1 ? [`--jobs=${jobs}`] : []),
      ...sections,
      from,
    ],
    env: libpqEnvironment(session.address, {
      name: context.resourceName(),
      clientMajor: tools.major,
      settings: await sessionTuning(session, jobs),
    }),
    context,
    onLine(line) {
      if (/^(processing data for table|creating INDEX|finished main parallel loop)/.test(line)) {
        context.log(line);
      }
      if (/^(creating|processing data for|executing|finished item) /.test(line)) {
        done = Math.min(done + 1, entries);
        context.progress(done, entries, 'entries');
      }
    },
  });
}
