import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Instant } from '../../../engine/base/instant.ts';
import type { JsonObject } from '../../../engine/base/json.ts';
import type { ValueMap } from '../../../engine/base/value.ts';
import { loadEnvironment } from '../../../engine/load/environment.ts';
import type { Environment } from '../../../engine/model/environment.ts';
import type { WorldPlan } from '../../../engine/model/world.ts';
import type { World } from '../../../engine/sandbox/world.ts';
import { SourceFile } from '../../../engine/source/file.ts';
import { temporaryFolder } from '../../rig/drillbook.ts';
import { kindOf, stepRig } from '../../rig/step.ts';
import { desk, open, planOf } from '../parts-rig.ts';

const files = (): WorldPlan =>
  planOf(
    `
parts:
  files:
    uses: s3
    with:
      buckets:
        photos: { replica: photosCopy, seed: ./photos }
        drafts: { name: shop-drafts-2, region: eu-central-1 }
environment:
  aws: \${{ parts.files.aws }}
  buckets: \${{ parts.files.buckets }}
  values: { desk: { files: "\${{ parts.files.control }}", token: "\${{ desk.token }}" } }
`,
    { 'photos/a.jpg': 'one', 'photos/2026/b.jpg': 'two', 'photos/2026/c.txt': 'three' },
  );

/** Its environment, as a run reads it. */
async function environmentOf(world: World): Promise<Environment> {
  const { value, diagnostics } = await loadEnvironment(
    new SourceFile('sandbox.yaml', await world.environmentText()),
  );
  if (value === undefined) throw new Error(JSON.stringify(diagnostics));
  return value;
}

const bucketsOf = ({ data }: Environment): Readonly<Record<string, ValueMap>> =>
  data['buckets'] as Readonly<Record<string, ValueMap>>;

/** What a step makes of a bucket. */
async function step(
  kind: string,
  environment: Environment,
  name: string,
  args: ValueMap = {},
): Promise<ValueMap> {
  const bucket = { ...bucketsOf(environment)[name], $target: `buckets.${name}` };
  return (await kindOf(kind)).run({ bucket, ...args }, stepRig({ environment: environment.data }).context);
}

const listed = (environment: Environment, name: string): Promise<ValueMap> =>
  step('s3.list', environment, name);

/** What its objects are, each with its age in hours. */
async function objectsIn(environment: Environment, name: string): Promise<readonly JsonObject[]> {
  const { objects } = await listed(environment, name);
  const known = objects as readonly { key: string; size: number; modified: Instant; storageClass: string }[];
  return known.map(({ modified, ...object }) => {
    const { key, size, storageClass } = object;
    return { key, size, storageClass, age: Math.round((Date.now() - modified.epochMillis) / 3_600_000) };
  });
}

/** A world whose buckets are filled as this says. */
const filled = (buckets: string, files: Readonly<Record<string, string>> = {}): WorldPlan =>
  planOf(
    `
parts:
  db: { uses: postgres, with: { seed: ./seed.sql } }
  files:
    uses: s3
    with:
      buckets:
${buckets}
environment:
  aws: \${{ parts.files.aws }}
  buckets: \${{ parts.files.buckets }}
`,
    {
      'seed.sql': `
        create table photos (name text, taken timestamptz);
        insert into photos
        select 'uploads/' || n || '.jpg', now() - n * interval '1 day' from generate_series(1, 3) n`,
      ...files,
    },
  );

describe('a part of the kind s3', () => {
  test('makes two sections of an environment, of which steps know each bucket', async () => {
    const environment = await environmentOf(await open(files()));
    expect(bucketsOf(environment)).toMatchObject({
      photos: { name: 'photos', region: 'us-east-1' },
      photosCopy: { name: 'photos-copy', region: 'us-west-2' },
      drafts: { name: 'shop-drafts-2', region: 'eu-central-1' },
    });
    expect(await listed(environment, 'photos')).toMatchObject({
      count: 3,
      objects: [{ key: '2026/b.jpg', size: 3 }, { key: '2026/c.txt' }, { key: 'a.jpg' }],
    });
    expect(await listed(environment, 'drafts')).toMatchObject({ count: 0 });
  });

  test('is broken for real: what is deleted is gone, what was replicated is not', async () => {
    const world = await open(files());
    const { output } = await world.inject('s3.delete-bucket', { bucket: 'photos', replicationLag: '0s' });
    expect(output).toMatchObject({ bucket: 'photos', bucketName: 'photos', objects: 3, unreplicated: 0 });
    const environment = await environmentOf(world);
    await expect(listed(environment, 'photos')).rejects.toThrow(/photos/);
    expect(await listed(environment, 'photosCopy')).toMatchObject({ count: 3 });
  });

  test('refuses a key that was revoked as AWS does, until another is issued at the desk', async () => {
    const world = await open(files());
    const environment = await environmentOf(world);
    const { output } = await world.inject('credential.revoked', {}, 'files');
    expect(output).toMatchObject({ error: 'InvalidAccessKeyId' });
    await expect(listed(environment, 'photos')).rejects.toThrow(
      /InvalidAccessKeyId|does not exist in our records/,
    );
    expect((await desk(world, 'files', '/issue-key')).body).not.toHaveProperty('keyRevoked');
    expect(await listed(environment, 'photos')).toMatchObject({ count: 3 });
    // Whoever lost the answer asks again, and has the same key.
    await desk(world, 'files', '/issue-key');
    expect(await listed(environment, 'photos')).toMatchObject({ count: 3 });
  });

  test('is filled from a folder and emptied at the desk, as a restore by hand would do it', async () => {
    const world = await open(files());
    const environment = await environmentOf(world);
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'one.txt'), 'restored');
    const filled = await desk(world, 'files', '/fill', { bucket: 'drafts', folder });
    expect(filled.body).toEqual({ objects: 1 });
    expect(await listed(environment, 'drafts')).toMatchObject({ objects: [{ key: 'one.txt', size: 8 }] });
    // Versions as well: what is emptied does not come back.
    await desk(world, 'files', '/empty', { bucket: 'photos' });
    expect(await step('s3.list-versions', environment, 'photos')).toMatchObject({ count: 0, markers: 0 });
    const refused = await desk(world, 'files', '/fill', { bucket: 'none', folder });
    expect(refused).toMatchObject({
      status: 422,
      body: { message: expect.stringMatching(/photos, drafts/) as string },
    });
  });

  test('breaks nothing where it has no such bucket', async () => {
    const world = await open(files());
    await expect(world.inject('s3.delete-objects', { bucket: 'videos' })).rejects.toThrow(
      /there is no bucket videos/,
    );
  });
});

const FILLED = `
        listed:
          versioned: true
          objects:
            - { key: canary.txt, text: one }
            - { key: canary.txt, text: still alive }
            - { key: old.mp4, bytes: 2048, age: 54h, storageClass: GLACIER }
        photos:
          rows: { database: '\${{ parts.db }}', sql: 'select name, taken from photos', bytes: 100 }
        dumps:
          fill:
            command: [sh, ./fill.sh]
            env: { DATABASE: '\${{ parts.db.database }}' }
        uploaded:
          fill: { command: [node, ./upload.mjs] }`;

const FILLING = {
  'fill.sh': `
    mkdir "$BUCKET_FOLDER/daily"
    echo "$DATABASE into $BUCKET" > "$BUCKET_FOLDER/daily/one"
    touch -d '30 hours ago' "$BUCKET_FOLDER/daily/one"`,
  'upload.mjs': `
    import { S3 } from '${import.meta.resolve('@aws-sdk/client-s3')}';
    await new S3({ forcePathStyle: true }).putObject({ Bucket: process.env.BUCKET, Key: 'one', Body: 'mine' });`,
};

test('a bucket is filled by a list, by the rows of a database, by files of a command and by its uploads', async () => {
  const environment = await environmentOf(await open(filled(FILLED, FILLING)));
  expect(await objectsIn(environment, 'listed')).toEqual([
    { key: 'canary.txt', size: 11, storageClass: 'STANDARD', age: 0 },
    { key: 'old.mp4', size: 2048, storageClass: 'GLACIER', age: 54 },
  ]);
  expect(await step('s3.list-versions', environment, 'listed')).toMatchObject({ count: 3, archived: 1 });
  expect(await objectsIn(environment, 'photos')).toEqual(
    [1, 2, 3].map((n) => ({
      key: `uploads/${String(n)}.jpg`,
      size: 100,
      storageClass: 'STANDARD',
      age: n * 24,
    })),
  );
  expect(await objectsIn(environment, 'dumps')).toEqual([
    { key: 'daily/one', size: 15, storageClass: 'STANDARD', age: 30 },
  ]);
  expect(await objectsIn(environment, 'uploaded')).toMatchObject([{ key: 'one', size: 4 }]);

  // What is in the archive comes at once, and is judged by how long it would take at AWS.
  expect(environment.data['aws']).toMatchObject({
    archive: { realRetrieval: { GLACIER: { Standard: '5h' } } },
  });
  const retrieved = await step('s3.restore-archived', environment, 'listed', { key: 'old.mp4' });
  expect(retrieved).toMatchObject({ retrieved: 1 });
});

test.each([
  [
    'the query fails',
    `rows: { database: '\${{ parts.db }}', sql: select nothing, bytes: 1 }`,
    /bucket photos: .*"nothing"/,
  ],
  ['a key is no text', `rows: { database: '\${{ parts.db }}', sql: select 1, bytes: 1 }`, /gives 1 as a key/],
  [
    'the command fails',
    'fill: { command: [sh, -c, "echo no photos; exit 3"] }',
    /it ended with 3\nno photos/,
  ],
])('a world does not start with a bucket that cannot be filled: %s', async (_, said, message) => {
  await expect(open(filled(`        photos: { ${said} }`))).rejects.toThrow(message);
});

const SETTINGS = {
  encryption: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' }, BucketKeyEnabled: true }],
  ownership: 'BucketOwnerPreferred',
  publicAccessBlock: {
    BlockPublicAcls: true,
    IgnorePublicAcls: true,
    BlockPublicPolicy: true,
    RestrictPublicBuckets: false,
  },
  policy: {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: 'arn:aws:s3:::photos/*' }],
  },
  cors: [
    {
      ID: 'Browser',
      AllowedMethods: ['GET', 'PUT'],
      AllowedOrigins: ['https://shop.test'],
      AllowedHeaders: ['*'],
    },
  ],
  tags: { team: 'shop', cost: '7' },
  lifecycle: [
    {
      ID: 'Tidy',
      Status: 'Enabled',
      Filter: { And: { Prefix: 'tmp/', Tags: [{ Key: 'kept', Value: 'no' }] } },
      Transitions: [{ Days: 30, StorageClass: 'GLACIER' }],
      NoncurrentVersionTransitions: [{ NoncurrentDays: 30, StorageClass: 'GLACIER' }],
      NoncurrentVersionExpiration: { NoncurrentDays: 365 },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
    },
  ],
  objectLock: { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 7 } } },
  logging: { TargetBucket: 'logs', TargetPrefix: 'photos/' },
  replication: {
    Role: 'arn:aws:iam::123456789012:role/replication',
    Rules: [
      {
        ID: 'all',
        Status: 'Enabled',
        Priority: 1,
        Filter: { Prefix: '' },
        DeleteMarkerReplication: { Status: 'Disabled' },
        Destination: { Bucket: 'arn:aws:s3:::logs', StorageClass: 'STANDARD_IA' },
      },
    ],
  },
};

test('a bucket is set to what its world says, as steps read it', async () => {
  const buckets = `        photos: { settings: ${JSON.stringify(SETTINGS)} }
        logs: { versioned: true, settings: { publicAccessBlock: {} } }`;
  const environment = await environmentOf(await open(filled(buckets)));
  expect(await step('s3.inspect', environment, 'photos')).toMatchObject({
    versioning: 'Enabled',
    ...SETTINGS,
  });
  expect(await step('s3.inspect', environment, 'logs')).toMatchObject({
    publicAccessBlock: {},
    lifecycle: [],
  });
});

test.each([
  ['lifecycle: [{ Status: Enabled }]', /S3 refuses the lifecycle of the bucket photos: MalformedXML/],
  ['policy: { Version: "2012-10-17" }', /S3 refuses the policy of the bucket photos: .*Statement/],
  ['logging: { TargetBucket: nowhere, TargetPrefix: "" }', /S3 refuses the logging of the bucket photos/],
])('a world does not start with a bucket that S3 would not set so: %s', async (said, message) => {
  await expect(open(filled(`        photos: { settings: { ${said} } }`))).rejects.toThrow(message);
});
