import { randomBytes } from 'node:crypto';
import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { claim, elsewhere, fromFolder, leavesRun, makeFolder } from '../machine/place.ts';
import { aws } from './client/by-hand.ts';
import type { S3Client } from './client/client.ts';
import { openBucket } from './client/client.ts';
import { compareFile } from './bulk/digest.ts';
import { download, onDisk } from './bulk/download.ts';
import { UploadLedger } from './bulk/upload-ledger.ts';
import type { S3Object } from './client/list.ts';
import { listObjects } from './client/list.ts';
import { afterwards, reporter, shortKey, throwFailures } from './bulk/outcome.ts';
import type { Tally } from './bulk/sweep.ts';
import { sweep } from './bulk/sweep.ts';
import { bucketPlace } from './client/bucket-place.ts';
import { nameOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

type Args = With['s3.sync-down'];
type Result = Output['s3.sync-down'];

const CONCURRENCY = 32;
/** In the folder, for what is not whole yet. No key becomes a file in it. */
const PARTIAL = '.drillbook-partial';

/** Brings the current objects of a bucket down into a folder; what is there already stays. */
export const s3SyncDown: StepKind<Args, Result> = {
  name: 's3.sync-down',
  effect: (args) => (leavesRun(args.path) ? 'write' : 'read'),
  writesElsewhere: (args, folder) => elsewhere(args.path, folder),
  describe: (args) => `Bring ${bucketPlace(args)} down to ${args.path}`,
  byHand: (args, environment, folder) =>
    aws(environment, args.bucket, [
      's3',
      'sync',
      `s3://${nameOf(args.bucket)}/${args.prefix ?? ''}`,
      fromFolder(args.path, folder),
    ]),
  targets: (args) => [targetUse('buckets', args.bucket, 'read')],

  async run(args, context) {
    const concurrency = args.concurrency ?? CONCURRENCY;
    const client = openBucket(args.bucket, context, { concurrency });
    try {
      return await syncDown(args, context, client);
    } finally {
      client.close();
    }
  },

  // Files that are there and whole are left alone.
  reconcile: () => Promise.resolve({ verdict: 'reattach' }),
};

async function syncDown(args: Args, context: StepContext, client: S3Client): Promise<Result> {
  const { prefix } = args;
  const { path: folder, mayReplace } = await claim(args.path, args, context);
  const ledger = new UploadLedger(
    context,
    { bucket: client.bucket, prefix: prefix ?? null, folder },
    { startedAt: context.clock.now().epochMillis },
  );
  const show = reporter(context, 'objects');
  const partials = await Partials.open(folder, context);
  let downloaded = 0;
  const work = async (object: S3Object): Promise<Tally> => {
    const path = placeFor(folder, object.key);
    if (await isThere(path, object)) {
      const proved = await compareFile(client, object, path);
      if (proved !== 'different') return { same: 1, [proved]: 1 };
    }
    const partial = partials.next();
    const { bytes, provedBy } = await download(client, object, { path, mayReplace }, { partial });
    downloaded++;
    return { downloaded: 1, bytes, [provedBy]: 1 };
  };
  try {
    const swept = await afterwards(
      sweep({
        items: files(listObjects(client, { prefix, after: ledger.start.after })),
        keyOf: ({ key }) => key,
        work: (object) => asFile(object.key, () => work(object)),
        concurrency: client.limit.max,
        start: ledger.start,
        save: (mark) => ledger.save(mark),
        context,
        progress: ({ downloaded: done = 0, same = 0 }) => show(done + same),
      }),
      () => downloaded > 0,
    );
    throwFailures(swept, ['downloaded'], 'brought down');
    const { downloaded: new_ = 0, same = 0, bytes = 0, digest = 0, size = 0 } = swept.tally;
    const counts = { downloaded: new_, same, bytes, byDigest: digest, bySize: size };
    const startedAt = Number(ledger.facts['startedAt']);
    return { path: folder, ...counts, ...(await prove(client, { prefix, folder, startedAt })) };
  } finally {
    await partials.close();
  }
}

/**
 * Where files are until they are whole: a folder of this run and step below one that no key leads into. An
 * earlier life's, which was killed, is emptied first.
 */
class Partials {
  readonly #top: string;
  readonly #own: string;

  private constructor(top: string, own: string) {
    this.#top = top;
    this.#own = own;
  }

  /** Throws `StepError`, before anything is fetched, when nothing may be written there. */
  static async open(folder: string, context: StepContext): Promise<Partials> {
    const top = join(folder, PARTIAL);
    const own = join(top, context.resourceName().slice(0, 200));
    await onDisk(own, () => rm(own, { recursive: true, force: true }));
    const others = await readdir(top).catch(() => []);
    if (others.length > 0) context.log(`${top} holds parts of other runs: remove them when those have ended`);
    await makeFolder(own);
    return new Partials(top, own);
  }

  next(): string {
    return join(this.#own, randomBytes(12).toString('hex'));
  }

  async close(): Promise<void> {
    await rm(this.#own, { recursive: true, force: true }).catch(() => undefined);
    // Another run may have its own in there.
    await rmdir(this.#top).catch(() => undefined);
  }
}

/** Keys that end with a slash stand for folders in consoles and have no content. */
async function* files(objects: AsyncIterable<S3Object>): AsyncGenerator<S3Object, void, void> {
  for await (const object of objects) if (!(object.key.endsWith('/') && object.size === 0)) yield object;
}

/** A key is any text; as a path it must lead neither out of the folder nor to what is not whole. */
function placeFor(folder: string, key: string): string {
  const path = resolve(folder, `./${key}`);
  const inside = relative(folder, path);
  const parts = key.split('/');
  const isPlain = !parts.some((part) => part === '..' || part === '.' || part === '') && !key.includes('\0');
  const isReserved = parts[0]?.toLowerCase() === PARTIAL;
  if (isPlain && !isReserved && inside !== '' && !inside.startsWith('..') && !isAbsolute(inside)) return path;
  throw badName(key, 'cannot be the name of a file');
}

const badName = (key: string, why: string, cause?: unknown): StepError =>
  new StepError(`${shortKey(key)} ${why}`, {
    code: 'badName',
    hint: 'Get it by itself, with s3.get and a path of its own.',
    cause,
  });

/** What a disk says of a name that it cannot take, or not beside the names of other keys. */
const BAD_NAMES = {
  ENAMETOOLONG: 'is too long for the name of a file on this disk',
  EISDIR: 'cannot be a file: there is a folder of that name',
  ENOTDIR: 'cannot be a file: a part of its path is one already',
  EEXIST: 'cannot be a file: a part of its path is one already',
  EILSEQ: 'cannot be the name of a file on this disk',
} as const;

/** An error that comes of the key's being no name here says so, and does not blame the disk. */
async function asFile<T>(key: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const cause: unknown = error instanceof StepError ? error.cause : undefined;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    throw code in BAD_NAMES ? badName(key, BAD_NAMES[code as keyof typeof BAD_NAMES], error) : error;
  }
}

/** Whether a file of that size and time is there. Throws `StepError` where none can be. */
async function isThere(path: string, { key, size, modified }: S3Object): Promise<boolean> {
  const found = await onDisk(path, () =>
    stat(path).catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }),
  );
  if (found?.isDirectory() === true) throw badName(key, BAD_NAMES.EISDIR);
  return (
    found?.isFile() === true &&
    found.size === size &&
    // File systems keep times to different grains.
    Math.abs(found.mtimeMs - modified.epochMillis) < 1000
  );
}

/** The bucket listed anew: each object that was there when it began is a file of its size. */
async function prove(
  client: S3Client,
  {
    prefix,
    folder,
    startedAt,
  }: { readonly prefix: string | undefined; readonly folder: string; readonly startedAt: number },
): Promise<Pick<Result, 'objects' | 'writtenSince'>> {
  let objects = 0;
  let writtenSince = 0;
  // S3 dates to whole seconds.
  const began = Math.floor(startedAt / 1000) * 1000;
  const wrong: string[] = [];
  for await (const object of files(listObjects(client, { prefix }))) {
    if (await isThere(placeFor(folder, object.key), object)) objects++;
    else if (object.modified.epochMillis >= began) writtenSince++;
    else wrong.push(object.key);
    if (wrong.length > 20) break;
  }
  if (wrong.length === 0) return { objects, writtenSince };
  throw new StepError(
    `${wrong.length > 20 ? 'more than 20' : wrong.length} objects are not in ${folder} as they are in the bucket: ${wrong.slice(0, 3).map(shortKey).join(', ')}`,
    {
      code: 'notProven',
      hint: 'Something may have changed the files meanwhile: a retry brings them again.',
      changed: 'something',
      retryable: true,
      details: { keys: wrong },
    },
  );
}
