import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Instant } from '../../base/instant.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { FILE_MODE, makeFolder } from '../machine/place.ts';
import { placeIdentifiers } from '../postgres/client/identifiers.ts';
import { openDatabase } from '../postgres/client/connection.ts';
import { openBucket } from './client/client.ts';
import { joinByKey } from './bulk/compare.ts';
import type { KnownKey } from './bulk/database-keys.ts';
import { onDisk } from './bulk/download.ts';
import { MissingBefore, earlierMissing } from './bulk/missing-before.ts';
import { databaseKeys } from './bulk/database-keys.ts';
import { reporter } from './bulk/outcome.ts';
import type { Rewritten } from './bulk/rewriting.ts';
import { listRewritten } from './bulk/rewriting.ts';
import { bucketPlace } from './client/bucket-place.ts';
import { nameOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

type Result = Output['s3.compare-keys'];

const KEPT = 100;
const LINES_AT_A_TIME = 1000;

/** Holds the keys that a database knows against the objects of a bucket: the evidence for what was lost. */
export const s3CompareKeys: StepKind<With['s3.compare-keys'], Result> = {
  name: 's3.compare-keys',
  outputs: ['missing', 'extra'],
  effect: () => 'read',
  describe: (args) => `Compare the keys in ${nameOf(args.database)} with the objects of ${bucketPlace(args)}`,
  targets: (args) => [
    targetUse('databases', args.database, 'read'),
    targetUse('buckets', args.bucket, 'read'),
    ...(args.replica === undefined ? [] : [targetUse('buckets', args.replica, 'read')]),
  ],

  async run(args, context) {
    const query = placeIdentifiers(args.query, args.identifiers ?? {});
    const before = new MissingBefore(await earlierMissing(args.before, context), args.replica !== undefined);
    const client = openBucket(args.bucket, context);
    const replica = args.replica === undefined ? undefined : openBucket(args.replica, context);
    const session = await openDatabase(args.database, context);
    const { prefix = '', bucketPrefix = prefix } = args;
    try {
      const known = below(databaseKeys(session, query, args.params ?? []), prefix);
      const objects = listRewritten(client, { here: prefix, there: bucketPrefix });
      const copies =
        replica === undefined ? NO_COPIES : listRewritten(replica, { here: prefix, there: prefix });
      return await compare(
        context,
        joinByKey(byKey(joinByKey(known, objects)), copies),
        before,
        args.extraBefore,
      );
    } finally {
      client.close();
      replica?.close();
      await session.close();
    }
  },
};

/** Only what could be there is held against it. */
async function* below(keys: AsyncIterable<KnownKey>, prefix: string): AsyncGenerator<KnownKey, void, void> {
  for await (const known of keys) if (known.key.startsWith(prefix)) yield known;
}

interface Pair {
  readonly key: string;
  readonly known: KnownKey | undefined;
  readonly object: Rewritten | undefined;
}

async function* byKey(
  pairs: ReturnType<typeof joinByKey<KnownKey, Rewritten>>,
): AsyncGenerator<Pair, void, void> {
  for await (const { left, right } of pairs) {
    yield { key: left?.key ?? right?.key ?? '', known: left, object: right };
  }
}

/** What a bucket without a replica has there. */
const NO_COPIES: AsyncIterable<Rewritten> = {
  [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true, value: undefined }) }),
};

async function compare(
  context: StepContext,
  keys: AsyncIterable<{ readonly left: Pair | undefined; readonly right: Rewritten | undefined }>,
  before: MissingBefore,
  extraBefore: Instant | undefined,
): Promise<Result> {
  const show = reporter(context, 'keys');
  const missing = new Findings(context, 'missing');
  const extra = new Findings(context, 'extra');
  let [known, found, both, bytes] = [0, 0, 0, 0];
  let oldest: Instant | undefined;
  let newest: Instant | undefined;
  let missingFile: string | null = null;
  let extraFile: string | null = null;
  const isMissing = async ({ key, at }: KnownKey): Promise<void> => {
    await missing.add(key);
    if (at !== undefined && (oldest === undefined || at.epochMicros < oldest.epochMicros)) oldest = at;
    if (at !== undefined && (newest === undefined || at.epochMicros > newest.epochMicros)) newest = at;
  };
  try {
    for await (const { left: pair, right: copy } of keys) {
      if (pair === undefined) continue;
      const { known: row, object } = pair;
      if (row !== undefined) known++;
      if (object !== undefined) found++;
      bytes += object?.object.size ?? 0;
      if (row !== undefined && object !== undefined) {
        both++;
        before.present(row, copy !== undefined);
      } else if (row !== undefined) {
        if (before.isMissingSince(row, copy !== undefined)) await isMissing(row);
      } else if (object !== undefined && isBefore(object.object.modified, extraBefore)) {
        await extra.add(object.object.key);
      }
      show(known + found - both);
    }
    for (const row of before.rest()) await isMissing(row);
  } finally {
    missingFile = await missing.close();
    extraFile = await extra.close();
  }
  return {
    known,
    found,
    foundBytes: bytes,
    both,
    missing: missing.count,
    missingBefore: before.count,
    extra: extra.count,
    oldestMissingAt: oldest ?? null,
    newestMissingAt: newest ?? null,
    missingKeys: missing.first,
    extraKeys: extra.first,
    missingFile,
    extraFile,
  };
}

const isBefore = (at: Instant, end: Instant | undefined): boolean =>
  end === undefined || at.epochMicros < end.epochMicros;

/** The first keys for the journal, and all of them in a file of the run, one to a line as JSON. */
class Findings {
  readonly first: string[] = [];
  count = 0;
  readonly #folder: string;
  readonly #path: string;
  #file: FileHandle | undefined;
  #lines: string[] = [];

  constructor({ run, step }: StepContext, name: string) {
    this.#folder = run.folder;
    this.#path = join(run.folder, `${step.replaceAll(/[^A-Za-z0-9-]+/g, '-')}-${name}-keys.jsonl`);
  }

  async add(key: string): Promise<void> {
    this.count++;
    if (this.first.length < KEPT) this.first.push(key);
    this.#lines.push(`${JSON.stringify(key)}\n`);
    if (this.#lines.length > LINES_AT_A_TIME) await this.#flush();
  }

  /** The path of the file; null when there is nothing to be in one. Closes it in any case. */
  async close(): Promise<string | null> {
    try {
      if (this.count === 0) return null;
      await this.#flush();
      return this.#path;
    } finally {
      await this.#file?.close();
    }
  }

  async #flush(): Promise<void> {
    await onDisk(this.#path, async () => {
      if (this.#file === undefined) {
        await makeFolder(this.#folder);
        this.#file = await open(this.#path, 'w', FILE_MODE);
      }
      await this.#file.writeFile(this.#lines.join(''));
    });
    this.#lines = [];
  }
}
