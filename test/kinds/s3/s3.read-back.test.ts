import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import { manyObjects, startS3 } from '../../rig/s3.ts';
import { failureOf, kindOf } from '../../rig/step.ts';

let s3: Awaited<ReturnType<typeof startS3>>;
let bucket: ValueMap;
beforeAll(async () => {
  s3 = await startS3();
  bucket = await s3.bucket();
  await s3.put(bucket, { ...manyObjects(40), 'console-folder/': '' });
});
afterAll(() => s3.close());

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('a sample', () => {
  test('is drawn of all that can be read, and each object of it is read whole', async () => {
    const output = await s3.run('s3.read-back', { bucket, sample: 7 });
    expect(output).toMatchObject({ objects: 40, archived: 0, read: 7, byDigest: 7, bySize: 0, wrong: [] });
    const files = output['files'] as readonly { readonly key: string; readonly sha256: string }[];
    expect(new Set(files.map(({ key }) => key)).size).toBe(7);
    const [first] = files;
    const number = Number(/(\d+)\.mp4$/.exec(first?.key ?? '')?.[1]);
    expect(first?.sha256).toBe(sha256(`good ${String(number)}`));
  });

  test('is all where there are no more', async () => {
    expect(await s3.run('s3.read-back', { bucket })).toMatchObject({ objects: 40, read: 40 });
  });

  test('of nothing is no failure, and what is in the archive is counted', async () => {
    const cold = await s3.bucket();
    await s3.put(cold, { 'a.mp4': 'a' }, { StorageClass: 'GLACIER' });
    expect(await s3.run('s3.read-back', { bucket: cold })).toMatchObject({
      objects: 0,
      archived: 1,
      read: 0,
    });
  });

  test('goes through objects in parts by the digest of the parts', async () => {
    const parts = await s3.bucket();
    await s3.putInParts(parts, 'long.mp4', ['x'.repeat(5 * 1024 ** 2), 'end']);
    expect(await s3.run('s3.read-back', { bucket: parts })).toMatchObject({ read: 1, byDigest: 1 });
  });
});

describe('keys', () => {
  test('are read, and those that are not there are told', async () => {
    const output = await s3.run('s3.read-back', { bucket, keys: ['videos/00003.mp4', 'none.mp4'] });
    expect(output).toMatchObject({
      ...{ objects: null, archived: null, read: 1, missing: ['none.mp4'] },
      files: [{ key: 'videos/00003.mp4', bytes: 6, sha256: sha256('good 3'), provedBy: 'digest' }],
    });
  });

  test('in the archive cannot be read now', async () => {
    const cold = await s3.bucket();
    await s3.put(cold, { 'a.mp4': 'a' }, { StorageClass: 'GLACIER' });
    const error = await failureOf(s3.run('s3.read-back', { bucket: cold, keys: ['a.mp4'] }));
    expect(error.code).toBe('InvalidObjectState');
  });
});

test('says what it would do', async () => {
  const kind = await kindOf('s3.read-back');
  const args = { bucket: { name: 'copies' }, prefix: 'videos/' };
  expect(kind.describe(args)).toBe('Read 100 objects of copies under videos/ back');
  expect(kind.describe({ bucket: { name: 'copies' }, keys: ['canary.txt'] })).toBe(
    'Read canary.txt of copies back',
  );
  expect(kind.effect(args)).toBe('read');
});
