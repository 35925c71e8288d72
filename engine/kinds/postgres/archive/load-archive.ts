import { writeFile } from 'node:fs/promises';
import type { StepContext } from '../../../model/kind.ts';
import { StepError } from '../../../model/kind.ts';
import { FILE_MODE } from '../../machine/place.ts';
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
  /** What pg_restore and the server warn of is added here. */
  readonly warnings: string[];
}

/** Owners and grants are left to `ownership.ts`. */
const COMMON = ['--no-owner', '--no-privileges'];

/** What comes before the rows: one session makes it, and it goes on after an error, so that all of them are known at once. */
export const BEFORE_ROWS: readonly string[] = [...COMMON, '--section=pre-data'];
/** The rows and what comes after them: the first error ends it. */
export const FROM_ROWS_ON: readonly string[] = [
  ...COMMON,
  '--section=data',
  '--section=post-data',
  '--exit-on-error',
];

/** The environment of a client program, whose sessions a later life of the step knows by their name, and ends. */
export const clientEnvironment = (
  { session, tools, context }: Pick<ArchiveLoad, 'session' | 'tools' | 'context'>,
  settings: string | undefined,
): Record<string, string> =>
  libpqEnvironment(session.address, {
    name: context.resourceName(),
    clientMajor: tools.major,
    ...(settings !== undefined && { settings }),
  });

/**
 * Has pg_restore connect as it will, and restore nothing. Gives the settings that its sessions may bring along: a
 * pooler can refuse them. Throws `StepError` when it cannot connect, or is too new for the server.
 */
export async function tryConnection(
  load: ArchiveLoad & { readonly listFile: string },
): Promise<string | undefined> {
  const { from, listFile, session, tools, context } = load;
  const none = `${listFile}.none`;
  await writeFile(none, '', { mode: FILE_MODE });
  const attempt = (settings: string | undefined): Promise<string> =>
    runProgram({
      file: tools.restore,
      argv: [...connectionOf(session), `--use-list=${none}`, '--exit-on-error', '--no-password', from],
      env: clientEnvironment(load, settings),
      context,
    });
  const settings = await sessionTuning(session, load.jobs);
  try {
    await attempt(settings);
    return settings;
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    if (/unsupported startup parameter/.test(error.message)) {
      context.log('what is in between takes no settings at the start of a session: they are left out');
      await attempt(undefined);
      return undefined;
    }
    throw tooNew(error, session, tools) ?? error;
  }
}

/** A newer client sets what an older server has never heard of. */
function tooNew(error: StepError, session: Session, tools: ClientTools): StepError | undefined {
  const parameter = /unrecognized configuration parameter "([^"]+)"/.exec(error.message)?.[1];
  if (parameter === undefined) return undefined;
  return new StepError(
    `pg_restore ${tools.version} sets "${parameter}", which the server of ${session.place} does not know`,
    {
      code: 'clientToolsTooNew',
      hint: "Install the client tools of the server's own version, or set PG_BINDIR to the folder that holds them.",
      cause: error,
    },
  );
}

/** Has pg_restore load the entries of a list, rows with several jobs at a time, in sessions that are set up for it. */
export async function loadArchive(
  load: ArchiveLoad,
  listFile: string,
  settings: string | undefined,
): Promise<void> {
  const { from, jobs, session, tools, context } = load;
  const over = new AbortController();
  void tellGrowth(session, context, over.signal);
  const restore = (argv: readonly string[], goesOn: boolean): Promise<string> =>
    runProgram({
      file: tools.restore,
      argv: [...connectionOf(session), `--use-list=${listFile}`, ...argv, '--no-password', '--verbose', from],
      env: clientEnvironment(load, settings),
      context,
      goesOn,
      onLine(line) {
        if (/\bwarning: /i.test(line)) load.warnings.push(line);
        if (/^(processing data for table|creating INDEX|finished main parallel loop)/.test(line)) {
          context.log(line);
        }
      },
    });
  try {
    await restore(BEFORE_ROWS, true);
    await restore([...FROM_ROWS_ON, ...(jobs > 1 ? [`--jobs=${jobs}`] : [])], false);
  } finally {
    over.abort();
  }
}

const connectionOf = ({ address }: Session): readonly string[] => [
  `--dbname=${libpqDatabase(address.database)}`,
];
