import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import { SETTING_NAMES } from '../../../engine/kinds/s3/bucket/names.ts';
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

test('whether its versions are deleted only with a token, which is told and cannot be set', async () => {
  const bucket = await s3.bucket();
  expect(await s3.run('s3.inspect', { bucket })).toMatchObject({ mfaDelete: false });
  await s3.client(bucket).ask('guard it', (client, http) =>
    client.putBucketVersioning(
      {
        Bucket: bucket['name'] as string,
        MFA: 'arn:aws:iam::123456789012:mfa/root 123456',
        VersioningConfiguration: { Status: 'Enabled', MFADelete: 'Enabled' },
      },
      http,
    ),
  );
  expect(await s3.run('s3.inspect', { bucket })).toMatchObject({ versioning: 'Enabled', mfaDelete: true });
});

test('all that a bucket is set to makes another one like it', async () => {
  const [bucket, replica, like] = [
    await s3.bucket(),
    await s3.bucket(),
    await s3.bucket({ versioned: false }),
  ];
  const name = bucket['name'] as string;
  const settings: ValueMap = {
    versioning: 'Enabled',
    encryption: [
      {
        ApplyServerSideEncryptionByDefault: {
          SSEAlgorithm: 'aws:kms',
          KMSMasterKeyID: 'arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555',
        },
        BucketKeyEnabled: true,
        BlockedEncryptionTypes: { EncryptionType: ['NONE'] },
      },
    ],
    ownership: 'BucketOwnerPreferred',
    publicAccessBlock: {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: false,
      RestrictPublicBuckets: false,
    },
    policy: {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'Tls',
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:*',
          Resource: `arn:aws:s3:::${name}/*`,
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ],
    },
    cors: [{ ID: 'app', AllowedMethods: ['PUT'], AllowedOrigins: ['https://app.example'] }],
    tags: { team: 'media' },
    lifecycle: [
      {
        ID: 'tmp',
        Status: 'Enabled',
        Filter: { Prefix: 'tmp/' },
        Expiration: { Date: '2027-01-01T00:00:00.000Z' },
      },
    ],
    transitionDefaultMinimumObjectSize: 'varies_by_storage_class',
    intelligentTiering: [
      { Id: 'cold', Status: 'Enabled', Tierings: [{ Days: 90, AccessTier: 'ARCHIVE_ACCESS' }] },
      {
        Id: 'old',
        Filter: { Prefix: 'old/' },
        Status: 'Enabled',
        Tierings: [{ Days: 180, AccessTier: 'DEEP_ARCHIVE_ACCESS' }],
      },
    ],
    objectLock: {
      ObjectLockEnabled: 'Enabled',
      Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 7 } },
    },
    notifications: {
      QueueConfigurations: [
        {
          Id: 'encode',
          QueueArn: 'arn:aws:sqs:us-east-1:123456789012:encode',
          Events: ['s3:ObjectCreated:*'],
          Filter: { Key: { FilterRules: [{ Name: 'Prefix', Value: 'uploads/' }] } },
        },
      ],
      EventBridgeConfiguration: {},
    },
    logging: { TargetBucket: replica['name'] as string, TargetPrefix: 'access/' },
    acceleration: 'Enabled',
    website: {
      IndexDocument: { Suffix: 'index.html' },
      RoutingRules: [
        { Condition: { KeyPrefixEquals: 'old/' }, Redirect: { ReplaceKeyPrefixWith: 'new/' } },
        { Condition: { KeyPrefixEquals: 'a/' }, Redirect: { ReplaceKeyPrefixWith: 'b/' } },
      ],
    },
    requestPayment: 'Requester',
    replication: {
      Role: 'arn:aws:iam::123456789012:role/replication',
      Rules: [
        {
          ID: 'all',
          Status: 'Enabled',
          Priority: 1,
          Filter: { Prefix: '' },
          DeleteMarkerReplication: { Status: 'Disabled' },
          Destination: { Bucket: `arn:aws:s3:::${replica['name'] as string}` },
        },
      ],
    },
  };
  await s3.run('s3.configure', { bucket, ...settings });
  const inspected = await s3.run('s3.inspect', { bucket });
  const { name: read, region, empty, mfaDelete, unreadable, ...snapshot } = inspected;
  expect(read).toBe(name);
  expect(snapshot).toEqual(settings);
  expect(Object.keys(snapshot)).toEqual(SETTING_NAMES);
  await s3.run('s3.configure', { bucket: like, ...snapshot });
  expect(await s3.run('s3.inspect', { bucket: like })).toEqual({
    name: like['name'],
    region,
    mfaDelete,
    empty,
    unreadable,
    ...snapshot,
  });
  expect(await s3.run('s3.configure', { bucket: like, ...snapshot })).toMatchObject({ changed: [] });
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
