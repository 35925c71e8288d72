import { basename } from 'node:path';
import { Instant } from '../../base/instant.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { manifestOf, verifyDump } from '../machine/checksum.ts';
import { fromFolder, placeOf } from '../machine/place.ts';
import { quote } from '../context/quote.ts';
import { readArchive } from './archive/archive.ts';
import type { DumpForm, FoundDump } from './archive/found-dump.ts';
import { dumpsAt, formOf } from './archive/found-dump.ts';
import { findClientTools } from './client/client-tools.ts';
import { readScriptHead } from './script/read-script.ts';
import type { Output, With } from '../types.ts';

type Result = Output['postgres.find-dump'];

const OLDEST_MAJOR = 15;
/** A dump holds the clock on the wall of where it was taken, and not in which time zone that was. */
const TIME_ZONES_MS = 15 * 60 * 60 * 1000;

/** Finds the newest dump of a folder, reads all of it once, and tells what it is. */
export const postgresFindDump: StepKind<With['postgres.find-dump'], Result> = {
  name: 'postgres.find-dump',
  outputs: ['path', 'bytes', 'takenAt'],
  effect: () => 'read',
  describe: (args) => `Find the newest dump at ${args.path}`,
  byHand: (args, _environment, folder) => `ls -lt ${quote(fromFolder(args.path, folder))}`,
  programs: () => ['pg_restore'],
  targets: () => [],
  async run(args, context) {
    const dumps = await dumpsAt(placeOf(args.path, context), args.files);
    const newest = dumps[0] as FoundDump;
    const form = await formOf(newest);
    const { signal } = context;
    const { bytes, sha256 } =
      (await verifyDump(newest.path, signal)) ?? (await manifestOf(newest.path, signal));
    const said = await saidOf(newest, form, context);
    return {
      path: newest.path,
      name: basename(newest.path),
      format: form.format,
      compressed: form.format === 'plain' && form.compressed,
      bytes,
      modified: Instant.fromMillis(newest.modifiedMs),
      takenAt: Instant.fromMillis(takenAt(newest.modifiedMs, said.createdMs)),
      sha256,
      database: said.database ?? null,
      dumpedFrom: said.serverVersion ?? null,
      count: dumps.length,
    };
  },
};

interface Said {
  readonly database?: string | undefined;
  readonly serverVersion?: string | undefined;
  readonly createdMs?: number | undefined;
}

/** What a dump says of itself. Throws where it cannot be read, or is not whole as far as that can be told now. */
async function saidOf({ path }: FoundDump, form: DumpForm, context: StepContext): Promise<Said> {
  if (form.format === 'plain') return readScriptHead(path, form.compressed, context.signal);
  const tools = await findClientTools(OLDEST_MAJOR, path);
  return readArchive(tools.restore, path, context);
}

/** A copy of an old dump is no newer for being copied. */
const takenAt = (modifiedMs: number, createdMs: number | undefined): number =>
  createdMs !== undefined && createdMs < modifiedMs - TIME_ZONES_MS ? createdMs : modifiedMs;
