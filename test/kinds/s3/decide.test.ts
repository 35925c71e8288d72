import { describe, expect, test } from 'vitest';
import { Instant } from '../../../engine/base/instant.ts';
import type { S3Object } from '../../../engine/kinds/s3/client/list.ts';
import { decide } from '../../../engine/kinds/s3/s3.copy-bucket.ts';
import { StepError } from '../../../engine/model/kind.ts';

const object = (content: 'one' | 'two' | 'in parts', second: number): S3Object => ({
  key: 'a',
  size: 3,
  etag: { one: '0'.repeat(32), two: '1'.repeat(32), 'in parts': `${'2'.repeat(32)}-4` }[content],
  modified: Instant.fromMillis(second * 1000),
  storageClass: 'STANDARD',
});

/** The source was written at second 10; S3 tells no more than the second. */
describe('what becomes of an object that is there already', () => {
  test.each([
    ['the same content, older', object('one', 9), 'same'],
    ['the same content, in the same second', object('one', 10), 'same'],
    ['the same content, newer', object('one', 11), 'same'],
    ['other content, older', object('two', 9), 'replaced'],
    ['other content, in the same second: it may be the newer one', object('two', 10), 'newer'],
    ['other content, newer', object('two', 11), 'newer'],
    ['written in parts and older: only the size tells', object('in parts', 9), 'replaced'],
    ['written in parts, in the same second', object('in parts', 10), 'same'],
    ['written in parts and newer', object('in parts', 11), 'same'],
  ] as const)('%s', (_, existing, fate) => {
    expect(decide(object('one', 10), existing, { digests: true, isVersioned: true })).toBe(fate);
    const unversioned = () => decide(object('one', 10), existing, { digests: true, isVersioned: false });
    if (fate === 'replaced') expect(unversioned).toThrow(StepError);
    else expect(unversioned()).toBe(fate);
  });
});
