import { tellGrowth } from './growth.ts';
import { libpqDatabase, libpqEnvironment } from '../client/libpq.ts';
import { runProgram } from '../client/program.ts';
import type { Restoring } from './restore.ts';
import { sessionTuning } from './tuning.ts';

/**
 * Has pg_restore load the entries of a list, with several jobs at a time, in sessions that are set up for it. Owners
 * and grants are left to `ownership.ts`.
 */
export async function loadArchive(restoring: Restoring, listFile: string): Promise<void> {
  const { from, jobs, session, tools, context } = restoring;
  const settings = await sessionTuning(session, jobs);
  const over = new AbortController();
  void tellGrowth(session, context, over.signal);
  try {
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
        from,
      ],
      env: libpqEnvironment(session.address, {
        // A later life of the step ends what bears its name.
        name: context.resourceName(),
        clientMajor: tools.major,
        settings,
      }),
      context,
      onLine(line) {
        if (/^(processing data for table|creating INDEX|finished main parallel loop)/.test(line)) {
          context.log(line);
        }
      },
    });
  } finally {
    over.abort();
  }
}
