import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import type { Target } from './rig.ts';
import { contract, failure, put } from './rig.ts';

const source = async ({ client, versionedBucket }: Target, key = 'from ü+1'): Promise<string> => {
  const bucket = await versionedBucket();
  await client.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      Body: 'text',
      ContentType: 'video/mp4',
      Metadata: { site: '7' },
      Tagging: 'kind=video',
    }),
  );
  return bucket;
};

const sourcePath = (bucket: string, key: string, id?: string): string =>
  `${bucket}/${encodeURIComponent(key)}${id === undefined ? '' : `?versionId=${encodeURIComponent(id)}`}`;

contract('copying', (rule) => {
  rule('a copy has bytes, metadata, type and tags of its source', async (target) => {
    const { client } = target;
    const [from, Bucket] = [await source(target), await target.versionedBucket()];
    const CopySource = sourcePath(from, 'from ü+1');
    const { CopyObjectResult } = await client.send(new CopyObjectCommand({ Bucket, Key: 'to', CopySource }));
    const read = await client.send(new GetObjectCommand({ Bucket, Key: 'to' }));
    expect(await read.Body!.transformToString()).toBe('text');
    expect(read).toMatchObject({
      ContentType: 'video/mp4',
      Metadata: { site: '7' },
      TagCount: 1,
      ETag: `"${CopyObjectResult!.ETag!.replaceAll('"', '')}"`,
    });
  });

  rule('a copy may say its metadata anew', async (target) => {
    const { client } = target;
    const Bucket = await source(target);
    await client.send(
      new CopyObjectCommand({
        Bucket,
        Key: 'to',
        CopySource: sourcePath(Bucket, 'from ü+1'),
        MetadataDirective: 'REPLACE',
        Metadata: { other: 'yes' },
        ContentType: 'text/plain',
      }),
    );
    const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'to' }));
    expect(head).toMatchObject({ ContentType: 'text/plain', Metadata: { other: 'yes' } });
  });

  rule('a copy may say its tags anew', async (target) => {
    const { client } = target;
    const Bucket = await source(target);
    await client.send(
      new CopyObjectCommand({
        Bucket,
        Key: 'to',
        CopySource: sourcePath(Bucket, 'from ü+1'),
        TaggingDirective: 'REPLACE',
        Tagging: 'a=b',
      }),
    );
    const { TagSet } = await client.send(new GetObjectTaggingCommand({ Bucket, Key: 'to' }));
    expect(TagSet).toEqual([{ Key: 'a', Value: 'b' }]);
    const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'to' }));
    expect(head).toMatchObject({ ContentType: 'video/mp4', Metadata: { site: '7' } });
  });

  rule('an older version is made the current one by copying it', async ({ client, versionedBucket }) => {
    const Bucket = await versionedBucket();
    const good = await put(client, Bucket, 'key', 'good');
    await put(client, Bucket, 'key', 'bad');
    await client.send(
      new CopyObjectCommand({ Bucket, Key: 'key', CopySource: sourcePath(Bucket, 'key', good) }),
    );
    const read = await client.send(new GetObjectCommand({ Bucket, Key: 'key' }));
    expect(await read.Body!.transformToString()).toBe('good');
    expect(read.VersionId).not.toBe(good);
  });

  rule('a copy says which version it was made of', async ({ client, versionedBucket }) => {
    const Bucket = await versionedBucket();
    const id = await put(client, Bucket, 'key');
    const CopySource = sourcePath(Bucket, 'key');
    const copied = await client.send(new CopyObjectCommand({ Bucket, Key: 'to', CopySource }));
    expect(copied.CopySourceVersionId).toBe(id);
  });

  rule('a version under a marker can be copied', async ({ client, versionedBucket }) => {
    const Bucket = await versionedBucket();
    const id = await put(client, Bucket, 'key', 'good');
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'key' }));
    await client.send(
      new CopyObjectCommand({ Bucket, Key: 'key', CopySource: sourcePath(Bucket, 'key', id) }),
    );
    const read = await client.send(new GetObjectCommand({ Bucket, Key: 'key' }));
    expect(await read.Body!.transformToString()).toBe('good');
  });

  rule('a copy onto itself must change something', async (target) => {
    const Bucket = await source(target);
    const CopySource = sourcePath(Bucket, 'from ü+1');
    const copy = (input: object): Promise<unknown> =>
      target.client.send(new CopyObjectCommand({ Bucket, Key: 'from ü+1', CopySource, ...input }));
    expect(await failure(copy({}))).toMatchObject({ code: 'InvalidRequest', status: 400 });
    await copy({ MetadataDirective: 'REPLACE', Metadata: { new: '1' } });
  });

  rule('what is not there cannot be copied', async ({ client, versionedBucket }) => {
    const Bucket = await versionedBucket();
    const copy = (from: string): Promise<unknown> =>
      client.send(new CopyObjectCommand({ Bucket, Key: 'to', CopySource: from }));
    expect(await failure(copy(sourcePath(Bucket, 'nothing')))).toMatchObject({
      code: 'NoSuchKey',
      status: 404,
    });
    expect(await failure(copy(sourcePath('drillbook-nowhere', 'x')))).toMatchObject({
      code: 'NoSuchBucket',
      status: 404,
    });
  });

  rule('a copy may depend on the ETag of its source', async (target) => {
    const Bucket = await source(target);
    const CopySource = sourcePath(Bucket, 'from ü+1');
    const { ETag } = await target.client.send(new HeadObjectCommand({ Bucket, Key: 'from ü+1' }));
    const copy = (condition: object): Promise<unknown> =>
      target.client.send(new CopyObjectCommand({ Bucket, Key: 'to', CopySource, ...condition }));
    await copy({ CopySourceIfMatch: ETag });
    expect(await failure(copy({ CopySourceIfMatch: '"other"' }))).toMatchObject({ status: 412 });
  });

  rule('a copy may depend on its source having another ETag', async (target) => {
    const Bucket = await source(target);
    const CopySource = sourcePath(Bucket, 'from ü+1');
    const { ETag } = await target.client.send(new HeadObjectCommand({ Bucket, Key: 'from ü+1' }));
    const copied = target.client.send(
      new CopyObjectCommand({ Bucket, Key: 'to', CopySource, CopySourceIfNoneMatch: ETag }),
    );
    expect(await failure(copied)).toMatchObject({ status: 412 });
  });
});
