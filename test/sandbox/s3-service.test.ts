import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { lookup } from 'node:dns';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  GetBucketLifecycleConfigurationCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectVersionsCommand,
  ListObjectsV2Command,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_ACCOUNT } from '../../engine/sandbox/s3/accounts.ts';
import type { S3Options } from '../../engine/sandbox/s3/service.ts';
import { S3Service } from '../../engine/sandbox/s3/service.ts';
import { putObject } from '../../engine/sandbox/s3/state.ts';
import { failure } from '../contract/s3/rig.ts';

/** What the contract suite cannot ask of a real server, or what is the sandbox's own. */
describe('the S3 service', () => {
  let folder: string;
  let service: S3Service;
  let client: S3Client;
  const Bucket = 'peakops-videos';

  const begin = async (options: Partial<S3Options> = {}): Promise<void> => {
    service = await S3Service.start({ folder, ...options });
    client = connect();
    service.createBucket(Bucket, 'us-east-1');
  };
  const connect = (options: object = {}): S3Client =>
    new S3Client({
      endpoint: service.url,
      region: 'us-east-1',
      forcePathStyle: true,
      maxAttempts: 1,
      credentials: DEFAULT_ACCOUNT,
      ...options,
    });
  const put = (Key: string, Body: Buffer | string = 'text') =>
    client.send(new PutObjectCommand({ Bucket, Key, Body }));
  const files = async (): Promise<number> => (await readdir(folder)).length;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'drillbook-s3-'));
  });
  afterEach(async () => {
    await service.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('finds a bucket in the name of the host', async () => {
    await begin();
    await put('a/b', 'by path');
    const { port } = new URL(service.url);
    // The names of buckets lead to this machine without a name server.
    const agent = new Agent({
      lookup: (_host, options, callback) => lookup('127.0.0.1', options, callback),
    });
    const virtual = connect({
      endpoint: `http://localhost:${port}`,
      forcePathStyle: false,
      requestHandler: { httpAgent: agent },
    });
    const { Body } = await virtual.send(new GetObjectCommand({ Bucket, Key: 'a/b' }));
    expect(await Body!.transformToString()).toBe('by path');
    expect((await virtual.send(new ListObjectsV2Command({ Bucket }))).KeyCount).toBe(1);
  });

  test('tells the next requests to slow down, and then serves again', async () => {
    await begin();
    service.throttle.refuse(2);
    const list = () => client.send(new ListObjectsV2Command({ Bucket }));
    expect(await failure(list())).toMatchObject({ code: 'SlowDown', status: 503 });
    expect(await failure(list())).toMatchObject({ code: 'SlowDown', status: 503 });
    await list();
  });

  test('demands the session token of temporary credentials', async () => {
    await begin({ accounts: [{ ...DEFAULT_ACCOUNT, sessionToken: 'a token' }] });
    expect(await failure(client.send(new ListBucketsCommand({})))).toMatchObject({ code: 'InvalidToken' });
    const withToken = connect({ credentials: { ...DEFAULT_ACCOUNT, sessionToken: 'a token' } });
    await withToken.send(new ListBucketsCommand({}));
  });

  test('dates versions to whole seconds', async () => {
    await begin();
    await put('key');
    const { Contents } = await client.send(new ListObjectsV2Command({ Bucket }));
    expect(Contents![0]!.LastModified!.getMilliseconds()).toBe(0);
  });

  test('gives a lifecycle rule without an id one', async () => {
    await begin();
    await client.send(
      new PutBucketLifecycleConfigurationCommand({
        Bucket,
        LifecycleConfiguration: {
          Rules: [{ Status: 'Enabled', Filter: { Prefix: '' }, Expiration: { Days: 1 } }],
        },
      }),
    );
    const { Rules } = await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
    expect(Rules![0]!.ID).toMatch(/^[\da-f-]{36}$/);
  });

  test('keeps bytes on disk for as long as a version has them', async () => {
    await begin();
    await put('key', 'first');
    await put('key', 'second');
    expect(await files()).toBe(1);
    const copy = { Bucket, Key: 'copy', CopySource: `${Bucket}/key` };
    await client.send(new CopyObjectCommand(copy));
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'key' }));
    expect(await files()).toBe(1);
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: 'copy' }));
    expect(await Body!.transformToString()).toBe('second');
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'copy' }));
    expect(await files()).toBe(0);
  });

  test('keeps nothing of an upload that is cut off', async () => {
    await begin();
    const { protocol, hostname, port } = new URL(service.url);
    const { headers } = await signed(`/${Bucket}/key`);
    const sending = request({ protocol, hostname, port, path: `/${Bucket}/key`, method: 'PUT', headers });
    const cut = once(sending, 'error');
    sending.write(randomBytes(1000));
    await expect.poll(files).toBe(1);
    sending.destroy(new Error('cut off'));
    await cut;
    await expect.poll(files).toBe(0);
    expect(await failure(client.send(new HeadObjectCommand({ Bucket, Key: 'key' })))).toMatchObject({
      status: 404,
    });
  });

  const signed = async (path: string): Promise<{ headers: Record<string, string> }> => {
    const signer = new SignatureV4({
      credentials: DEFAULT_ACCOUNT,
      region: 'us-east-1',
      service: 's3',
      sha256: Sha256,
      uriEscapePath: false,
    });
    const { host } = new URL(service.url);
    return await signer.sign({
      method: 'PUT',
      protocol: 'http:',
      hostname: '127.0.0.1',
      path,
      headers: { host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', 'content-length': '2000' },
    });
  };

  test('lists ten thousand versions in pages', async () => {
    await begin();
    await client.send(
      new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }),
    );
    const bucket = service.buckets.get(Bucket)!;
    const { blob, md5 } = await service.state.blobs.write([Buffer.from('x')]);
    for (let index = 0; index < 10_000; index += 1) {
      const key = `key-${String(index % 5000).padStart(5, '0')}`;
      await putObject(service.state, bucket, {
        key,
        blob,
        etag: md5,
        headers: {},
        metadata: {},
        tags: new Map(),
        storageClass: 'STANDARD',
      });
    }
    let count = 0;
    let markers: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } = {};
    for (;;) {
      const page = await client.send(new ListObjectVersionsCommand({ Bucket, ...markers }));
      count += page.Versions!.length;
      if (page.IsTruncated !== true) break;
      markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
    }
    expect(count).toBe(10_000);
  });

  test('makes a bucket in the region that a request is signed for', async () => {
    await begin();
    const far = connect({ region: 'eu-central-1' });
    const create = (LocationConstraint: 'eu-central-1' | 'eu-west-1') =>
      far.send(
        new CreateBucketCommand({ Bucket: 'peakops-far', CreateBucketConfiguration: { LocationConstraint } }),
      );
    expect(await failure(create('eu-west-1'))).toMatchObject({
      code: 'IllegalLocationConstraintException',
      status: 400,
    });
    await create('eu-central-1');
    expect(service.buckets.get('peakops-far')!.region).toBe('eu-central-1');
  });
});
