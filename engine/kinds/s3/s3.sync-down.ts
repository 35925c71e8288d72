import { stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve } from 'node:path';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { claim, elsewhere, leavesRun } from '../machine/place.ts';
import { aws } from './client/by-hand.ts';
import type { S3Client } from './client/client.ts';
import { openBucket } from './client/client.ts';
import { download } from './bulk/download.ts';
import { Ledger } from './bulk/upload-ledger.ts';
import type { S3Object } from './client/list.ts';
import { listObjects } from './client/list.ts';
import { afterwards, reporter, throwFailures } from './bulk/outcome.ts';
import { sweep } from './bulk/sweep.ts';
import { bucketPlace } from './client/phrases.ts';
import { nameOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

type Args = With['s3.sync-down'];
type Result = Output['s3.sync-down'];

const CONCURRENCY = 32;

/** Brings the current objects of a bucket down into a folder; what is there already stays. */
export const s3SyncDown: StepKind<Args, Result> = {
  name: 's3.sync-down',
  effect: (args) => (leavesRun(args.path) ? 'write' : 'read'),
  writesElsewhere: (args, folder) => elsewhere(args.path, folder),
  describe: (args) => `Bring ${bucketPlace(args)} down to ${args.path}`,
  byHand: (args, environment) =>
    aws(environment, args.bucket, [
      's3',
      'sync',
      `s3://${nameOf(args.bucket)}/${args.prefix ?? ''}`,
      args.path,
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
  const ledger = new Ledger(
    context,
    { bucket: client.bucket, prefix: prefix ?? null, folder },
    { startedAt: context.clock.now().epochMillis },
  );
  const show = reporter(context, 'objects');
  let downloaded = 0;
  const swept = await afterwards(
    sweep({
      items: files(listObjects(client, { prefix, after: ledger.start.after })),
      keyOf: ({ key }) => key,
      work: async (object) => {
        const path = placeFor(folder, object.key);
        if (await isThere(path, object)) return { same: 1 };
        const { bytes } = await download(client, object, { path, mayReplace });
        downloaded++;
        return { downloaded: 1, bytes };
      },
      concurrency: client.limit.max,
      start: ledger.start,
      save: (mark) => ledger.save(mark),
      context,
      progress: ({ downloaded: done = 0, same = 0 }) => show(done + same),
    }),
    () => downloaded > 0,
  );
  throwFailures(swept, ['downloaded'], 'brought down');
  const { downloaded: new_ = 0, same = 0, bytes = 0 } = swept.tally;
  return {
    path: folder,
    downloaded: new_,
    same,
    bytes,
    ...(await prove(client, { prefix, folder, startedAt: Number(ledger.facts['startedAt']) })),
  };
}

/** Keys that end with a slash stand for folders in consoles and have no content. */
async function* files(objects: AsyncIterable<S3Object>): AsyncGenerator<S3Object, void, void> {
  for await (const object of objects) if (!(object.key.endsWith('/') && object.size === 0)) yield object;
}

/** A key is any text; as a path it must not lead out of the folder. */
function placeFor(folder: string, key: string): string {
  const path = resolve(folder, `./${key}`);
  const inside = relative(folder, path);
  const isPlain =
    !key.split('/').some((part) => part === '..' || part === '.' || part === '') && !key.includes('\0');
  if (isPlain && inside !== '' && !inside.startsWith('..') && !isAbsolute(inside)) return path;
  throw new StepError(`${JSON.stringify(key)} cannot be the name of a file`, {
    code: 'badName',
    hint: 'Get it by itself, with s3.get and a path of its own.',
  });
}

async function isThere(path: string, { size, modified }: S3Object): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
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
    `${wrong.length > 20 ? 'more than 20' : wrong.length} objects are not in ${folder} as they are in the bucket: ${wrong.slice(0, 3).join(', ')}`,
    {
      code: 'notProven',
      hint: 'Something may have changed the files meanwhile: a retry brings them again.',
      changed: 'something',
      retryable: true,
      details: { keys: wrong },
    },
  );
}
