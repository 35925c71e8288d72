import { createHash, randomBytes } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import type { CompletedPart, S3Client } from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { contract, failure } from './rig.ts';

const MIB = 1024 ** 2;
const body = randomBytes(11 * MIB);
const pieces = [body.subarray(0, 5 * MIB), body.subarray(5 * MIB, 10 * MIB), body.subarray(10 * MIB)];

interface Upload {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string;
}

async function begin(client: S3Client, Bucket: string, Key = 'key'): Promise<Upload> {
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({ Bucket, Key, Metadata: { site: '7' }, ContentType: 'video/mp4' }),
  );
  return { Bucket, Key, UploadId: UploadId! };
}

async function send(
  client: S3Client,
  upload: Upload,
  parts: readonly Buffer[] = pieces,
): Promise<CompletedPart[]> {
  return await Promise.all(
    parts.map(async (Body, index) => {
      const PartNumber = index + 1;
      const { ETag } = await client.send(new UploadPartCommand({ ...upload, PartNumber, Body }));
      return { PartNumber, ETag };
    }),
  );
}

const finish = (client: S3Client, upload: Upload, Parts: CompletedPart[]) =>
  client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));

const md5 = (data: Buffer): Buffer => createHash('md5').update(data).digest();

contract('multipart uploads', (rule) => {
  rule('parts become one object', async ({ client, versionedBucket }) => {
    const upload = await begin(client, await versionedBucket());
    const { VersionId } = await finish(client, upload, await send(client, upload));
    const { Bucket, Key } = upload;
    const read = await client.send(new GetObjectCommand({ Bucket, Key }));
    expect(Buffer.from(await read.Body!.transformToByteArray()).equals(body)).toBe(true);
    const ETag = `"${md5(Buffer.concat(pieces.map(md5))).toString('hex')}-3"`;
    expect(read).toMatchObject({ VersionId, ETag, ContentType: 'video/mp4', Metadata: { site: '7' } });
    const across = await client.send(
      new GetObjectCommand({ Bucket, Key, Range: `bytes=${String(5 * MIB - 2)}-${String(5 * MIB + 1)}` }),
    );
    expect(
      Buffer.from(await across.Body!.transformToByteArray()).equals(body.subarray(5 * MIB - 2, 5 * MIB + 2)),
    ).toBe(true);
  });

  rule('the end of an upload says the ETag', async ({ client, bucket }) => {
    const upload = await begin(client, await bucket());
    const { ETag } = await finish(client, upload, await send(client, upload, [Buffer.from('x')]));
    expect(ETag).toBe(`"${md5(md5(Buffer.from('x'))).toString('hex')}-1"`);
  });

  rule('a part of a finished object can be asked about', async ({ client, bucket }) => {
    const upload = await begin(client, await bucket());
    await finish(client, upload, await send(client, upload));
    const { Bucket, Key } = upload;
    const head = await client.send(new HeadObjectCommand({ Bucket, Key, PartNumber: 3 }));
    expect(head).toMatchObject({ ContentLength: MIB, PartsCount: 3 });
  });

  rule('a copy of an object in parts is an object in one piece', async ({ client, bucket }) => {
    const upload = await begin(client, await bucket());
    await finish(client, upload, await send(client, upload));
    const { Bucket } = upload;
    const copied = await client.send(
      new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/key` }),
    );
    expect(copied.CopyObjectResult!.ETag).toBe(`"${md5(body).toString('hex')}"`);
  });

  rule('parts are copied from another object, by range', async ({ client, bucket }) => {
    const Bucket = await bucket();
    await client.send(new PutObjectCommand({ Bucket, Key: 'source', Body: body }));
    const upload = await begin(client, Bucket);
    const ranges = [`bytes=0-${String(6 * MIB - 1)}`, `bytes=${String(6 * MIB)}-${String(body.length - 1)}`];
    const parts: CompletedPart[] = [];
    for (const [index, CopySourceRange] of ranges.entries()) {
      const PartNumber = index + 1;
      const { CopyPartResult } = await client.send(
        new UploadPartCopyCommand({ ...upload, PartNumber, CopySource: `${Bucket}/source`, CopySourceRange }),
      );
      parts.push({ PartNumber, ETag: CopyPartResult!.ETag });
    }
    await finish(client, upload, parts);
    const read = await client.send(new GetObjectCommand({ Bucket, Key: 'key' }));
    expect(Buffer.from(await read.Body!.transformToByteArray()).equals(body)).toBe(true);
  });

  rule('a copied range must lie within its source', async ({ client, bucket }) => {
    const Bucket = await bucket();
    await client.send(new PutObjectCommand({ Bucket, Key: 'source', Body: 'short' }));
    const upload = await begin(client, Bucket);
    const copied = client.send(
      new UploadPartCopyCommand({
        ...upload,
        PartNumber: 1,
        CopySource: `${Bucket}/source`,
        CopySourceRange: 'bytes=0-9',
      }),
    );
    expect((await failure(copied)).status).toBeOneOf([400, 416]);
  });

  rule('parts and uploads that are under way are listed', async ({ client, bucket }) => {
    const Bucket = await bucket();
    const first = await begin(client, Bucket, 'a');
    const second = await begin(client, Bucket, 'b');
    await send(client, first);
    const page = await client.send(new ListPartsCommand({ ...first, MaxParts: 2 }));
    expect(page).toMatchObject({ IsTruncated: true, NextPartNumberMarker: '2' });
    expect(page.Parts!.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
      [1, 5 * MIB],
      [2, 5 * MIB],
    ]);
    const rest = await client.send(
      new ListPartsCommand({ ...first, PartNumberMarker: page.NextPartNumberMarker }),
    );
    expect(rest.Parts!.map(({ PartNumber }) => PartNumber)).toEqual([3]);
    const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket }));
    expect(Uploads!.map(({ Key, UploadId }) => [Key, UploadId])).toEqual([
      ['a', first.UploadId],
      ['b', second.UploadId],
    ]);
  });

  rule('an aborted upload leaves nothing', async ({ client, bucket }) => {
    const upload = await begin(client, await bucket());
    await send(client, upload, [Buffer.from('x')]);
    await client.send(new AbortMultipartUploadCommand(upload));
    expect(await failure(client.send(new ListPartsCommand(upload)))).toMatchObject({ status: 404 });
    const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket: upload.Bucket }));
    expect(Uploads ?? []).toEqual([]);
    const { Bucket, Key } = upload;
    expect(await failure(client.send(new HeadObjectCommand({ Bucket, Key })))).toMatchObject({ status: 404 });
  });

  rule('an upload that is not there is NoSuchUpload', async ({ client, bucket }) => {
    const upload = await begin(client, await bucket());
    await client.send(new AbortMultipartUploadCommand(upload));
    const listed = client.send(new ListPartsCommand(upload));
    expect(await failure(listed)).toMatchObject({ code: 'NoSuchUpload', status: 404 });
  });

  rule('a part under 5 MiB may only be the last', async ({ client, bucket }) => {
    const upload = await begin(client, await bucket());
    const parts = await send(client, upload, [Buffer.from('small'), Buffer.from('last')]);
    expect(await failure(finish(client, upload, parts))).toMatchObject({
      code: 'EntityTooSmall',
      status: 400,
    });
  });

  rule(
    'a part with another ETag, and one that was never sent, are InvalidPart',
    async ({ client, bucket }) => {
      const upload = await begin(client, await bucket());
      const [part] = await send(client, upload, [Buffer.from('x')]);
      const other = finish(client, upload, [
        { PartNumber: 1, ETag: `"${md5(Buffer.from('y')).toString('hex')}"` },
      ]);
      expect(await failure(other)).toMatchObject({ code: 'InvalidPart', status: 400 });
      const missing = finish(client, upload, [{ PartNumber: 2, ETag: part!.ETag }]);
      expect(await failure(missing)).toMatchObject({ code: 'InvalidPart', status: 400 });
    },
  );

  rule('parts are named in their order', async ({ client, bucket }) => {
    const upload = await begin(client, await bucket());
    const parts = await send(client, upload);
    expect(await failure(finish(client, upload, parts.reverse()))).toMatchObject({
      code: 'InvalidPartOrder',
      status: 400,
    });
  });

  rule('a part that is sent anew replaces the one before', async ({ client, bucket }) => {
    const upload = await begin(client, await bucket());
    await send(client, upload, [Buffer.from('first')]);
    await finish(client, upload, await send(client, upload, [Buffer.from('second')]));
    const { Bucket, Key } = upload;
    const read = await client.send(new GetObjectCommand({ Bucket, Key }));
    expect(await read.Body!.transformToString()).toBe('second');
  });
});
