import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { contentCheck } from '../../../../engine/kinds/s3/bulk/digest.ts';

// The digests of the text that catalogues of checksums take for their check values.
const TEXT = Buffer.from('123456789');
const KMS = { 'x-amz-server-side-encryption': 'aws:kms' };
const md5 = (data: Buffer | string): Buffer => createHash('md5').update(data).digest();
const sha256 = (data: Buffer | string): Buffer => createHash('sha256').update(data).digest();

async function holds(
  headers: Readonly<Record<string, string>>,
  content = TEXT,
  partSize?: number,
): Promise<boolean | undefined> {
  const check = await contentCheck(headers, TEXT.length, () => Promise.resolve(partSize));
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
