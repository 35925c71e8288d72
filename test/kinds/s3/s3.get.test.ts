import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import { startS3 } from '../../rig/s3.ts';
import { failureOf, kindOf } from '../../rig/step.ts';

let s3: Awaited<ReturnType<typeof startS3>>;
let bucket: ValueMap;
let folder: string;
beforeAll(async () => {
  s3 = await startS3();
  folder = await mkdtemp(join(tmpdir(), 'drillbook-get-'));
  bucket = await s3.bucket();
  await s3.put(bucket, { 'a b.txt': 'first' });
  await s3.put(bucket, { 'a b.txt': 'second' }, { ContentType: 'text/plain', Metadata: { site: 'north' } });
  await s3.put(bucket, { large: 'x'.repeat(3_000_000) });
});
afterAll(async () => {
  await s3.close();
  await rm(folder, { recursive: true });
});

test('an object as a text, with what belongs to it', async () => {
  expect(await s3.run('s3.get', { bucket, key: 'a b.txt' })).toMatchObject({
    text: 'second',
    path: null,
    size: 6,
    contentType: 'text/plain',
    metadata: { site: 'north' },
  });
});

test('an older version', async () => {
  const first = (await s3.versions(bucket)).find(({ size }) => size === 5);
  const output = await s3.run('s3.get', { bucket, key: 'a b.txt', versionId: first!.versionId });
  expect(output).toMatchObject({ text: 'first', versionId: first!.versionId });
});

test('into a file that is there only when it is whole', async () => {
  const path = join(folder, 'deep', 'large.bin');
  expect(await s3.run('s3.get', { bucket, key: 'large', path })).toMatchObject({
    path,
    size: 3_000_000,
    text: null,
  });
  expect((await readFile(path)).length).toBe(3_000_000);
  expect(await readdir(join(folder, 'deep'))).toEqual(['large.bin']);
});

describe('what went wrong is said', () => {
  test('no such object, and no file is left', async () => {
    const path = join(folder, 'nothing');
    const error = await failureOf(s3.run('s3.get', { bucket, key: 'not-there', path }));
    expect(error).toMatchObject({ code: 'NoSuchKey', changed: 'nothing' });
    expect(await readdir(folder)).not.toContain('nothing.part');
  });

  test('too long for an output', async () => {
    expect(await failureOf(s3.run('s3.get', { bucket, key: 'large' }))).toMatchObject({
      code: 'tooLong',
      hint: expect.stringContaining('path') as string,
    });
  });

  test('an archived object', async () => {
    await s3.put(bucket, { deep: 'x' }, { StorageClass: 'GLACIER' });
    expect(await failureOf(s3.run('s3.get', { bucket, key: 'deep' }))).toMatchObject({
      code: 'InvalidObjectState',
    });
  });
});

test('says what it would do', async () => {
  const kind = await kindOf('s3.get');
  const args = { bucket: { name: 'dumps' }, key: 'a.dump', path: './a.dump' };
  expect(kind.describe(args)).toBe('Get a.dump from dumps to ./a.dump');
  expect([args, { key: 'a' }, { ...args, path: '/a' }].map((given) => kind.effect(given))).toEqual([
    'read',
    'read',
    'write',
  ]);
  expect(kind.byHand?.(args, s3.step({ environment: {} }).context.environment)).toBe(
    'aws s3api get-object --bucket dumps --key a.dump ./a.dump',
  );
});
