import { randomUUID } from 'node:crypto';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketLocationCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
} from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { contract, failure, put } from './rig.ts';

contract('buckets', (rule) => {
  rule('a bucket is made, found, listed and deleted', async ({ client, bucket }) => {
    const Bucket = await bucket();
    await client.send(new HeadBucketCommand({ Bucket }));
    const { Buckets } = await client.send(new ListBucketsCommand({}));
    expect(Buckets!.map(({ Name }) => Name)).toContain(Bucket);
    await client.send(new DeleteBucketCommand({ Bucket }));
    expect(await failure(client.send(new HeadBucketCommand({ Bucket })))).toMatchObject({ status: 404 });
  });

  rule('what is done with a bucket that is not there is NoSuchBucket', async ({ client }) => {
    const Bucket = `drillbook-${randomUUID()}`;
    for (const request of [
      () => client.send(new ListObjectsV2Command({ Bucket })),
      () => client.send(new DeleteBucketCommand({ Bucket })),
      () => put(client, Bucket, 'key'),
    ]) {
      expect(await failure(request())).toMatchObject({ code: 'NoSuchBucket', status: 404 });
    }
  });

  rule('a bucket with an object is not deleted', async ({ client, bucket }) => {
    const Bucket = await bucket();
    await put(client, Bucket, 'key');
    const refused = client.send(new DeleteBucketCommand({ Bucket }));
    expect(await failure(refused)).toMatchObject({ code: 'BucketNotEmpty', status: 409 });
  });

  rule('a bucket with nothing but a delete marker is not deleted', async ({ client, versionedBucket }) => {
    const Bucket = await versionedBucket();
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'key' }));
    const refused = client.send(new DeleteBucketCommand({ Bucket }));
    expect(await failure(refused)).toMatchObject({ code: 'BucketNotEmpty', status: 409 });
  });

  rule('a name that is taken by somebody else is BucketAlreadyExists', async ({ bucket, as, stranger }) => {
    const refused = as(stranger).send(new CreateBucketCommand({ Bucket: await bucket() }));
    expect(await failure(refused)).toMatchObject({ code: 'BucketAlreadyExists', status: 409 });
  });

  rule('making a bucket of one’s own again does no harm in us-east-1', async ({ client, bucket }) => {
    const Bucket = await bucket();
    await put(client, Bucket, 'key');
    await client.send(new CreateBucketCommand({ Bucket }));
    expect((await client.send(new ListObjectsV2Command({ Bucket }))).KeyCount).toBe(1);
  });

  rule('elsewhere it is BucketAlreadyOwnedByYou', async ({ as, owner }) => {
    const client = as(owner, 'eu-west-1');
    const create = (): Promise<unknown> =>
      client.send(
        new CreateBucketCommand({
          Bucket: 'drillbook-twice',
          CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
        }),
      );
    await create();
    expect(await failure(create())).toMatchObject({ code: 'BucketAlreadyOwnedByYou', status: 409 });
  });

  rule('a bucket of us-east-1 has no location constraint', async ({ client, bucket }) => {
    const { LocationConstraint } = await client.send(
      new GetBucketLocationCommand({ Bucket: await bucket() }),
    );
    expect(LocationConstraint ?? '').toBe('');
  });

  rule(
    'a bucket of another region is PermanentRedirect, and says where it is',
    async ({ client, as, owner }) => {
      const far = as(owner, 'eu-west-1');
      const Bucket = `drillbook-${randomUUID()}`;
      await far.send(
        new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }),
      );
      const refused = client.send(new ListObjectsV2Command({ Bucket }));
      expect(await failure(refused)).toMatchObject({
        code: 'PermanentRedirect',
        status: 301,
        headers: { 'x-amz-bucket-region': 'eu-west-1' },
      });
      const { LocationConstraint } = await client.send(new GetBucketLocationCommand({ Bucket }));
      expect(LocationConstraint).toBe('eu-west-1');
    },
  );

  rule('a name that cannot be one is InvalidBucketName', async ({ client }) => {
    const refused = client.send(new CreateBucketCommand({ Bucket: 'No_Bucket' }));
    expect(await failure(refused)).toMatchObject({ code: 'InvalidBucketName', status: 400 });
  });
});
