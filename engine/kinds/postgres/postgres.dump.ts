import { open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isJsonObject } from '../../base/json.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { isEntryOf, readArchive } from './archive/archive.ts';
import type { Manifest } from '../machine/checksum.ts';
import { manifestOf, manifestPath, verifyDump, writeManifest } from '../machine/checksum.ts';
import type { ClientTools } from './client/client-tools.ts';
import { findClientTools } from './client/client-tools.ts';
import { surroundingsOf } from './comparison/surroundings.ts';
import { openDatabase } from './client/connection.ts';
import { quoteIdentifier } from './client/identifiers.ts';
import { libpqEnvironment } from './client/libpq.ts';
import { runProgram } from './client/program.ts';
import type { WritePlace } from '../machine/place.ts';
import {
  claim,
  elsewhere,
  exists,
  FILE_MODE,
  makeFolder,
  mustBeFree,
  partialBeside,
  putInPlace,
} from '../machine/place.ts';
import { placeInRun } from '../machine/run-files.ts';
import type { TableName } from './client/server.ts';
import { allTables, findTables, rowsOf, serverFacts, tableText } from './client/server.ts';
import type { Session } from './client/session.ts';
import { text } from '../context/members.ts';
import { nameOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';
import { databaseInShell } from './client/by-hand.ts';
import { fromFolder } from '../machine/place.ts';
import { quote } from '../context/quote.ts';

type Args = With['postgres.dump'];

/** Fast, and most of what the slower levels gain: the dump of a database in trouble should not take long. */
const COMPRESSION = 1;

/**
 * Dumps a database with pg_dump, as one snapshot of it, beside a file of checksums. The dump has its
 * name only once it is whole and has been read back.
 */
export const postgresDump: StepKind<Args, Output['postgres.dump']> = {
  name: 'postgres.dump',
  outputs: ['path'],
  // What it changes is a file of its own.
  effect: () => 'read',
  writesElsewhere: (args, folder) => elsewhere(args.to, folder),
  describe(args) {
    const tables = args.tables ?? [];
    const what =
      tables.length === 0 ? nameOf(args.database) : `${tables.join(', ')} of ${nameOf(args.database)}`;
    return `Dump ${args.schemaOnly === true ? 'the schema of ' : ''}${what} to ${args.to ?? "the run's folder"}`;
  },
  byHand(args, environment, folder) {
    const database = `"${databaseInShell(args.database, environment)}"`;
    const file = quote(fromFolder(args.to ?? 'database.dump', folder));
    return ['pg_dump', database, `--format=${formatOf(args)}`, ...options(args), `--file=${file}`].join(' ');
  },
  programs: () => ['pg_dump'],
  targets: (args) => [targetUse('databases', args.database, 'read')],
  async run(args, context) {
    checkJobs(args);
    const place = await claim(placeInRun(context, args.to, '.dump'), args, context);
    const { path } = place;
    const session = await openDatabase(args.database, context);
    try {
      const server = await serverFacts(session);
      const tools = await findClientTools(server.major, nameOf(args.database));
      const finished = await finishedBefore(place, context);
      const named = await findTables(session, args.tables ?? []);
      const known = await allTables(session);
      const manifest = finished ?? (await dump({ args, context, session, tools, place, named }));
      const archive = await readArchive(tools.restore, path, context);
      const tables = known.filter((table) =>
        archive.entries.some((entry) => isEntryOf(entry, 'TABLE', table)),
      );
      return {
        path,
        bytes: manifest.bytes,
        sha256: manifest.sha256,
        tables: tables.map(tableText),
        format: formatOf(args),
        serverVersion: server.version,
        notCarried: await surroundingsOf(session),
      };
    } finally {
      await session.close();
    }
  },
};

interface Dumping {
  readonly args: Args;
  readonly context: StepContext;
  readonly session: Session;
  readonly tools: ClientTools;
  readonly place: WritePlace;
  readonly named: readonly TableName[];
}

/** What an earlier life of this step had finished but for telling so. Throws when something else has the name. */
async function finishedBefore(place: WritePlace, context: StepContext): Promise<Manifest | undefined> {
  const { path } = place;
  const { checkpoint } = context;
  if (!(await exists(path))) return undefined;
  if (isJsonObject(checkpoint) && checkpoint['path'] === path) return verifyDump(path, context.signal);
  await mustBeFree(place);
  return undefined;
}

async function dump({ args, context, session, tools, place, named }: Dumping): Promise<Manifest> {
  const { path } = place;
  const partial = partialBeside(place, context);
  await makeFolder(dirname(path));
  await rm(partial, { recursive: true, force: true });
  await mustBeFree({ ...place, path: manifestPath(path) });
  try {
    // pg_dump keeps the mode of a file that is there; a folder it makes for nobody else to enter.
    if (formatOf(args) === 'custom') await (await open(partial, 'wx', FILE_MODE)).close();
    // pg_dump reads the snapshot of the session whose server was held against the fingerprint: on any other it fails.
    const snapshot = await exportSnapshot(session);
    await runProgram({
      file: tools.dump,
      argv: [
        `--format=${formatOf(args)}`,
        ...options(args),
        ...named.map(({ schema, name }) => `--table=${quoteIdentifier(schema)}.${quoteIdentifier(name)}`),
        ...(named.length > 0 ? ['--strict-names'] : []),
        '--no-password',
        '--verbose',
        `--snapshot=${snapshot}`,
        `--file=${partial}`,
      ],
      env: libpqEnvironment(session.address, { name: context.resourceName(), clientMajor: tools.major }),
      context,
      onLine(line) {
        if (/^(dumping contents of|error:)/.test(line)) context.log(line);
      },
    });
    await readArchive(tools.restore, partial, context);
    const manifest = await manifestOf(partial, context.signal, path.split('/').at(-1));
    await writeManifest(path, manifest);
    await context.saveCheckpoint({ path, sha256: manifest.sha256 });
    await putInPlace(partial, place);
    return manifest;
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    if (!(await exists(path))) await rm(manifestPath(path), { force: true });
    throw error instanceof StepError && error.code === 'diskFull' ? diskFull(error, path) : error;
  }
}

/** Kept open as long as pg_dump needs it. */
async function exportSnapshot(session: Session): Promise<string> {
  await session.command(
    'set idle_in_transaction_session_timeout = 0; begin isolation level repeatable read read only',
  );
  const [row] = await rowsOf(session, 'select pg_export_snapshot() as snapshot');
  return text(row ?? {}, 'snapshot');
}

/** What pg_dump is told, save the connection and the tables. */
function options(args: Args): readonly string[] {
  const jobs = args.jobs ?? 1;
  return [
    `--compress=${args.compression ?? COMPRESSION}`,
    ...(jobs > 1 ? [`--jobs=${jobs}`] : []),
    ...(args.schemaOnly === true ? ['--schema-only'] : []),
  ];
}

const formatOf = (args: Args): string => args.format ?? 'custom';

function checkJobs(args: Args): void {
  const jobs = args.jobs ?? 1;
  if (jobs > 1 && formatOf(args) !== 'directory') {
    throw new StepError('several jobs can only write a dump in directory format', {
      code: 'usage',
      hint: 'Add "format: directory", or leave "jobs" out.',
    });
  }
}

const diskFull = (error: StepError, path: string): StepError =>
  new StepError(`the disk of ${dirname(path)} is full; the part that was written has been removed`, {
    code: error.code,
    details: error.details,
    cause: error,
    ...(error.hint !== undefined && { hint: error.hint }),
  });
