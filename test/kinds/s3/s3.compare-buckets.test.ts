import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import { Instant } from '../../../engine/base/instant.ts';
import { manyObjects, startS3 } from '../../rig/s3.ts';
import { kindOf } from '../../rig/step.ts';

let s3: Awaited<ReturnType<typeof startS3>>;
let left: ValueMap;
let right: ValueMap;
beforeAll(async () => {
  s3 = await startS3();
  [left, right] = [await s3.bucket(), await s3.bucket()];
  await s3.put(left, manyObjects(1205));
});
afterAll(() => s3.close());

test('each object is the same, missing or another, and what is only at the right is extra', async () => {
  await s3.put(right, manyObjects(1205));
  await s3.remove(right, 'videos/00007.mp4');
  await s3.put(right, { 'videos/00008.mp4': 'evil 8', 'videos/00009.mp4': 'longer', 'z.mp4': 'z' });
  expect(await s3.run('s3.compare-buckets', { left, right })).toMatchObject({
    ...{ leftObjects: 1205, rightObjects: 1205, byEtag: 1202, bySize: 0 },
    ...{ missing: 1, different: 2, extra: 1, writtenSince: 0 },
    missingKeys: ['videos/00007.mp4'],
    differentKeys: ['videos/00008.mp4', 'videos/00009.mp4'],
  });
});

test('what was written since may be on its way', async () => {
  const at = Instant.parse(await s3.moment());
  const [from, to] = [await s3.bucket(), await s3.bucket()];
  await s3.put(from, { 'new.mp4': 'new' });
  const args = { left: from, right: to };
  expect(await s3.run('s3.compare-buckets', { ...args, before: at ?? null })).toMatchObject({
    ...{ missing: 0, writtenSince: 1 },
  });
  expect(await s3.run('s3.compare-buckets', args)).toMatchObject({ missing: 1, writtenSince: 0 });
});

test('where ETags say nothing sizes are compared, and counted as that', async () => {
  const [from, to] = [await s3.bucket(), await s3.bucket()];
  const long = 'x'.repeat(5 * 1024 ** 2);
  await s3.putInParts(from, 'a.mp4', [long, 'one']);
  await s3.put(to, { 'a.mp4': `${long}one` });
  await s3.put(from, { 'k.mp4': 'good' }, { ServerSideEncryption: 'aws:kms' });
  await s3.put(to, { 'k.mp4': 'evil' });
  expect(await s3.run('s3.compare-buckets', { left: from, right: to })).toMatchObject({
    ...{ missing: 0, different: 0, byEtag: 0, bySize: 2 },
  });
});

test('below a prefix, and under another one at the right', async () => {
  const [from, to] = [await s3.bucket(), await s3.bucket()];
  await s3.put(from, { 'a/1': '1', 'other/2': '2' });
  await s3.put(to, { 'copies/a/1': '1' });
  const args = { left: from, right: to, prefix: 'a/', rightPrefix: 'copies/a/' };
  expect(await s3.run('s3.compare-buckets', args)).toMatchObject({ leftObjects: 1, byEtag: 1, extra: 0 });
});

test('says what it would do', async () => {
  const kind = await kindOf('s3.compare-buckets');
  const args = { left: { name: 'videos' }, right: { name: 'replica' }, prefix: 'a/' };
  expect(kind.describe(args)).toBe('Hold videos under a/ against replica, object by object');
  expect(kind.effect(args)).toBe('read');
});
