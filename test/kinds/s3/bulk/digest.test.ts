import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { contentCheck } from '../../../../engine/kinds/s3/bulk/digest.ts';
import { s3Rig } from '../../../rig/s3.ts';

// The digests of the text that catalogues of checksums take for their check values.
const TEXT = Buffer.from('123456789');
const KMS = { 'x-amz-server-side-encryption': 'aws:kms' };
const md5 = (data: Buffer | string): Buffer => createHash('md5').update(data).digest();
const sha256 = (data: Buffer | string): Buffer => createHash('sha256').update(data).digest();

/** What the service tells of the object, and how large its parts are. */
let told: { readonly headers: Readonly<Record<string, string>>; readonly partSize: number | undefined };
const service = createServer((request, response) => {
  const isPart = request.url?.includes('partNumber=1') === true;
  const { headers, partSize } = told;
  const part = isPart && partSize !== undefined ? { 'x-amz-mp-parts-count': '3' } : {};
  response.writeHead(200, { ...headers, ...part, 'content-length': String(isPart ? (partSize ?? 9) : 9) });
  response.end();
});
beforeAll(() => new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve)));
afterAll(() => {
  service.closeAllConnections();
  service.close();
});

async function holds(
  headers: Readonly<Record<string, string>>,
  content = TEXT,
  partSize?: number,
): Promise<boolean | undefined> {
  told = { headers, partSize };
  const { port } = service.address() as AddressInfo;
  const { client } = s3Rig({ url: `http://127.0.0.1:${port}`, accessKeyId: 'a', secretAccessKey: 'b' });
  const asked = client({ name: 'videos' });
  const check = await asked.read({ key: 'a' }, async (object) => {
    (object.Body as Readable).destroy();
    return contentCheck(asked, { key: 'a' }, object);
  });
  // In chunks that do not end where the parts do.
  for (let at = 0; at < content.length; at += 2) check?.update(content.subarray(at, at + 2));
  return check?.holds();
}

const OF_WHOLE = {
  'its ETag': { etag: '"25f9e794323b453885f5181f1b624d0b"' },
  'CRC-32': { ...KMS, 'x-amz-checksum-crc32': 'y/Q5Jg==' },
  'CRC-32C': { ...KMS, 'x-amz-checksum-crc32c': '4waSgw==' },
  'CRC-64/NVME': { ...KMS, 'x-amz-checksum-crc64nvme': 'rosUhgp5mIg=' },
  'SHA-1': { 'x-amz-checksum-sha1': '98O8HYCOBHMq32eZZczDTKeuNEE=' },
  'SHA-256': { 'x-amz-checksum-sha256': 'FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=' },
};
test.each(Object.entries(OF_WHOLE))('%s tells one content from another', async (_name, headers) => {
  expect(await holds(headers)).toBe(true);
  expect(await holds(headers, Buffer.from('123456780'))).toBe(false);
});

const PARTS = [TEXT.subarray(0, 4), TEXT.subarray(4, 8), TEXT.subarray(8)];
const OF_PARTS = {
  'its ETag': { etag: `"${md5(Buffer.concat(PARTS.map(md5))).toString('hex')}-3"` },
  'a composite checksum': {
    ...KMS,
    'x-amz-checksum-type': 'COMPOSITE',
    'x-amz-checksum-sha256': `${sha256(Buffer.concat(PARTS.map(sha256))).toString('base64')}-3`,
  },
};
test.each(Object.entries(OF_PARTS))(
  'of an object in parts %s tells, where the size of a part is known',
  async (_name, headers) => {
    expect(await holds(headers, TEXT, 4)).toBe(true);
    expect(await holds(headers, Buffer.from('123456780'), 4)).toBe(false);
    // Parts that cannot be of that size, and a service that does not tell.
    expect(await holds(headers, TEXT, 5)).toBeUndefined();
    expect(await holds(headers, TEXT)).toBeUndefined();
  },
);

const NONE = {
  'an ETag under a KMS key': { ...KMS, etag: '"25f9e794323b453885f5181f1b624d0b"' },
  "an ETag under a customer's key": {
    'x-amz-server-side-encryption-customer-algorithm': 'AES256',
    etag: '"25f9e794323b453885f5181f1b624d0b"',
  },
  'another service’s ETag': { etag: 'W/"12-34"' },
  nothing: {},
};
test.each(Object.entries(NONE))('%s tells nothing of the content', async (_name, headers) => {
  expect(await holds(headers)).toBeUndefined();
});
