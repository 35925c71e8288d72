import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isJsonObject } from '../../../engine/base/json.ts';
import type { ValueMap } from '../../../engine/base/value.ts';
import { killedAt } from '../../rig/killed-step.ts';
import { startS3 } from '../../rig/s3.ts';
import { failureOf, kindOf } from '../../rig/step.ts';

const MIB = 1024 ** 2;

let s3: Awaited<ReturnType<typeof startS3>>;
let top: string;
let folder: string;
let files = 0;
beforeAll(async () => {
  s3 = await startS3();
  top = await mkdtemp(join(tmpdir(), 'drillbook-put-'));
});
afterAll(async () => {
  await s3.close();
  await rm(top, { recursive: true });
});
beforeEach(async () => {
  folder = join(top, String(files++));
  await mkdir(folder);
});

const write = async (contents: Readonly<Record<string, string | Buffer>>): Promise<void> => {
  for (const [name, content] of Object.entries(contents)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), content);
  }
};

const put = (bucket: ValueMap, args: ValueMap = {}): Promise<ValueMap> =>
  s3.run('s3.put', { bucket, path: folder, ...args });

const openUploads = async (bucket: ValueMap): Promise<number> => {
  const client = s3.client(bucket);
  const { Uploads = [] } = await client.ask('list', (sdk) => sdk.listMultipartUploads(client.ownBucket));
  return Uploads.length;
};

describe('a folder', () => {
  test('becomes objects under a prefix, odd names too, and a run’s folder is one', async () => {
    const bucket = await s3.bucket();
    await write({ 'a b+c%20': '1', 'sub/ü&<>"\'': '2', 'line\nfeed': '3', 'é\u{1f600}': '', 'x.y/..z': '5' });
    await mkdir(join(folder, 'empty'));
    await symlink(join(folder, 'a b+c%20'), join(folder, 'link'));
    const rig = s3.step();
    const inRun = { ...rig, context: { ...rig.context, run: { ...rig.context.run, folder: top } } };
    const args = { bucket, path: folder.slice(top.length + 1), prefix: 'up/' };
    expect(await s3.run('s3.put', args, inRun)).toEqual({
      ...{ files: 6, uploaded: 6, replaced: 0, same: 0, bytes: 5 },
    });
    expect(await s3.contents(bucket)).toEqual({
      ...{ 'up/a b+c%20': '1', 'up/sub/ü&<>"\'': '2', 'up/line\nfeed': '3', 'up/é\u{1f600}': '' },
      ...{ 'up/x.y/..z': '5', 'up/link': '1' },
    });
    expect(await put(bucket, { prefix: 'up/' })).toMatchObject({ uploaded: 0, same: 6, bytes: 0 });
    expect(await s3.versions(bucket)).toHaveLength(6);
  });

  test('comes back as it was brought down', async () => {
    const [from, to] = [await s3.bucket(), await s3.bucket()];
    await s3.put(from, { 'videos/1': 'one', 'videos/2': 'two' });
    await s3.run('s3.sync-down', { bucket: from, path: folder });
    expect(await put(to)).toMatchObject({ uploaded: 2 });
    expect(await s3.contents(to)).toEqual(await s3.contents(from));
  });
});

describe('a file', () => {
  test('becomes one object, with the class and the type that are said', async () => {
    const bucket = await s3.bucket();
    await write({ dump: 'content' });
    const args = { path: join(folder, 'dump'), key: 'x/../nightly' };
    await put(bucket, { ...args, storageClass: 'STANDARD_IA', contentType: 'application/sql' });
    expect(await s3.head(bucket, 'x/../nightly')).toMatchObject({
      StorageClass: 'STANDARD_IA',
      ContentType: 'application/sql',
      ContentLength: 7,
    });
  });

  test('of many megabytes goes in parts, and is found to be the same', async () => {
    const bucket = await s3.bucket();
    const content = randomBytes(17 * MIB);
    await write({ large: content });
    const args = { path: join(folder, 'large'), key: 'large' };
    expect(await put(bucket, args)).toMatchObject({ uploaded: 1, bytes: 17 * MIB });
    const { ETag } = await s3.head(bucket, 'large');
    expect(ETag).toMatch(/-3"$/);
    expect(await put(bucket, args)).toMatchObject({ uploaded: 0, same: 1 });
    expect(await openUploads(bucket)).toBe(0);
  });

  test.each([1, 17 * MIB])('has a digest of its own where ETags are none (%d bytes)', async (size) => {
    const bucket = await s3.bucket();
    const encryption = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } }];
    await s3.run('s3.configure', { bucket, encryption });
    await write({ file: randomBytes(size) });
    await put(bucket);
    const client = s3.client(bucket);
    const head = await client.ask('head', (sdk) =>
      sdk.headObject({ ...client.ownBucket, Key: 'file', ChecksumMode: 'ENABLED' }),
    );
    expect(head.ChecksumSHA256).toBeDefined();
  });
});

describe('what is there', () => {
  test('with another content stays, also of the same size; the others are put', async () => {
    const bucket = await s3.bucket({ versioned: false });
    await s3.put(bucket, { a: 'old', c: 'longer' });
    await write({ a: 'aaa', b: 'bbb', c: 'ccc' });
    const error = await failureOf(put(bucket));
    expect(error).toMatchObject({ code: 'exists', changed: 'something', details: { failed: 2 } });
    expect((error.details['keys'] as string[]).toSorted()).toEqual(['a', 'c']);
    expect(error.hint).toContain('overwrite: true');
    expect(await s3.contents(bucket)).toEqual({ a: 'old', b: 'bbb', c: 'longer' });
    expect(await put(bucket, { overwrite: true })).toMatchObject({ uploaded: 0, replaced: 2, same: 1 });
    expect(await s3.contents(bucket)).toEqual({ a: 'aaa', b: 'bbb', c: 'ccc' });
  });
});

test('killed in the middle of a file in parts, it finds what was put and goes on', async () => {
  const bucket = await s3.bucket();
  await write({ a: 'first', large: randomBytes(40 * MIB), z: 'last' });
  const args = { bucket, path: folder, concurrency: 1 };
  const checkpoint = await killedAt(
    { kind: 's3.put', args, environment: s3.environment, folder: top },
    (saved) =>
      isJsonObject(saved) && isJsonObject(saved['uploads']) && Object.keys(saved['uploads']).length > 0,
  );
  expect(await openUploads(bucket)).toBe(1);
  expect(Object.keys(await s3.contents(bucket))).toEqual(['a']);
  const output = await s3.run('s3.put', args, s3.step({ checkpoint }));
  expect(Number(output['uploaded']) + Number(output['same'])).toBe(3);
  expect(await openUploads(bucket)).toBe(0);
  expect(await s3.versions(bucket)).toHaveLength(3);
  expect(await put(bucket)).toMatchObject({ same: 3 });
});

describe('is refused', () => {
  test('a file without its key, a folder with one, and what is not there', async () => {
    const bucket = await s3.bucket();
    await write({ a: '1' });
    const path = join(folder, 'a');
    expect(await failureOf(put(bucket, { path }))).toMatchObject({ code: 'usage', changed: 'nothing' });
    expect(await failureOf(put(bucket, { path, key: 'a', prefix: 'b' }))).toMatchObject({ code: 'usage' });
    expect(await failureOf(put(bucket, { key: 'a' }))).toMatchObject({ code: 'usage' });
    expect(await failureOf(put(bucket, { path: join(folder, 'none') }))).toMatchObject({
      code: 'noSuchFile',
    });
  });

  test('what cannot be an object, before anything is put', async () => {
    const bucket = await s3.bucket();
    await write({ a: '1' });
    await symlink(top, join(folder, 'round'));
    expect(await failureOf(put(bucket))).toMatchObject({ code: 'notAFile', changed: 'nothing' });
    await rm(join(folder, 'round'));
    await writeFile(Buffer.from(`${folder}/latin-\xe9`, 'latin1'), 'x');
    expect(await failureOf(put(bucket))).toMatchObject({ code: 'badName', changed: 'nothing' });
    expect(await s3.contents(bucket)).toEqual({});
  });
});

test('says what it would do, and how to do it by hand', async () => {
  const kind = await kindOf('s3.put');
  const args = { bucket: { name: 'videos' }, path: '/backup', prefix: 'up loads/' };
  const { environment } = s3.step({ environment: {} }).context;
  expect(kind.describe(args)).toBe('Put /backup into videos under up loads/, keeping what is there');
  expect(kind.describe({ ...args, overwrite: true })).toContain(', over what is there');
  expect(kind.describe({ bucket: args.bucket, path: 'dump', key: 'a' })).toBe(
    'Put dump into videos as a, keeping what is there',
  );
  expect([kind.effect(args), kind.effect({ ...args, overwrite: true })]).toEqual(['write', 'destructive']);
  expect(kind.targets({ ...args, overwrite: true })).toEqual([
    { group: 'buckets', target: args.bucket, effect: 'destructive' },
  ]);
  expect(kind.byHand?.(args, environment)).toBe("aws s3 sync /backup 's3://videos/up loads/'");
});
