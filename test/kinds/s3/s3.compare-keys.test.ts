import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Instant } from '../../../engine/base/instant.ts';
import type { ValueMap } from '../../../engine/base/value.ts';
import type { PostgresRig } from '../../rig/postgres.ts';
import { startPostgres } from '../../rig/postgres.ts';
import { startS3 } from '../../rig/s3.ts';
import { failureOf, kindOf } from '../../rig/step.ts';

let s3: Awaited<ReturnType<typeof startS3>>;
let postgres: PostgresRig;
let bucket: ValueMap;
let folder: string;
const database = { name: 'peakops-main', url: { $ref: 'env', name: 'DRILLBOOK_TEST_KEYS_URL' } };

beforeAll(async () => {
  [s3, postgres] = await Promise.all([startS3(), startPostgres()]);
  folder = await mkdtemp(join(tmpdir(), 'drillbook-keys-'));
  process.env['DRILLBOOK_TEST_KEYS_URL'] = postgres.url();
  bucket = await s3.bucket();
  await postgres.sql(`create table videos (key text, created_at timestamptz);
    insert into videos select 'videos/' || n || '.mp4', '2025-11-01T00:00:00Z'::timestamptz + n * interval '1 second' from generate_series(1, 300) n;
    insert into videos values ('videos/1.mp4', now()), (null, now()), ('other/x', now()),
      ('videos/é', '2025-11-02T00:00:00Z'), ('videos/Z', '2025-11-02T00:00:00Z'), ('videos/\u{ff01}', '2025-11-02T00:00:00Z'), ('videos/\u{1f600}', '2025-11-02T00:00:00Z');
    grant select on videos to public`);
  const keys = Array.from({ length: 300 }, (_, n) => `videos/${n + 1}.mp4`).filter(
    (_, n) => n !== 9 && n !== 99,
  );
  await s3.put(
    bucket,
    Object.fromEntries(
      [...keys, 'videos/é', 'videos/Z', 'videos/\u{ff01}', 'videos/\u{1f600}', 'videos/extra'].map((key) => [
        key,
        'x',
      ]),
    ),
  );
});
afterAll(async () => {
  await Promise.all([s3.close(), postgres.close()]);
  await rm(folder, { recursive: true });
});

const query = 'select key, created_at from videos;';

async function compare(args: ValueMap): Promise<ValueMap> {
  const rig = s3.step();
  return s3.run(
    's3.compare-keys',
    { database, bucket, query, ...args },
    { ...rig, context: { ...rig.context, run: { ...rig.context.run, folder } } },
  );
}

describe('keys', () => {
  test('of objects that lie under another prefix than the database knows', async () => {
    const beside = await s3.bucket();
    await s3.run('s3.copy-bucket', { from: bucket, to: beside, prefix: 'videos/', toPrefix: 'rebuilt/' });
    const args = { bucket: beside, prefix: 'videos/', bucketPrefix: 'rebuilt/' };
    const [there, here] = [await compare(args), await compare({ prefix: 'videos/' })];
    // Each is named as its own side knows it.
    expect(there).toEqual({ ...here, extraKeys: ['rebuilt/extra'] });
    expect(here).toMatchObject({ missing: 2, extra: 1, extraKeys: ['videos/extra'] });
    expect(await compare({ ...args, bucketPrefix: 'videos/' })).toMatchObject({ both: 0, found: 0 });
  });

  test('that the bucket lacks and that the database lacks, in the order of neither language', async () => {
    expect(await compare({ prefix: 'videos/' })).toEqual({
      known: 304,
      found: 303,
      foundBytes: 303,
      both: 302,
      missing: 2,
      missingBefore: null,
      extra: 1,
      oldestMissingAt: Instant.parse('2025-11-01T00:00:10Z'),
      newestMissingAt: Instant.parse('2025-11-01T00:01:40Z'),
      missingKeys: ['videos/10.mp4', 'videos/100.mp4'],
      extraKeys: ['videos/extra'],
      missingFile: expect.stringContaining('missing-keys.jsonl') as string,
      extraFile: expect.stringContaining('extra-keys.jsonl') as string,
    });
  });

  test('what is only being uploaded is not extra, and known all the same', async () => {
    const busy = await s3.bucket();
    await s3.put(busy, { 'videos/1.mp4': 'x', 'videos/erased': 'x' });
    const keys = async (extraBefore: string) =>
      compare({ bucket: busy, query: "select 'videos/1.mp4'", prefix: 'videos/', extraBefore });
    expect(await keys('2020-01-01T00:00:00Z')).toMatchObject({
      found: 2,
      both: 1,
      extra: 0,
      extraFile: null,
    });
    const later = await keys('2100-01-01T00:00:00Z');
    expect(later).toMatchObject({ both: 1, extra: 1, extraKeys: ['videos/erased'] });
    expect(await readFile(later['extraFile'] as string, 'utf8')).toBe('"videos/erased"\n');
  });

  test('with parameters, and without a moment', async () => {
    const only = { query: 'select key from videos where key = $1', params: ['videos/10.mp4'] };
    expect(await compare(only)).toMatchObject({ known: 1, missing: 1, oldestMissingAt: null });
  });

  test('all of them are kept in a file of the run when there are many', async () => {
    const many = await compare({ query: "select 'gone/' || n from generate_series(1, 12000) n" });
    expect(many).toMatchObject({ known: 12000, missing: 12000 });
    expect(many['missingKeys']).toHaveLength(100);
    const lines = (await readFile(many['missingFile'] as string, 'utf8')).trim().split('\n');
    expect(lines).toHaveLength(12000);
    expect(JSON.parse(lines[0]!)).toBe('gone/1');
  });
});

describe('keys that were missing before', () => {
  const at = (time: string): Instant => Instant.parse(time)!;
  const oldest = { known: 304, missingKeys: ['videos/100.mp4'], missing: 1, missingBefore: 1 };
  const recalled = async (change: ValueMap = {}): Promise<ValueMap> => ({
    found: true,
    at: at('2025-11-03T00:00:00Z'),
    output: { ...(await compare({ prefix: 'videos/' })), ...change },
  });

  /** A copy of the bucket that lacks some of what it has, and has some of what it lacks. */
  async function replica(lacks: readonly string[], has: readonly string[]): Promise<ValueMap> {
    const copy = await s3.bucket();
    await s3.run('s3.copy-bucket', { from: bucket, to: copy, prefix: 'videos/' });
    await s3.put(copy, Object.fromEntries(has.map((key) => [key, 'x'])));
    await s3.remove(copy, ...lacks);
    return copy;
  }

  test('at an earlier comparison are none of those that are missing since', async () => {
    const before = await recalled({ missing: 1, missingKeys: ['videos/10.mp4'] });
    expect(await compare({ prefix: 'videos/', before })).toMatchObject({
      ...oldest,
      oldestMissingAt: at('2025-11-01T00:01:40Z'),
    });
    const all = { missing: 0, missingBefore: 2, oldestMissingAt: null, missingKeys: [] };
    expect(await compare({ prefix: 'videos/', before: await recalled() })).toMatchObject(all);
  });

  test('are told from a file where there were many', async () => {
    const many = { query: "select 'gone/' || n, timestamptz '2025-11-01' from generate_series(1, 300) n" };
    const before = { ...(await recalled()), output: await compare(many) };
    expect(await compare({ ...many, before })).toMatchObject({ missing: 0, missingBefore: 300 });
    await rm((before.output as { missingFile: string }).missingFile);
    expect(await compare({ ...many, before })).toMatchObject({ missing: 300, missingBefore: null });
  });

  test('are none where a key was made after the earlier comparison', async () => {
    const before = { ...(await recalled()), at: at('2025-11-01T00:01:00Z') };
    expect(await compare({ prefix: 'videos/', before })).toMatchObject(oldest);
  });

  test('are lacked by the replica too, which has what was deleted since', async () => {
    const copy = await replica([], ['videos/100.mp4']);
    expect(await compare({ prefix: 'videos/', replica: copy })).toMatchObject(oldest);
  });

  test('are not told by a replica that fell behind: from then on it lacks what was there', async () => {
    // It stopped at a minute past: 10 was missing before, 100 may have been deleted since.
    const behind = Array.from({ length: 240 }, (_, n) => `videos/${n + 61}.mp4`).filter(
      (key) => key !== 'videos/100.mp4',
    );
    const copy = await replica(behind, []);
    expect(await compare({ prefix: 'videos/', replica: copy })).toMatchObject(oldest);
  });

  test('are not told where nothing is left to hold the replica against', async () => {
    const [gone, copy] = [await s3.bucket(), await replica([], [])];
    expect(await compare({ bucket: gone, prefix: 'videos/', replica: copy })).toMatchObject({
      missing: 304,
      missingBefore: null,
    });
  });

  test('are not told by a comparison that left some out itself, nor by something else', async () => {
    const partly = await recalled({ missingBefore: 3 });
    for (const before of [partly, { ...partly, output: { rows: [] } }]) {
      expect(await failureOf(compare({ before }))).toMatchObject({ code: 'usage' });
    }
    expect(await compare({ prefix: 'videos/', before: { found: false, output: {} } })).toMatchObject({
      missing: 2,
      missingBefore: null,
    });
  });
});

describe('what went wrong is said', () => {
  test('a query that gives no text', async () => {
    expect(await failureOf(compare({ query: 'select 1' }))).toMatchObject({ code: 'usage' });
  });

  test('a query that acts outside of its transaction', async () => {
    const error = await failureOf(compare({ query: 'select pg_promote()::text' }));
    expect(error).toMatchObject({ code: 'actsOutside', changed: 'nothing' });
  });

  test('a query that writes', async () => {
    const error = await failureOf(compare({ query: 'delete from videos returning key' }));
    expect(error.changed).toBe('nothing');
  });

  test('a bucket that is gone', async () => {
    expect(await failureOf(compare({ bucket: { name: 'gone-bucket' } }))).toMatchObject({
      code: 'NoSuchBucket',
    });
  });
});

test('says what it would do', async () => {
  const kind = await kindOf('s3.compare-keys');
  expect(kind.describe({ database, bucket: { name: 'videos' } })).toBe(
    'Compare the keys in peakops-main with the objects of videos',
  );
  expect(kind.effect({})).toBe('read');
});
