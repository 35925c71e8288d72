import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { allVersions, contract, failure, put, setVersioning } from './rig.ts';

const textOf = async (client: S3Client, Bucket: string, Key: string, VersionId?: string): Promise<string> =>
  (await client.send(new GetObjectCommand({ Bucket, Key, VersionId }))).Body!.transformToString();

contract('versions', (rule) => {
  rule('a bucket begins without versions, and says whether it has them', async ({ client, bucket }) => {
    const Bucket = await bucket();
    const status = async (): Promise<string | undefined> =>
      (await client.send(new GetBucketVersioningCommand({ Bucket }))).Status;
    expect(await status()).toBeUndefined();
    await setVersioning(client, Bucket, 'Enabled');
    expect(await status()).toBe('Enabled');
    await setVersioning(client, Bucket, 'Suspended');
    expect(await status()).toBe('Suspended');
  });

  rule('an overwritten object is kept as an older version', async ({ client, versionedBucket }) => {
    const Bucket = await versionedBucket();
    const first = await put(client, Bucket, 'key', 'first');
    const second = await put(client, Bucket, 'key', 'second');
    expect(await textOf(client, Bucket, 'key')).toBe('second');
    expect(await textOf(client, Bucket, 'key', first)).toBe('first');
    expect((await allVersions(client, Bucket)).versions).toEqual([
      { key: 'key', id: second, latest: true },
      { key: 'key', id: first, latest: false },
    ]);
  });

  rule('a deletion puts a marker, and the object is as good as gone', async ({ client, versionedBucket }) => {
    const Bucket = await versionedBucket();
    const id = await put(client, Bucket, 'key', 'first');
    const deleted = await client.send(new DeleteObjectCommand({ Bucket, Key: 'key' }));
    expect(deleted.DeleteMarker).toBe(true);
    expect(await failure(client.send(new GetObjectCommand({ Bucket, Key: 'key' })))).toMatchObject({
      code: 'NoSuchKey',
      status: 404,
    });
    expect(await textOf(client, Bucket, 'key', id)).toBe('first');
    expect(await allVersions(client, Bucket)).toMatchObject({
      versions: [{ key: 'key', id, latest: false }],
      markers: [{ key: 'key', id: deleted.VersionId, latest: true }],
    });
  });

  rule('a read says that it found a marker', async ({ client, versionedBucket }) => {
    const Bucket = await versionedBucket();
    const { VersionId } = await client.send(new DeleteObjectCommand({ Bucket, Key: 'key' }));
    const read = client.send(new GetObjectCommand({ Bucket, Key: 'key' }));
    expect((await failure(read)).headers).toMatchObject({
      'x-amz-delete-marker': 'true',
      'x-amz-version-id': VersionId,
    });
  });

  rule('a marker that is removed brings the object back', async ({ client, versionedBucket }) => {
    const Bucket = await versionedBucket();
    await put(client, Bucket, 'key', 'first');
    const { VersionId } = await client.send(new DeleteObjectCommand({ Bucket, Key: 'key' }));
    const removed = await client.send(new DeleteObjectCommand({ Bucket, Key: 'key', VersionId }));
    expect(removed).toMatchObject({ DeleteMarker: true, VersionId });
    expect(await textOf(client, Bucket, 'key')).toBe('first');
    expect((await allVersions(client, Bucket)).markers).toEqual([]);
  });

  rule('what never was gets a marker, too', async ({ client, versionedBucket }) => {
    const Bucket = await versionedBucket();
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'key' }));
    expect((await allVersions(client, Bucket)).markers).toHaveLength(1);
  });

  rule('a marker cannot be read', async ({ client, versionedBucket }) => {
    const Bucket = await versionedBucket();
    await put(client, Bucket, 'key');
    const { VersionId } = await client.send(new DeleteObjectCommand({ Bucket, Key: 'key' }));
    const read = client.send(new GetObjectCommand({ Bucket, Key: 'key', VersionId }));
    expect(await failure(read)).toMatchObject({
      code: 'MethodNotAllowed',
      status: 405,
      headers: { 'x-amz-delete-marker': 'true' },
    });
  });

  rule('a head of a marker is refused as a read of it is', async ({ client, versionedBucket }) => {
    const Bucket = await versionedBucket();
    await put(client, Bucket, 'key');
    const { VersionId } = await client.send(new DeleteObjectCommand({ Bucket, Key: 'key' }));
    const read = client.send(new HeadObjectCommand({ Bucket, Key: 'key', VersionId }));
    expect(await failure(read)).toMatchObject({ status: 405 });
  });

  rule('a version that is removed is gone for good', async ({ client, versionedBucket }) => {
    const Bucket = await versionedBucket();
    const first = await put(client, Bucket, 'key', 'first');
    const second = await put(client, Bucket, 'key', 'second');
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'key', VersionId: second }));
    expect(await textOf(client, Bucket, 'key')).toBe('first');
    expect((await allVersions(client, Bucket)).versions).toEqual([{ key: 'key', id: first, latest: true }]);
    const gone = client.send(new GetObjectCommand({ Bucket, Key: 'key', VersionId: second }));
    expect(await failure(gone)).toMatchObject({ status: 404 });
  });

  rule('a version that is not there is NoSuchVersion', async ({ client, versionedBucket }) => {
    const Bucket = await versionedBucket();
    await put(client, Bucket, 'key');
    const gone = await put(client, Bucket, 'key');
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'key', VersionId: gone }));
    const read = client.send(new GetObjectCommand({ Bucket, Key: 'key', VersionId: gone }));
    expect(await failure(read)).toMatchObject({ code: 'NoSuchVersion', status: 404 });
  });

  rule('an id that cannot be one is InvalidArgument', async ({ client, versionedBucket }) => {
    const Bucket = await versionedBucket();
    await put(client, Bucket, 'key');
    const read = client.send(new GetObjectCommand({ Bucket, Key: 'key', VersionId: 'x' }));
    expect(await failure(read)).toMatchObject({ code: 'InvalidArgument', status: 400 });
  });

  rule('what was written before versioning has the id «null»', async ({ client, bucket }) => {
    const Bucket = await bucket();
    await put(client, Bucket, 'key', 'before');
    await setVersioning(client, Bucket, 'Enabled');
    const after = await put(client, Bucket, 'key', 'after');
    expect((await allVersions(client, Bucket)).versions).toEqual([
      { key: 'key', id: after, latest: true },
      { key: 'key', id: 'null', latest: false },
    ]);
    expect(await textOf(client, Bucket, 'key', 'null')).toBe('before');
  });

  rule(
    'while versioning is suspended there is one null version, and the others stay',
    async ({ client, versionedBucket }) => {
      const Bucket = await versionedBucket();
      const kept = await put(client, Bucket, 'key', 'kept');
      await setVersioning(client, Bucket, 'Suspended');
      await put(client, Bucket, 'key', 'null 1');
      await put(client, Bucket, 'key', 'null 2');
      expect(await textOf(client, Bucket, 'key', 'null')).toBe('null 2');
      expect((await allVersions(client, Bucket)).versions).toEqual([
        { key: 'key', id: 'null', latest: true },
        { key: 'key', id: kept, latest: false },
      ]);
      const deleted = await client.send(new DeleteObjectCommand({ Bucket, Key: 'key' }));
      expect(deleted).toMatchObject({ DeleteMarker: true, VersionId: 'null' });
      expect(await allVersions(client, Bucket)).toMatchObject({
        versions: [{ id: kept, latest: false }],
        markers: [{ id: 'null', latest: true }],
      });
    },
  );

  rule('a batch deletes keys and versions, and says what it did', async ({ client, versionedBucket }) => {
    const Bucket = await versionedBucket();
    const keys = Array.from({ length: 20 }, (_, index) => `key ${String(index)} <&>`);
    for (const key of keys) await put(client, Bucket, key);
    const doomed = await put(client, Bucket, 'doomed');
    const { Deleted, Errors } = await client.send(
      new DeleteObjectsCommand({
        Bucket,
        Delete: { Objects: [...keys.map((Key) => ({ Key })), { Key: 'doomed', VersionId: doomed }] },
      }),
    );
    expect(Errors ?? []).toEqual([]);
    expect(Deleted).toHaveLength(21);
    expect(Deleted!.filter(({ DeleteMarker }) => DeleteMarker === true)).toHaveLength(20);
    const { versions, markers } = await allVersions(client, Bucket);
    expect(new Set(markers.map(({ key }) => key))).toEqual(new Set(keys));
    expect(versions.some(({ key }) => key === 'doomed')).toBe(false);
  });

  rule('a batch of markers brings everything back', async ({ client, versionedBucket }) => {
    const Bucket = await versionedBucket();
    for (const key of ['a', 'b', 'c']) {
      await put(client, Bucket, key, key);
      await client.send(new DeleteObjectCommand({ Bucket, Key: key }));
    }
    const { markers } = await allVersions(client, Bucket);
    const { Deleted } = await client.send(
      new DeleteObjectsCommand({
        Bucket,
        Delete: { Objects: markers.map(({ key, id }) => ({ Key: key, VersionId: id })) },
      }),
    );
    expect(Deleted!.every(({ DeleteMarker }) => DeleteMarker === true)).toBe(true);
    const removed = new Set(Deleted!.map(({ DeleteMarkerVersionId }) => DeleteMarkerVersionId));
    expect(removed).toEqual(new Set(markers.map(({ id }) => id)));
    expect(await textOf(client, Bucket, 'b')).toBe('b');
  });

  rule('a quiet batch says only what failed', async ({ client, versionedBucket }) => {
    const Bucket = await versionedBucket();
    await put(client, Bucket, 'key');
    const { Deleted } = await client.send(
      new DeleteObjectsCommand({
        Bucket,
        Delete: { Quiet: true, Objects: [{ Key: 'key' }, { Key: 'nothing' }] },
      }),
    );
    expect(Deleted ?? []).toEqual([]);
  });

  rule('a batch has at most a thousand', async ({ client, versionedBucket }) => {
    const Bucket = await versionedBucket();
    const Objects = Array.from({ length: 1001 }, (_, index) => ({ Key: `key${String(index)}` }));
    const refused = client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(await failure(refused)).toMatchObject({ status: 400 });
  });

  rule('a version is written under its own id only', async ({ client, versionedBucket }) => {
    const Bucket = await versionedBucket();
    const ids = await Promise.all(
      Array.from(
        { length: 10 },
        async () => (await client.send(new PutObjectCommand({ Bucket, Key: 'key', Body: 'x' }))).VersionId,
      ),
    );
    expect(new Set(ids).size).toBe(10);
    expect((await allVersions(client, Bucket)).versions).toHaveLength(10);
  });
});
