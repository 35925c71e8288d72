import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isJsonObject } from '../../base/json.ts';
import { decodeValue, isValueMap } from '../../base/value.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { verifyDump } from '../machine/checksum.ts';
import { findClientTools } from './client/client-tools.ts';
import { readArchive } from './archive/archive.ts';
import type { Access } from './client/connection.ts';
import { openDatabase } from './client/connection.ts';
import { leftSomething } from './archive/beside.ts';
import { readMarker } from './archive/restore-marker.ts';
import type { Restored } from './archive/plan.ts';
import { restoreDump } from './archive/restore.ts';
import { surroundingsOf } from './comparison/surroundings.ts';
import { placeInRun } from '../machine/run-files.ts';
import type { TableName } from './client/server.ts';
import { serverFacts } from './client/server.ts';
import { nameOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';
import { databaseInShell } from './client/by-hand.ts';
import { fromFolder } from '../machine/place.ts';
import { quote } from '../context/quote.ts';

type Args = With['postgres.restore'];
type Result = Output['postgres.restore'];

const JOBS = 2;
const REPLACE = 'replace what is there';

/**
 * Restores a dump with pg_restore into an empty database, or in place of what is in one, which is never less than
 * whole (archive/restore.ts). It cannot be taken up half-way: after a crash what this step left half done is dropped
 * and it begins again, which a mark in the database makes safe (archive/restore-marker.ts).
 */
export const postgresRestore: StepKind<Args, Result> = {
  name: 'postgres.restore',
  effect: (args) => (replaces(args) ? 'destructive' : 'write'),
  describe(args) {
    const tables = args.tables ?? [];
    const what = tables.length === 0 ? '' : `${tables.join(', ')} from `;
    if (rowsOnly(args)) {
      const where = replaces(args) ? 'in place of those' : 'into the empty tables';
      return `Restore the rows of ${what}${args.from} ${where} in ${nameOf(args.to)}`;
    }
    const where = replaces(args) ? `in place of what is in` : 'into the empty database';
    return `Restore ${what}${args.from} ${where} ${nameOf(args.to)}`;
  },
  byHand(args, environment, folder) {
    const database = `"${databaseInShell(args.to, environment)}"`;
    const from = quote(fromFolder(args.from, folder));
    const tables = (args.tables ?? []).map((table) => `--table=${table}`);
    if (rowsOnly(args)) {
      const rows = `pg_restore --dbname=${database} --data-only --single-transaction ${tables.join(' ')} ${from}`;
      return replaces(args)
        ? `psql ${database} -c 'truncate ${(args.tables ?? []).join(', ')}' && ${rows}`
        : rows;
    }
    const options = [
      `--jobs=${args.jobs ?? JOBS}`,
      '--exit-on-error',
      ...(replaces(args) ? ['--clean', '--if-exists'] : []),
      ...(args.noOwner === true ? ['--no-owner', '--no-privileges'] : []),
      ...tables,
    ];
    return `pg_restore --dbname=${database} ${options.join(' ')} ${from}`;
  },
  programs: () => ['pg_restore'],
  targets: (args) => [targetUse('databases', args.to, replaces(args) ? 'destructive' : 'write')],

  async run(args, context) {
    const from = await dumpAt(placeInRun(context, args.from, ''));
    const done = outputOf(context);
    const session = await openDatabase(args.to, context);
    try {
      if (done !== undefined && (await readMarker(session)) === undefined)
        return await whole(done, args, context);
      const manifest = await verifyDump(from, context.signal);
      if (manifest === undefined) context.log(`there is no checksum beside ${from} to hold it against`);
      const server = await serverFacts(session);
      const tools = await findClientTools(server.major, nameOf(args.to));
      const restoring = {
        from,
        bytes: manifest?.bytes ?? (await sizeOf(from)),
        target: args.to,
        reopen: (access: Access) => openDatabase(args.to, access),
        jobs: args.jobs ?? JOBS,
        tables: (args.tables ?? []).map(tableName),
        rowsOnly: rowsOnly(args),
        noOwner: args.noOwner === true,
        roles: args.roles ?? {},
        warnings: [],
        by: markOf(context),
        session,
        server,
        tools,
        archive: await readArchive(tools.restore, from, context),
        context,
      };
      return await whole(await restoreDump(restoring, replaces(args)), args, context);
    } finally {
      await session.close();
    }
  },

  async reconcile(args, context) {
    const session = await openDatabase(args.to, context);
    try {
      const marker = await readMarker(session);
      if (marker?.by === markOf(context)) return { verdict: 'reattach' };
      const done = outputOf(context);
      if (done !== undefined) return { verdict: 'happened', output: await whole(done, args, context) };
      return { verdict: (await leftSomething(session, context)) ? 'reattach' : 'notHappened' };
    } finally {
      await session.close();
    }
  },
};

const replaces = (args: Args): boolean => args.into === REPLACE;

const rowsOnly = (args: Args): boolean => args.data === 'only';

const markOf = (context: StepContext): string => `${context.run.id}/${context.step}`;

/** With what no dump brings along, as it stands in the database that has the name now. */
async function whole(restored: Restored, args: Args, context: StepContext): Promise<Result> {
  const session = await openDatabase(args.to, context);
  try {
    return { ...restored, notCarried: await surroundingsOf(session) };
  } finally {
    await session.close();
  }
}

/** Saved when all was restored, just before the mark was taken away. */
function outputOf({ checkpoint }: StepContext): Restored | undefined {
  if (!isJsonObject(checkpoint) || checkpoint['output'] === undefined) return undefined;
  const output = decodeValue(checkpoint['output']);
  return isValueMap(output) ? (output as Restored) : undefined;
}

/** The table of the schema `public`, unless it says another. */
function tableName(text: string): TableName {
  const dot = text.indexOf('.');
  return dot < 0
    ? { schema: 'public', name: text }
    : { schema: text.slice(0, dot), name: text.slice(dot + 1) };
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path);
  if (!found.isDirectory()) return found.size;
  const sizes = await Promise.all((await readdir(path)).map((file) => sizeOf(join(path, file))));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function dumpAt(path: string): Promise<string> {
  try {
    await stat(path);
    return path;
  } catch (cause) {
    throw new StepError(`there is no dump at ${path}`, { code: 'noSuchDump', cause });
  }
}
