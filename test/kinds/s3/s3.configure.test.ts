import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import { startS3 } from '../../rig/s3.ts';
import { failureOf, kindOf } from '../../rig/step.ts';

let s3: Awaited<ReturnType<typeof startS3>>;
beforeAll(async () => {
  s3 = await startS3();
});
afterAll(() => s3.close());

const LIFECYCLE = [
  {
    ID: 'ArchiveOldVersions',
    Status: 'Enabled',
    Filter: { Prefix: 'videos/' },
    NoncurrentVersionTransitions: [{ NoncurrentDays: 30, StorageClass: 'GLACIER' }],
    NoncurrentVersionExpiration: { NoncurrentDays: 365 },
  },
];
const CORS = [
  { AllowedMethods: ['GET', 'PUT'], AllowedOrigins: ['https://peakops.example'], MaxAgeSeconds: 600 },
];
const ENCRYPTION = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }];
const BLOCK = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
};

describe('settings', () => {
  test('are set as the CLI would say them, and read back', async () => {
    const bucket = await s3.bucket({ versioned: false });
    const wanted: ValueMap = {
      versioning: 'Enabled',
      lifecycle: LIFECYCLE,
      cors: CORS,
      encryption: ENCRYPTION,
      publicAccessBlock: BLOCK,
      tags: { team: 'devops', 'a&b': 'c<d>' },
    };
    const { settings } = await s3.run('s3.configure', { bucket, ...wanted });
    expect(settings).toMatchObject(wanted);
    expect(await s3.run('s3.inspect', { bucket })).toMatchObject(wanted);
    expect(await s3.run('s3.configure', { bucket, ...wanted })).toMatchObject({ changed: [] });
  });

  test('are told as they were, and can be set back', async () => {
    const bucket = await s3.bucket();
    await s3.run('s3.configure', { bucket, lifecycle: LIFECYCLE });
    const { changed, previous } = await s3.run('s3.configure', { bucket, lifecycle: [] });
    expect(changed).toEqual(['lifecycle']);
    expect((await s3.run('s3.inspect', { bucket }))['lifecycle']).toEqual([]);
    await s3.run('s3.configure', { bucket, ...(previous as ValueMap) });
    expect((await s3.run('s3.inspect', { bucket }))['lifecycle']).toMatchObject(LIFECYCLE);
  });

  test('a lifecycle rule without a filter is for the whole bucket', async () => {
    const bucket = await s3.bucket();
    const rule = { ID: 'all', Status: 'Enabled', NoncurrentVersionExpiration: { NoncurrentDays: 90 } };
    const { settings } = await s3.run('s3.configure', { bucket, lifecycle: [rule] });
    expect(settings).toMatchObject({ lifecycle: [rule] });
  });

  test('a policy is JSON', async () => {
    const bucket = await s3.bucket();
    const policy = {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { AWS: 'arn:aws:iam::123456789012:root' },
          Action: 's3:GetObject',
          Resource: `arn:aws:s3:::${bucket['name'] as string}/*`,
        },
      ],
    };
    expect((await s3.run('s3.configure', { bucket, policy }))['settings']).toEqual({ policy });
    expect((await s3.run('s3.configure', { bucket, policy: {} }))['settings']).toEqual({ policy: {} });
  });
});

test('after a crash in the middle, what was before is still known', async () => {
  const bucket = await s3.bucket();
  const rig = s3.step();
  await s3.run('s3.configure', { bucket, versioning: 'Suspended', tags: { a: 'b' } }, rig);
  const again = s3.step({ checkpoint: rig.checkpoints[0]! });
  expect(
    await s3.run('s3.configure', { bucket, versioning: 'Suspended', tags: { a: 'b' } }, again),
  ).toMatchObject({
    changed: [],
    previous: { versioning: 'Enabled', tags: {} },
  });
});

describe('refusals', () => {
  test('nothing to set', async () => {
    expect(await failureOf(s3.run('s3.configure', { bucket: { name: 'any' } }))).toMatchObject({
      code: 'usage',
    });
  });

  test('what S3 does not take is said in its words, with what was changed', async () => {
    const bucket = await s3.bucket();
    const rule = { ID: 'x', Status: 'Sometimes', Filter: {} };
    const error = await failureOf(s3.run('s3.configure', { bucket, tags: { a: 'b' }, lifecycle: [rule] }));
    expect(error).toMatchObject({ code: 'MalformedXML', changed: 'something' });
  });
});

test('says what it would do, and how to do it by hand', async () => {
  const kind = await kindOf('s3.configure');
  const bucket = { name: 'videos' };
  expect(kind.describe({ bucket, lifecycle: [], versioning: 'Enabled' })).toBe(
    'Set versioning, lifecycle of videos',
  );
  expect(kind.effect({ versioning: 'Enabled' })).toBe('write');
  expect(kind.effect({ versioning: 'Suspended' })).toBe('destructive');
  expect(kind.effect({ lifecycle: LIFECYCLE })).toBe('destructive');
  expect(
    kind.byHand?.({ bucket, versioning: 'Enabled' }, s3.step({ environment: {} }).context.environment),
  ).toBe(`aws s3api put-bucket-versioning --versioning-configuration '{"Status":"Enabled"}' --bucket videos`);
});
