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

const KEY = 'arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555';
const KMS = [
  {
    ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: KEY },
    BucketKeyEnabled: true,
  },
];
const COACHING = {
  ID: 'Coaching',
  Status: 'Enabled',
  Filter: { Prefix: 'coaching/' },
  Expiration: { Days: 7 },
};

test('the rules of a website are another setting in another order: the first that fits answers', async () => {
  const bucket = await s3.bucket();
  const to = (from: string, into: string) => ({
    Condition: { KeyPrefixEquals: from },
    Redirect: { ReplaceKeyPrefixWith: into },
  });
  const website = (...RoutingRules: readonly ValueMap[]) => ({
    IndexDocument: { Suffix: 'i.html' },
    RoutingRules,
  });
  const [one, other] = [to('a/', 'b/'), to('a/old/', 'c/')];
  await s3.run('s3.configure', { bucket, website: website(one, other) });
  expect(await s3.run('s3.configure', { bucket, website: website(one, other) })).toMatchObject({
    changed: [],
  });
  expect(await s3.run('s3.configure', { bucket, website: website(other, one) })).toMatchObject({
    changed: ['website'],
    settings: { website: website(other, one) },
  });
});

describe('strengthen', () => {
  const strengthen = (bucket: ValueMap, settings: ValueMap) =>
    s3.run('s3.configure', { bucket, mode: 'strengthen', ...settings });

  test('adds rules to those of others, and leaves a key of their own alone', async () => {
    const bucket = await s3.bucket();
    await s3.run('s3.configure', { bucket, encryption: KMS, lifecycle: [COACHING], tags: { team: 'media' } });
    const { changed, settings } = await strengthen(bucket, {
      encryption: ENCRYPTION,
      lifecycle: LIFECYCLE,
      tags: { drillbook: 'yes' },
    });
    expect(changed).toEqual(['tags', 'lifecycle']);
    expect(settings).toMatchObject({
      encryption: KMS,
      lifecycle: [COACHING, ...LIFECYCLE],
      tags: { team: 'media', drillbook: 'yes' },
    });
  });

  test('what was before can be set back to the last rule', async () => {
    const bucket = await s3.bucket();
    await s3.run('s3.configure', { bucket, lifecycle: [COACHING], cors: CORS });
    const before = await s3.run('s3.inspect', { bucket });
    const { previous } = await strengthen(bucket, {
      lifecycle: LIFECYCLE,
      cors: [{ ID: 'app', AllowedMethods: ['PUT'], AllowedOrigins: ['https://app.example'] }],
      encryption: KMS,
      publicAccessBlock: BLOCK,
    });
    await s3.run('s3.configure', { bucket, ...(previous as ValueMap) });
    expect(await s3.run('s3.inspect', { bucket })).toEqual(before);
  });

  test('changes nothing the second time, whatever S3 adds to what it was told', async () => {
    const bucket = await s3.bucket();
    const nameless = { Status: 'Enabled', NoncurrentVersionExpiration: { NoncurrentDays: '90' } };
    const wanted = { versioning: 'Enabled', encryption: ENCRYPTION, lifecycle: [nameless], cors: CORS };
    await strengthen(bucket, wanted);
    expect(await strengthen(bucket, wanted)).toMatchObject({ changed: [], differences: [] });
    expect(await s3.run('s3.configure', { bucket, ...wanted })).toMatchObject({ changed: [] });
  });

  test('a bucket for which whoever asks pays, and that answers as a website, stays so', async () => {
    const bucket = await s3.bucket();
    const website = { IndexDocument: { Suffix: 'index.html' } };
    expect(await strengthen(bucket, { website, requestPayment: 'Requester' })).toMatchObject({
      changed: ['website', 'requestPayment'],
    });
    const other = { website: { IndexDocument: { Suffix: 'other.html' } }, requestPayment: 'BucketOwner' };
    expect(await strengthen(bucket, other)).toMatchObject({ changed: [], settings: { website } });
    expect(
      await s3.run('s3.configure', { bucket, website: {}, requestPayment: 'BucketOwner' }),
    ).toMatchObject({
      settings: { website: {}, requestPayment: 'BucketOwner' },
    });
  });

  test('a replication into another bucket stays, with its role', async () => {
    const [bucket, mine, theirs] = [await s3.bucket(), await s3.bucket(), await s3.bucket()];
    const rule = (ID: string, to: ValueMap, more: ValueMap = {}) => ({
      ID,
      Status: 'Enabled',
      Priority: 1,
      Filter: { Prefix: '' },
      DeleteMarkerReplication: { Status: 'Disabled' },
      Destination: { Bucket: `arn:aws:s3:::${to['name'] as string}`, ...more },
    });
    const Role = 'arn:aws:iam::123456789012:role/theirs';
    const other = rule('archive', theirs, { StorageClass: 'GLACIER' });
    await s3.run('s3.configure', { bucket, replication: { Role, Rules: [other] } });
    const wanted = { Role: 'arn:aws:iam::123456789012:role/mine', Rules: [rule('videos', mine)] };
    expect((await strengthen(bucket, { replication: wanted }))['settings']).toMatchObject({
      replication: { Role, Rules: [other, { ...rule('videos', mine), Priority: 2 }] },
    });
    expect(await strengthen(bucket, { replication: wanted })).toMatchObject({ changed: [] });
  });
});

test('strengthen: what is told of events, what is locked and what is tiered stays beside what is wanted', async () => {
  const bucket = await s3.bucket();
  const queue = (Id: string) => ({
    Id,
    QueueArn: `arn:aws:sqs:us-east-1:123456789012:${Id}`,
    Events: ['s3:ObjectCreated:*'],
  });
  const tiering = (Id: string) => ({
    Id,
    Status: 'Enabled',
    Filter: { Prefix: `${Id}/` },
    Tierings: [{ AccessTier: 'ARCHIVE_ACCESS', Days: 90 }],
  });
  const lock = (Mode: string, Days: number) => ({
    ObjectLockEnabled: 'Enabled',
    Rule: { DefaultRetention: { Mode, Days } },
  });
  await s3.run('s3.configure', {
    bucket,
    ownership: 'BucketOwnerEnforced',
    notifications: { QueueConfigurations: [queue('encode')], EventBridgeConfiguration: {} },
    intelligentTiering: [tiering('cold')],
    objectLock: lock('COMPLIANCE', 7),
  });
  const { settings } = await s3.run('s3.configure', {
    bucket,
    mode: 'strengthen',
    ownership: 'ObjectWriter',
    notifications: { QueueConfigurations: [queue('scan')] },
    intelligentTiering: [tiering('old')],
    objectLock: lock('GOVERNANCE', 30),
  });
  expect(settings).toEqual({
    ownership: 'BucketOwnerEnforced',
    notifications: { QueueConfigurations: [queue('encode'), queue('scan')], EventBridgeConfiguration: {} },
    intelligentTiering: [tiering('cold'), tiering('old')],
    objectLock: lock('COMPLIANCE', 30),
  });
  const ended = { intelligentTiering: [], notifications: {}, ownership: 'BucketOwnerEnforced' };
  expect((await s3.run('s3.configure', { bucket, ...ended }))['settings']).toEqual(ended);
});

test('new rules leave the smallest size that they move as it is', async () => {
  const bucket = await s3.bucket();
  const smallest = { transitionDefaultMinimumObjectSize: 'varies_by_storage_class' };
  await s3.run('s3.configure', { bucket, lifecycle: [COACHING], ...smallest });
  await s3.run('s3.configure', { bucket, lifecycle: LIFECYCLE });
  await s3.run('s3.configure', { bucket, mode: 'strengthen', lifecycle: [COACHING] });
  expect(await s3.run('s3.inspect', { bucket })).toMatchObject({
    ...smallest,
    lifecycle: [...LIFECYCLE, COACHING],
  });
});

describe('like another bucket', () => {
  const policyOf = (name: string, was: string) => ({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'Tls',
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: [`arn:aws:s3:::${name}`, `arn:aws:s3:::${name}/*`, `arn:aws:s3:::${was}-other/*`],
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ],
  });
  const tidy = (prefix: string) => ({ ...LIFECYCLE[0], Filter: { Prefix: prefix } });

  test('it is set the same, under its own name', async () => {
    const [lost, bucket] = [await s3.bucket(), await s3.bucket()];
    const [was, is] = [lost['name'] as string, bucket['name'] as string];
    const origins = (name: string) => [
      {
        AllowedMethods: ['GET'],
        AllowedOrigins: [`https://${name}.s3.amazonaws.com`, `https://${was}.example`],
      },
    ];
    const logging = (name: string) => ({ TargetBucket: name, TargetPrefix: `${was}/` });
    await s3.run('s3.configure', {
      bucket: lost,
      policy: policyOf(was, was),
      cors: origins(was),
      logging: logging(was),
      lifecycle: [tidy(`${was}/`)],
      tags: { of: was },
    });
    const like = await s3.run('s3.inspect', { bucket: lost });
    const { changed, settings } = await s3.run('s3.configure', { bucket, like });
    expect(changed).toEqual([
      'policy',
      'cors',
      'tags',
      'lifecycle',
      'transitionDefaultMinimumObjectSize',
      'logging',
    ]);
    expect(settings).toMatchObject({
      policy: policyOf(is, was),
      cors: origins(is),
      logging: logging(is),
      lifecycle: [tidy(`${was}/`)],
      tags: { of: was },
    });
    expect(await s3.run('s3.configure', { bucket, like })).toMatchObject({ changed: [] });
  });

  test('what is given counts, what is not asked for stays, and nothing is emptied', async () => {
    const [lost, bucket] = [await s3.bucket(), await s3.bucket()];
    await s3.run('s3.configure', { bucket: lost, tags: { team: 'media' }, cors: CORS });
    await s3.run('s3.configure', { bucket, lifecycle: [COACHING] });
    const like = await s3.run('s3.inspect', { bucket: lost });
    await s3.run('s3.configure', { bucket, like, only: ['tags', 'lifecycle'], tags: { team: 'video' } });
    expect(await s3.run('s3.inspect', { bucket })).toMatchObject({
      tags: { team: 'video' },
      lifecycle: [COACHING],
      cors: [],
    });
  });

  test('rules that expire objects are as destructive as where they are given', async () => {
    const kind = await kindOf('s3.configure');
    const like = { name: 'lost', lifecycle: [COACHING], tags: { team: 'media' } };
    expect(kind.effect({ bucket: {}, like })).toBe('destructive');
    expect(kind.effect({ bucket: {}, like, only: ['tags'] })).toBe('write');
    expect(kind.describe({ bucket: { name: 'new' }, like })).toBe('Set tags, lifecycle of new');
  });
});

test('what can never be taken away is said to be so', async () => {
  const bucket = await s3.bucket();
  await s3.run('s3.configure', { bucket, objectLock: { ObjectLockEnabled: 'Enabled' } });
  expect(await failureOf(s3.run('s3.configure', { bucket, objectLock: {} }))).toMatchObject({
    code: 'usage',
    changed: 'nothing',
  });
});

test('a new encryption does not let in the keys of customers that S3 keeps out', async () => {
  const bucket = await s3.bucket();
  const { settings } = await s3.run('s3.configure', { bucket, encryption: KMS });
  expect(settings).toEqual({
    encryption: [{ ...KMS[0], BlockedEncryptionTypes: { EncryptionType: ['SSE-C'] } }],
  });
  expect(await s3.run('s3.configure', { bucket, encryption: KMS })).toMatchObject({ changed: [] });
});

test('what is more in a rule than is wanted makes it another one', async () => {
  const bucket = await s3.bucket();
  await s3.run('s3.configure', { bucket, lifecycle: [{ ...LIFECYCLE[0], Expiration: { Days: 7 } }] });
  const { changed, settings } = await s3.run('s3.configure', { bucket, lifecycle: LIFECYCLE });
  expect(changed).toEqual(['lifecycle']);
  expect((settings as ValueMap)['lifecycle']).toEqual(LIFECYCLE);
});

test('a preview tells each difference, and sets nothing', async () => {
  const bucket = await s3.bucket();
  await s3.run('s3.configure', { bucket, lifecycle: [COACHING] });
  const wanted = { lifecycle: [{ ...COACHING, Expiration: { Days: 30 } }], tags: { team: 'devops' } };
  const told = await s3.run('s3.configure', { bucket, mode: 'strengthen', preview: true, ...wanted });
  expect(told['differences']).toEqual([
    'tags.team: nothing → devops',
    'lifecycle.Coaching.Expiration.Days: 7 → 30',
  ]);
  expect(told).toMatchObject({ changed: ['tags', 'lifecycle'], settings: wanted });
  expect(await s3.run('s3.inspect', { bucket })).toMatchObject({ lifecycle: [COACHING], tags: {} });
});

test('versions end together with the replication that rests on them', async () => {
  const [bucket, replica] = [await s3.bucket(), await s3.bucket()];
  const Destination = { Bucket: `arn:aws:s3:::${replica['name'] as string}` };
  const Rules = [{ ID: 'all', Status: 'Enabled', Prefix: '', Destination }];
  await s3.run('s3.configure', { bucket, replication: { Role: 'arn:aws:iam::123456789012:role/r', Rules } });
  const ended = await s3.run('s3.configure', { bucket, versioning: 'Suspended', replication: {} });
  expect(ended['settings']).toEqual({ versioning: 'Suspended', replication: {} });
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
  expect(kind.effect({ lifecycle: LIFECYCLE, preview: true })).toBe('read');
  expect(kind.describe({ bucket, mode: 'strengthen', lifecycle: [] })).toBe('Strengthen lifecycle of videos');
  expect(
    kind.byHand?.({ bucket, versioning: 'Enabled' }, s3.step({ environment: {} }).context.environment),
  ).toBe(`aws s3api put-bucket-versioning --versioning-configuration '{"Status":"Enabled"}' --bucket videos`);
  const strengthening = { bucket, mode: 'strengthen', tags: { team: 'devops' } };
  expect(kind.byHand?.(strengthening, s3.step({ environment: {} }).context.environment)).toBe(
    [
      'aws s3api get-bucket-tagging --bucket videos',
      '# Add what that shows to this, which replaces it:',
      `aws s3api put-bucket-tagging --tagging '{"TagSet":[{"Key":"team","Value":"devops"}]}' --bucket videos`,
    ].join('\n'),
  );
});
