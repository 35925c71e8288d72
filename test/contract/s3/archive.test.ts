import {
  CopyObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  RestoreObjectCommand,
} from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import type { Target } from './rig.ts';
import { contract, failure, put } from './rig.ts';

const archived = async (
  { client, versionedBucket }: Target,
  StorageClass: 'GLACIER' | 'DEEP_ARCHIVE' = 'GLACIER',
): Promise<string> => {
  const Bucket = await versionedBucket();
  await client.send(new PutObjectCommand({ Bucket, Key: 'key', Body: 'cold', StorageClass }));
  return Bucket;
};

const restore = (client: S3Client, Bucket: string, Tier: 'Standard' | 'Expedited' = 'Standard') =>
  client.send(
    new RestoreObjectCommand({
      Bucket,
      Key: 'key',
      RestoreRequest: { Days: 2, GlacierJobParameters: { Tier } },
    }),
  );

contract('the archive', (rule) => {
  rule('an archived object is known and cannot be read', async (target) => {
    const Bucket = await archived(target);
    const { client } = target;
    const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'key' }));
    expect(head).toMatchObject({ StorageClass: 'GLACIER', ContentLength: 4 });
    const read = client.send(new GetObjectCommand({ Bucket, Key: 'key' }));
    expect(await failure(read)).toMatchObject({ code: 'InvalidObjectState', status: 403 });
    const copied = client.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/key` }));
    expect(await failure(copied)).toMatchObject({ code: 'InvalidObjectState', status: 403 });
  });

  const status = async (client: S3Client, Bucket: string): Promise<string | undefined> =>
    (await client.send(new HeadObjectCommand({ Bucket, Key: 'key' }))).Restore;

  rule('a restore under way is said, and is not begun twice', async (target) => {
    const Bucket = await archived(target);
    const { client } = target;
    expect(await status(client, Bucket)).toBeUndefined();
    expect((await restore(client, Bucket)).$metadata.httpStatusCode).toBe(202);
    expect(await status(client, Bucket)).toBe('ongoing-request="true"');
    expect(await failure(restore(client, Bucket))).toMatchObject({
      code: 'RestoreAlreadyInProgress',
      status: 409,
    });
  });

  rule('a restored copy can be read until it expires', async (target) => {
    const Bucket = await archived(target);
    const { client } = target;
    expect((await restore(client, Bucket, 'Expedited')).$metadata.httpStatusCode).toBe(202);
    await expect.poll(() => status(client, Bucket)).toMatch(/^ongoing-request="false"/);
    expect(await status(client, Bucket)).toMatch(
      /^ongoing-request="false", expiry-date="\w{3}, \d\d \w{3} \d{4} 00:00:00 GMT"$/,
    );
    const read = await client.send(new GetObjectCommand({ Bucket, Key: 'key' }));
    expect(await read.Body!.transformToString()).toBe('cold');
    expect((await restore(client, Bucket)).$metadata.httpStatusCode).toBe(200);
  });

  rule('a listing says which objects are being restored', async (target) => {
    const Bucket = await archived(target);
    await restore(target.client, Bucket);
    const { Contents } = await target.client.send(
      new ListObjectsV2Command({ Bucket, OptionalObjectAttributes: ['RestoreStatus'] }),
    );
    expect(Contents).toMatchObject([{ Key: 'key', RestoreStatus: { IsRestoreInProgress: true } }]);
  });

  rule('a restored object is brought back for good by copying it onto itself', async (target) => {
    const Bucket = await archived(target);
    const { client } = target;
    await restore(client, Bucket, 'Expedited');
    const copy = (): Promise<unknown> =>
      client.send(
        new CopyObjectCommand({ Bucket, Key: 'key', CopySource: `${Bucket}/key`, StorageClass: 'STANDARD' }),
      );
    await expect.poll(copy).toBeDefined();
    const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'key' }));
    expect([head.StorageClass, head.Restore]).toEqual([undefined, undefined]);
  });

  rule('what is not archived is not restored', async ({ client, bucket }) => {
    const Bucket = await bucket();
    await put(client, Bucket, 'key');
    expect(await failure(restore(client, Bucket))).toMatchObject({ code: 'InvalidObjectState', status: 403 });
  });

  rule('nothing is expedited out of the deep archive', async (target) => {
    const Bucket = await archived(target, 'DEEP_ARCHIVE');
    expect(await failure(restore(target.client, Bucket, 'Expedited'))).toMatchObject({
      code: 'InvalidArgument',
      status: 400,
    });
  });
});
