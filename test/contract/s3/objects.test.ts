import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  DeleteObjectTaggingCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { contract, failure, put } from './rig.ts';

contract('objects', (rule) => {
  rule('an object is read as it was written', async ({ client, bucket }) => {
    const Bucket = await bucket();
    const body = randomBytes(300_000);
    const written = await client.send(
      new PutObjectCommand({
        Bucket,
        Key: 'videos/1.mp4',
        Body: body,
        ContentType: 'video/mp4',
        CacheControl: 'max-age=60',
        ContentDisposition: 'attachment',
        ContentLanguage: 'de',
        ContentEncoding: 'identity',
        Metadata: { site: 'Site 7', 'taken-by': 'drone' },
      }),
    );
    expect(written.ETag).toBe(`"${createHash('md5').update(body).digest('hex')}"`);
    const read = await client.send(new GetObjectCommand({ Bucket, Key: 'videos/1.mp4' }));
    expect(Buffer.from(await read.Body!.transformToByteArray()).equals(body)).toBe(true);
    expect(read).toMatchObject({
      ContentLength: body.length,
      ContentType: 'video/mp4',
      CacheControl: 'max-age=60',
      ContentDisposition: 'attachment',
      ContentLanguage: 'de',
      ContentEncoding: 'identity',
      Metadata: { site: 'Site 7', 'taken-by': 'drone' },
      ETag: written.ETag,
    });
    const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'videos/1.mp4' }));
    expect(head).toMatchObject({ ContentLength: body.length, ETag: written.ETag, Metadata: read.Metadata });
    expect(Math.abs(Date.now() - head.LastModified!.getTime())).toBeLessThan(10_000);
  });

  rule('a stream of known length is taken in chunks', async ({ client, bucket }) => {
    const Bucket = await bucket();
    const body = randomBytes(1_000_000);
    const pieces = [body.subarray(0, 10), body.subarray(10, 400_000), body.subarray(400_000)];
    await client.send(
      new PutObjectCommand({
        Bucket,
        Key: 'stream',
        Body: Readable.from(pieces),
        ContentLength: body.length,
      }),
    );
    const read = await client.send(new GetObjectCommand({ Bucket, Key: 'stream' }));
    expect(Buffer.from(await read.Body!.transformToByteArray()).equals(body)).toBe(true);
    expect(read.ContentEncoding).toBeUndefined();
  });

  rule('an empty object is an object', async ({ client, bucket }) => {
    const Bucket = await bucket();
    await put(client, Bucket, 'empty', '');
    const read = await client.send(new GetObjectCommand({ Bucket, Key: 'empty' }));
    expect(await read.Body!.transformToString()).toBe('');
    expect(read.ContentLength).toBe(0);
  });

  for (const Key of [
    'a b',
    'plus+and%20',
    'ünï/çødé/日本',
    'emoji 😀',
    'a//b',
    "quo'te(1)!*.txt",
    'a&b=c?d#e',
    '.hidden/../x',
  ]) {
    rule(`a key may be ${JSON.stringify(Key)}`, async ({ client, bucket }) => {
      const Bucket = await bucket();
      await put(client, Bucket, Key, Key);
      const read = await client.send(new GetObjectCommand({ Bucket, Key }));
      expect(await read.Body!.transformToString()).toBe(Key);
    });
  }

  for (const [range, text, contentRange] of [
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=8-100', '89', 'bytes 8-9/10'],
  ] as const) {
    rule(`the range ${range} is that part of the object`, async ({ client, bucket }) => {
      const Bucket = await bucket();
      await put(client, Bucket, 'digits', '0123456789');
      const read = await client.send(new GetObjectCommand({ Bucket, Key: 'digits', Range: range }));
      expect(await read.Body!.transformToString()).toBe(text);
      expect(read.ContentRange).toBe(contentRange);
      expect(read.$metadata.httpStatusCode).toBe(206);
    });
  }

  rule('a range beyond the end is InvalidRange', async ({ client, bucket }) => {
    const Bucket = await bucket();
    await put(client, Bucket, 'digits', '0123456789');
    const refused = failure(client.send(new GetObjectCommand({ Bucket, Key: 'digits', Range: 'bytes=10-' })));
    expect(await refused).toMatchObject({ code: 'InvalidRange', status: 416 });
  });

  rule('a condition on the ETag decides about a read', async ({ client, bucket }) => {
    const Bucket = await bucket();
    await put(client, Bucket, 'key');
    const { ETag } = await client.send(new HeadObjectCommand({ Bucket, Key: 'key' }));
    const read = (condition: object): Promise<unknown> =>
      client.send(new GetObjectCommand({ Bucket, Key: 'key', ...condition }));
    await read({ IfMatch: ETag });
    await read({ IfNoneMatch: '"other"' });
    expect(await failure(read({ IfMatch: '"other"' }))).toMatchObject({
      code: 'PreconditionFailed',
      status: 412,
    });
    expect(await failure(read({ IfNoneMatch: ETag }))).toMatchObject({ status: 304 });
  });

  rule('a condition on the time decides about a read', async ({ client, bucket }) => {
    const Bucket = await bucket();
    await put(client, Bucket, 'key');
    const read = (condition: object): Promise<unknown> =>
      client.send(new GetObjectCommand({ Bucket, Key: 'key', ...condition }));
    const hourAgo = new Date(Date.now() - 3600_000);
    await read({ IfModifiedSince: hourAgo });
    expect(await failure(read({ IfUnmodifiedSince: hourAgo }))).toMatchObject({ status: 412 });
    const later = new Date(Date.now() + 5000);
    expect(await failure(read({ IfModifiedSince: later }))).toMatchObject({ status: 304 });
  });

  rule('If-None-Match: * writes only what is not there', async ({ client, bucket }) => {
    const Bucket = await bucket();
    const write = (): Promise<unknown> =>
      client.send(new PutObjectCommand({ Bucket, Key: 'key', Body: 'x', IfNoneMatch: '*' }));
    await write();
    expect(await failure(write())).toMatchObject({ code: 'PreconditionFailed', status: 412 });
  });

  rule('tags are written with the object, and by themselves', async ({ client, bucket }) => {
    const Bucket = await bucket();
    await client.send(
      new PutObjectCommand({ Bucket, Key: 'key', Body: 'x', Tagging: 'kind=video&site=a%20b' }),
    );
    const tags = async (): Promise<unknown> =>
      (await client.send(new GetObjectTaggingCommand({ Bucket, Key: 'key' }))).TagSet;
    expect(await tags()).toEqual(
      expect.arrayContaining([
        { Key: 'kind', Value: 'video' },
        { Key: 'site', Value: 'a b' },
      ]),
    );
    const Tagging = { TagSet: [{ Key: 'state', Value: '<ok> & "fine"' }] };
    await client.send(new PutObjectTaggingCommand({ Bucket, Key: 'key', Tagging }));
    expect(await tags()).toEqual(Tagging.TagSet);
    expect((await client.send(new GetObjectCommand({ Bucket, Key: 'key' }))).TagCount).toBe(1);
    await client.send(new DeleteObjectTaggingCommand({ Bucket, Key: 'key' }));
    expect(await tags()).toEqual([]);
  });

  rule('an object has at most ten tags', async ({ client, bucket }) => {
    const Bucket = await bucket();
    await put(client, Bucket, 'key');
    const TagSet = Array.from({ length: 11 }, (_, index) => ({ Key: `tag${String(index)}`, Value: '' }));
    const refused = client.send(new PutObjectTaggingCommand({ Bucket, Key: 'key', Tagging: { TagSet } }));
    expect(await failure(refused)).toMatchObject({ status: 400 });
  });

  rule('what is not there is NoSuchKey, and may be deleted', async ({ client, bucket }) => {
    const Bucket = await bucket();
    const read = client.send(new GetObjectCommand({ Bucket, Key: 'nothing' }));
    expect(await failure(read)).toMatchObject({ code: 'NoSuchKey', status: 404 });
    const head = client.send(new HeadObjectCommand({ Bucket, Key: 'nothing' }));
    expect(await failure(head)).toMatchObject({ code: 'NotFound', status: 404 });
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'nothing' }));
  });

  rule('a deleted object is gone where nothing is versioned', async ({ client, bucket }) => {
    const Bucket = await bucket();
    await put(client, Bucket, 'key');
    const { DeleteMarker, VersionId } = await client.send(new DeleteObjectCommand({ Bucket, Key: 'key' }));
    expect([DeleteMarker, VersionId]).toEqual([undefined, undefined]);
    expect(await failure(client.send(new GetObjectCommand({ Bucket, Key: 'key' })))).toMatchObject({
      code: 'NoSuchKey',
    });
  });

  rule('a body that is not the one announced is refused', async ({ client, bucket }) => {
    const Bucket = await bucket();
    const md5 = createHash('md5').update('other').digest('base64');
    const written = client.send(new PutObjectCommand({ Bucket, Key: 'key', Body: 'text', ContentMD5: md5 }));
    expect(await failure(written)).toMatchObject({ code: 'BadDigest', status: 400 });
    expect(await failure(client.send(new HeadObjectCommand({ Bucket, Key: 'key' })))).toMatchObject({
      status: 404,
    });
  });

  for (const [name, field] of [
    ['CRC32', 'ChecksumCRC32'],
    ['CRC32C', 'ChecksumCRC32C'],
    ['SHA1', 'ChecksumSHA1'],
    ['SHA256', 'ChecksumSHA256'],
  ] as const) {
    rule(`a checksum by ${name} is verified, kept and returned`, async ({ client, bucket }) => {
      const Bucket = await bucket();
      const written = await client.send(
        new PutObjectCommand({ Bucket, Key: 'key', Body: 'text', ChecksumAlgorithm: name }),
      );
      expect(written[field]).toMatch(/=$/);
      const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'key', ChecksumMode: 'ENABLED' }));
      expect(head[field]).toBe(written[field]);
      const wrong = client.send(
        new PutObjectCommand({ Bucket, Key: 'key', Body: 'other', [field]: written[field] }),
      );
      expect(await failure(wrong)).toMatchObject({ status: 400 });
    });
  }
});
