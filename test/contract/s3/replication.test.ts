import {
  DeleteObjectCommand,
  GetBucketReplicationCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketReplicationCommand,
  PutBucketVersioningCommand,
} from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import type { Target } from './rig.ts';
import { allVersions, contract, failure, put } from './rig.ts';

async function replicate(
  client: S3Client,
  from: string,
  to: string,
  markers: 'Enabled' | 'Disabled',
): Promise<void> {
  await client.send(
    new PutBucketReplicationCommand({
      Bucket: from,
      ReplicationConfiguration: {
        Role: 'arn:aws:iam::123456789012:role/replication',
        Rules: [
          {
            ID: 'videos',
            Status: 'Enabled',
            Priority: 1,
            Filter: { Prefix: 'uploads/' },
            DeleteMarkerReplication: { Status: markers },
            Destination: { Bucket: `arn:aws:s3:::${to}` },
          },
        ],
      },
    }),
  );
}

async function pair(
  target: Target,
  markers: 'Enabled' | 'Disabled' = 'Enabled',
): Promise<{ from: string; to: string }> {
  const [from, to] = [await target.versionedBucket(), await target.versionedBucket()];
  await replicate(target.client, from, to, markers);
  return { from, to };
}

const status = async (client: S3Client, Bucket: string, Key: string): Promise<string | undefined> =>
  (await client.send(new HeadObjectCommand({ Bucket, Key }))).ReplicationStatus;

const completed = (client: S3Client, Bucket: string, Key: string): Promise<unknown> =>
  expect.poll(() => status(client, Bucket, Key)).toBe('COMPLETED');

contract('replication', (rule) => {
  rule('a replication rule is kept and returned', async (target) => {
    const { from, to } = await pair(target);
    const { ReplicationConfiguration } = await target.client.send(
      new GetBucketReplicationCommand({ Bucket: from }),
    );
    expect(ReplicationConfiguration!.Rules).toMatchObject([
      { ID: 'videos', Status: 'Enabled', Destination: { Bucket: `arn:aws:s3:::${to}` } },
    ]);
  });

  rule('an object is replicated as the same version', async (target) => {
    const { from, to } = await pair(target);
    const { client } = target;
    const id = await put(client, from, 'uploads/1', 'video');
    expect(await status(client, from, 'uploads/1')).toBeOneOf(['PENDING', 'COMPLETED']);
    await completed(client, from, 'uploads/1');
    const replica = await client.send(new GetObjectCommand({ Bucket: to, Key: 'uploads/1', VersionId: id }));
    expect(await replica.Body!.transformToString()).toBe('video');
    expect(replica.ReplicationStatus).toBe('REPLICA');
  });

  rule('what no rule names stays where it is', async (target) => {
    const { from, to } = await pair(target);
    await put(target.client, from, 'other/1');
    await put(target.client, from, 'uploads/1');
    await completed(target.client, from, 'uploads/1');
    expect(await status(target.client, from, 'other/1')).toBeUndefined();
    expect((await allVersions(target.client, to)).versions.map(({ key }) => key)).toEqual(['uploads/1']);
  });

  rule('delete markers are replicated where the rule says so', async (target) => {
    const { client } = target;
    for (const markers of ['Enabled', 'Disabled'] as const) {
      const { from, to } = await pair(target, markers);
      await put(client, from, 'uploads/1');
      await client.send(new DeleteObjectCommand({ Bucket: from, Key: 'uploads/1' }));
      await put(client, from, 'uploads/2');
      await completed(client, from, 'uploads/2');
      expect((await allVersions(client, to)).markers).toHaveLength(markers === 'Enabled' ? 1 : 0);
    }
  });

  rule('a version that is removed stays in the replica', async (target) => {
    const { from, to } = await pair(target);
    const { client } = target;
    const id = await put(client, from, 'uploads/1');
    await completed(client, from, 'uploads/1');
    await client.send(new DeleteObjectCommand({ Bucket: from, Key: 'uploads/1', VersionId: id }));
    await put(client, from, 'uploads/2');
    await completed(client, from, 'uploads/2');
    expect((await allVersions(client, to)).versions.map(({ key }) => key)).toEqual([
      'uploads/1',
      'uploads/2',
    ]);
  });

  rule('both ends of a replication are versioned', async ({ client, bucket, versionedBucket }) => {
    const [plain, versioned] = [await bucket(), await versionedBucket()];
    expect(await failure(replicate(client, plain, versioned, 'Enabled'))).toMatchObject({
      code: 'InvalidRequest',
    });
    expect(await failure(replicate(client, versioned, plain, 'Enabled'))).toMatchObject({
      code: 'InvalidRequest',
    });
  });

  rule('versioning is not suspended under a replication', async (target) => {
    const { from } = await pair(target);
    const refused = target.client.send(
      new PutBucketVersioningCommand({ Bucket: from, VersioningConfiguration: { Status: 'Suspended' } }),
    );
    expect(await failure(refused)).toMatchObject({ code: 'InvalidBucketState', status: 409 });
  });
});
