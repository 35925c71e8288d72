import { afterAll, beforeAll, expect, test } from 'vitest';
import { startS3 } from '../../rig/s3.ts';
import { failureOf, kindOf } from '../../rig/step.ts';

let s3: Awaited<ReturnType<typeof startS3>>;
beforeAll(async () => {
  s3 = await startS3();
});
afterAll(() => s3.close());

test('a bucket as it is', async () => {
  const bucket = await s3.bucket();
  expect(await s3.run('s3.inspect', { bucket })).toMatchObject({
    name: bucket['name'],
    region: 'us-east-1',
    empty: true,
    versioning: 'Enabled',
    lifecycle: [],
    cors: [],
    policy: {},
    replication: {},
    tags: {},
    unreadable: {},
  });
  await s3.put(bucket, { a: 'x' });
  expect(await s3.run('s3.inspect', { bucket })).toMatchObject({ empty: false });
});

test('a bucket that is gone is an error of its own, told from one that may not be seen', async () => {
  const gone = await failureOf(s3.run('s3.inspect', { bucket: { name: 'gone-bucket' } }));
  expect(gone).toMatchObject({ code: 'NoSuchBucket', changed: 'nothing' });
  const bucket = { ...(await s3.bucket()), fingerprint: { account: '111111111111' } };
  expect(await failureOf(s3.run('s3.inspect', { bucket }))).toMatchObject({ code: 'AccessDenied' });
});

test('says what it would do', async () => {
  const kind = await kindOf('s3.inspect');
  expect(kind.describe({ bucket: { name: 'videos' } })).toBe('Look at the settings of videos');
  expect(kind.effect({})).toBe('read');
});
