import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import { startS3 } from '../../rig/s3.ts';
import { failureOf, kindOf } from '../../rig/step.ts';

let s3: Awaited<ReturnType<typeof startS3>>;
let bucket: ValueMap;
beforeAll(async () => {
  s3 = await startS3();
  bucket = await s3.bucket();
  await s3.put(bucket, { a: '1', ab: 'other' });
  await s3.put(bucket, { a: '22' });
  await s3.remove(bucket, 'a');
});
afterAll(() => s3.close());

describe('versions', () => {
  test('of one key: the newest first, the delete marker among them', async () => {
    const output = await s3.run('s3.list-versions', { bucket, key: 'a' });
    expect(output).toMatchObject({ count: 3, markers: 1, deleted: 1, bytes: 3 });
    expect(output['versions']).toMatchObject([
      { key: 'a', latest: true, deleteMarker: true },
      { key: 'a', latest: false, deleteMarker: false, size: 2 },
      { key: 'a', latest: false, deleteMarker: false, size: 1 },
    ]);
  });

  test('below a prefix', async () => {
    expect(await s3.run('s3.list-versions', { bucket, prefix: 'a', max: 1 })).toMatchObject({ count: 4 });
  });

  test('tells how many keys hold another object than the first that was written there', async () => {
    const uploads = await s3.bucket();
    await s3.put(uploads, { a: 'good', b: 'good', c: 'good', d: 'good' });
    await s3.put(uploads, { b: 'bad', c: 'bad', d: 'bad' });
    await s3.put(uploads, { c: 'good' });
    await s3.remove(uploads, 'd');
    expect(await s3.run('s3.list-versions', { bucket: uploads })).toMatchObject({ rewritten: 1, deleted: 1 });
  });

  test('a key and a prefix exclude each other', async () => {
    expect(await failureOf(s3.run('s3.list-versions', { bucket, key: 'a', prefix: 'a' }))).toMatchObject({
      code: 'usage',
    });
  });
});

test('says what it would do', async () => {
  const kind = await kindOf('s3.list-versions');
  expect(kind.describe({ bucket, key: 'a' })).toBe(`List the versions of a in ${bucket['name'] as string}`);
  expect(kind.effect({})).toBe('read');
});
