import { createHash, createHmac } from 'node:crypto';
import {
  GetObjectCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { SignatureV4 } from '@smithy/signature-v4';
import { Sha256 } from '@aws-crypto/sha256-js';
import { expect } from 'vitest';
import type { Target } from './rig.ts';
import { REGION, contract, failure, put } from './rig.ts';

/** A URL that may be opened without credentials for so many seconds. */
async function presign(
  target: Target,
  path: string,
  method: string,
  expiresIn = 60,
  at = new Date(),
): Promise<string> {
  const { hostname, port } = new URL(target.url);
  const signer = new SignatureV4({
    credentials: target.owner,
    region: REGION,
    service: 's3',
    sha256: Sha256,
    uriEscapePath: false,
  });
  const request = {
    method,
    protocol: 'http:',
    hostname,
    port: Number(port),
    path,
    headers: { host: `${hostname}:${port}`, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
  };
  const signed = await signer.presign(request, {
    expiresIn,
    signingDate: at,
    unhoistableHeaders: new Set(['x-amz-content-sha256']),
    unsignableHeaders: new Set(['x-amz-content-sha256']),
  });
  const query = Object.entries(signed.query ?? {}).map(
    ([name, value]) => `${name}=${encodeURIComponent(String(value))}`,
  );
  return `${target.url}${path}?${query.join('&')}`;
}

contract('access', (rule) => {
  rule('a key that nobody has is InvalidAccessKeyId', async ({ as }) => {
    const client = as({ accessKeyId: 'AKIANOBODY', secretAccessKey: 'x' });
    const refused = client.send(new ListBucketsCommand({}));
    expect(await failure(refused)).toMatchObject({ code: 'InvalidAccessKeyId', status: 403 });
  });

  rule('a wrong secret is SignatureDoesNotMatch', async ({ as, owner }) => {
    const client = as({ ...owner, secretAccessKey: 'wrong' });
    const refused = client.send(new ListBucketsCommand({}));
    expect(await failure(refused)).toMatchObject({ code: 'SignatureDoesNotMatch', status: 403 });
  });

  rule('somebody else is denied', async ({ as, stranger, bucket }) => {
    const Bucket = await bucket();
    const client = as(stranger);
    const listed = client.send(new ListObjectsV2Command({ Bucket }));
    expect(await failure(listed)).toMatchObject({ code: 'AccessDenied', status: 403 });
    expect(await failure(put(client, Bucket, 'key'))).toMatchObject({ code: 'AccessDenied', status: 403 });
    expect(await failure(client.send(new HeadBucketCommand({ Bucket })))).toMatchObject({ status: 403 });
  });

  rule('nobody is denied', async ({ url, bucket }) => {
    const response = await fetch(`${url}/${await bucket()}`);
    expect(response.status).toBe(403);
    expect(await response.text()).toContain('<Code>AccessDenied</Code>');
  });

  rule(
    'a bucket that belongs to another account than expected is not touched',
    async ({ client, bucket }) => {
      const Bucket = await bucket();
      const refused = client.send(
        new PutObjectCommand({ Bucket, Key: 'key', Body: 'x', ExpectedBucketOwner: '111111111111' }),
      );
      expect(await failure(refused)).toMatchObject({ code: 'AccessDenied', status: 403 });
    },
  );

  rule('a presigned URL reads and writes', async (target) => {
    const Bucket = await target.bucket();
    const written = await fetch(await presign(target, `/${Bucket}/a%20key`, 'PUT'), {
      method: 'PUT',
      body: 'signed',
    });
    expect(written.status).toBe(200);
    const read = await fetch(await presign(target, `/${Bucket}/a%20key`, 'GET'));
    expect(await read.text()).toBe('signed');
  });

  rule('a presigned URL is for one method and some time', async (target) => {
    const Bucket = await target.bucket();
    await put(target.client, Bucket, 'key');
    const wrongMethod = await fetch(await presign(target, `/${Bucket}/key`, 'GET'), { method: 'DELETE' });
    expect(wrongMethod.status).toBe(403);
    expect(await wrongMethod.text()).toContain('SignatureDoesNotMatch');
    const minuteAgo = new Date(Date.now() - 60_000);
    const late = await fetch(await presign(target, `/${Bucket}/key`, 'GET', 30, minuteAgo));
    expect(late.status).toBe(403);
    expect(await late.text()).toContain('<Code>AccessDenied</Code>');
  });

  rule('a request of an hour ago is RequestTimeTooSkewed', async (target) => {
    const { hostname, port } = new URL(target.url);
    const signer = new SignatureV4({
      credentials: target.owner,
      region: REGION,
      service: 's3',
      sha256: Sha256,
    });
    const request = {
      method: 'GET',
      protocol: 'http:',
      hostname,
      path: '/',
      headers: { host: `${hostname}:${port}`, 'x-amz-content-sha256': createHash('sha256').digest('hex') },
    };
    const { headers } = await signer.sign(request, { signingDate: new Date(Date.now() - 3600_000) });
    const response = await fetch(`${target.url}/`, { headers });
    expect(response.status).toBe(403);
    expect(await response.text()).toContain('RequestTimeTooSkewed');
  });

  rule('a body in signed chunks is taken, and one with a changed chunk is not', async (target) => {
    const Bucket = await target.bucket();
    const text = 'a body that is sent in chunks, each of which is signed';
    expect((await sendSignedChunks(target, `/${Bucket}/key`, text, text)).status).toBe(200);
    const read = await target.client.send(new GetObjectCommand({ Bucket, Key: 'key' }));
    expect(await read.Body!.transformToString()).toBe(text);
    const altered = await sendSignedChunks(target, `/${Bucket}/other`, text, text.toUpperCase());
    expect(altered.status).toBe(403);
    expect(await failure(target.client.send(new GetObjectCommand({ Bucket, Key: 'other' })))).toMatchObject({
      status: 404,
    });
  });

  rule('an answer has a request id', async ({ client }) => {
    const { $metadata } = await client.send(new ListBucketsCommand({}));
    expect($metadata.requestId).toMatch(/^[\w-]{16,}$/);
  });
});

const sha256 = (data: string): string => createHash('sha256').update(data).digest('hex');

/** As clients send a stream over a connection without TLS: signs one text and sends another. */
async function sendSignedChunks(
  target: Target,
  path: string,
  signedText: string,
  sentText: string,
): Promise<Response> {
  const { hostname, port } = new URL(target.url);
  const { accessKeyId, secretAccessKey } = target.owner;
  const credentials = { accessKeyId, secretAccessKey };
  const signer = new SignatureV4({
    credentials,
    region: REGION,
    service: 's3',
    sha256: Sha256,
    uriEscapePath: false,
  });
  const now = new Date();
  const request = {
    method: 'PUT',
    protocol: 'http:',
    hostname,
    path,
    headers: {
      host: `${hostname}:${port}`,
      'content-encoding': 'aws-chunked',
      'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
      'x-amz-decoded-content-length': String(sentText.length),
    },
  };
  const { headers } = await signer.sign(request, { signingDate: now });
  const at = headers['x-amz-date'] ?? '';
  const scope = `${at.slice(0, 8)}/${REGION}/s3/aws4_request`;
  const key = [at.slice(0, 8), REGION, 's3', 'aws4_request'].reduce<string | Buffer>(
    (secret, part) => createHmac('sha256', secret).update(part).digest(),
    `AWS4${secretAccessKey}`,
  );
  let previous = /Signature=(\w+)/.exec(headers['authorization'] ?? '')?.[1] ?? '';
  const chunk = (text: string, sent: string): string => {
    const toSign = ['AWS4-HMAC-SHA256-PAYLOAD', at, scope, previous, sha256(''), sha256(text)].join('\n');
    previous = createHmac('sha256', key).update(toSign).digest('hex');
    return `${sent.length.toString(16)};chunk-signature=${previous}\r\n${sent}\r\n`;
  };
  const half = Math.floor(sentText.length / 2);
  const body =
    chunk(signedText.slice(0, half), sentText.slice(0, half)) +
    chunk(signedText.slice(half), sentText.slice(half)) +
    chunk('', '');
  return await fetch(`${target.url}${path}`, { method: 'PUT', headers, body });
}
