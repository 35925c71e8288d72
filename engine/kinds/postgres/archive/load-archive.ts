import type { StepContext } from '../../../model/kind.ts';
import { tellGrowth } from './growth.ts';
import type { ClientTools } from '../client/client-tools.ts';
import { libpqDatabase, libpqEnvironment } from '../client/libpq.ts';
import { runProgram } from '../client/program.ts';
import type { Session } from '../client/session.ts';
import { sessionTuning } from './tuning.ts';

/** What pg_restore is called with. */
export interface ArchiveLoad {
  readonly from: string;
  readonly jobs: number;
  readonly session: Session;
  readonly tools: ClientTools;
  readonly context: StepContext;
}

/**
 * Has pg_restore load the entries of a list, with several jobs at a time, in sessions that are set up for it. Owners
 * and grants are left to `ownership.ts`.
 */
export async function loadArchive(
  { from, jobs, session, tools, context }: ArchiveLoad,
  listFile: string,
): Promise<void> {
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
