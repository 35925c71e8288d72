import { opendir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Instant } from '../../base/instant.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { fromFolder, placeOf } from '../machine/place.ts';
import { fileError } from '../machine/errors.ts';
import { quote } from '../context/quote.ts';
import type { Output, With } from '../types.ts';

type Result = Output['file.list'];

const NAMED = 100;

/** Counts the plain files of a folder of this machine, and names the newest of them. */
export const fileList: StepKind<With['file.list'], Result> = {
  name: 'file.list',
  outputs: ['count', 'bytes', 'newest'],
  effect: () => 'read',
  describe: (args) => `List the files of ${args.path}`,
  byHand: (args, _environment, folder) => `ls -lt ${quote(fromFolder(args.path, folder))}`,
  targets: () => [],
  async run(args, context) {
    const files = await filesOf(placeOf(args.path, context), context);
    const most = args.max ?? NAMED;
    const newestFirst = files.toSorted((one, other) => other.modified.epochMicros - one.modified.epochMicros);
    return {
      count: files.length,
      bytes: files.reduce((sum, { size }) => sum + size, 0),
      newest: newestFirst[0]?.modified ?? null,
      oldest: newestFirst.at(-1)?.modified ?? null,
      complete: files.length <= most,
      files: newestFirst.slice(0, most).map(shown),
    };
  },
};

interface PlainFile {
  readonly path: string;
  readonly size: number;
  readonly modified: Instant;
}

/** The files of a folder, not those of the folders in it; or the one file. */
async function filesOf(path: string, { signal }: Pick<StepContext, 'signal'>): Promise<readonly PlainFile[]> {
  try {
    const [alone, isFolder] = await look(path);
    if (!isFolder) {
      if (alone !== undefined) return [alone];
      throw new StepError(`${path} is neither a folder nor a plain file`, { code: 'cannotRead' });
    }
    const files: PlainFile[] = [];
    for await (const { name } of await opendir(path)) {
      signal.throwIfAborted();
      const [file] = await look(join(path, name)).catch(passedOver);
      if (file !== undefined) files.push(file);
    }
    return files;
  } catch (cause) {
    signal.throwIfAborted();
    throw fileError(cause, path, { doing: 'read' }) ?? cause;
  }
}

async function look(path: string): Promise<[file: PlainFile | undefined, isFolder: boolean]> {
  const found = await stat(path);
  const file = { path, size: found.size, modified: Instant.fromMillis(found.mtimeMs) };
  return [found.isFile() ? file : undefined, found.isDirectory()];
}

/** What was there when the folder was read and is not any more: a cleanup took it, or a link leads nowhere. */
function passedOver(cause: unknown): [undefined, boolean] {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOENT' || code === 'ELOOP') return [undefined, false];
  throw cause;
}

const shown = ({ path, size, modified }: PlainFile): Result['files'][number] => ({
  path,
  name: basename(path),
  size,
  modified,
});
