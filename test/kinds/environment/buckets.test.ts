import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import type { Identity } from '../../../engine/model/environment.ts';
import { identify } from '../../../engine/kinds/environment/identity.ts';
import { targetUse } from '../../../engine/kinds/context/target.ts';
import type { S3Rig } from '../../rig/s3.ts';
import { s3Rig, startS3, STRANGER } from '../../rig/s3.ts';

let s3: Awaited<ReturnType<typeof startS3>>;
let bucket: ValueMap;
beforeAll(async () => {
  s3 = await startS3();
  bucket = await s3.bucket();
});
afterAll(() => s3.close());

async function ask(target: ValueMap, rig: S3Rig = s3): Promise<Identity> {
  const { environment, secrets, signal } = rig.step().context;
  return identify(targetUse('buckets', target, 'write'), environment, secrets, signal);
}

function withoutFingerprint(target: ValueMap): ValueMap {
  return Object.fromEntries(Object.entries(target).filter(([name]) => name !== 'fingerprint'));
}

test('the bucket of the fingerprint is recognised, with what a person wants to see', async () => {
  expect(await ask(bucket)).toEqual({
    verdict: 'match',
    facts: {
      name: bucket['name'],
      region: 'us-east-1',
      account: '123456789012',
      versioning: 'enabled',
      'asked as': 'arn:aws:iam::123456789012:user/sandbox',
    },
  });
});

test('without a fingerprint it is nobody’s word', async () => {
  const plain = withoutFingerprint(bucket);
  expect(await ask(plain)).toMatchObject({ verdict: 'absent', facts: { versioning: 'enabled' } });
});

test('what this run created needs none', async () => {
  const handle = { $ref: 's3.bucket', name: bucket['name']!, region: 'us-east-1', created: 'theStep' };
  expect(await ask(handle)).toMatchObject({ verdict: 'match' });
});

describe('another one than expected', () => {
  test.each([
    ['by its name', { name: 'peakops-videos' }, /expected the bucket peakops-videos/],
    ['by its region, in the entry', { region: 'eu-west-1' }, /expected in eu-west-1/],
    ['by its account', { account: '111111111111' }, /does not belong to the account 111111111111/],
  ])('%s', async (_title, print, reason) => {
    const found = await ask({ ...bucket, fingerprint: { ...(bucket['fingerprint'] as ValueMap), ...print } });
    expect(found).toMatchObject({ verdict: 'mismatch', reason: expect.stringMatching(reason) as string });
  });

  test('by its region, as the service says', async () => {
    const name = bucket['name']!;
    const found = await ask({ name, region: 'eu-west-1', fingerprint: { name, region: 'eu-west-1' } });
    expect(found).toMatchObject({
      verdict: 'mismatch',
      reason: 'expected in eu-west-1, found in us-east-1',
      facts: { region: 'us-east-1' },
    });
  });
});

describe('unreachable, and why', () => {
  test('it is gone', async () => {
    const found = await ask({ name: 'gone-bucket', fingerprint: { name: 'gone-bucket' } });
    expect(found).toMatchObject({
      verdict: 'unreachable',
      reason: expect.stringMatching(/there is no bucket/) as string,
    });
  });

  test('nobody answers', async () => {
    const rig = s3Rig({ ...s3.server, url: 'http://127.0.0.1:1' });
    expect(await ask(bucket, rig)).toMatchObject({
      verdict: 'unreachable',
      reason: expect.stringMatching(/refuses the connection/) as string,
    });
  });

  test('the key may not see it', async () => {
    const rig = s3Rig({ ...STRANGER, url: s3.server.url });
    const plain = withoutFingerprint(bucket);
    expect(await ask(plain, rig)).toMatchObject({
      verdict: 'unreachable',
      reason: expect.stringMatching(/may not/) as string,
    });
  });

  test('the secret is wrong', async () => {
    const rig = s3Rig({ ...s3.server, secretAccessKey: 'wrong' });
    expect(await ask(bucket, rig)).toMatchObject({
      verdict: 'unreachable',
      reason: expect.stringMatching(/secret key does not belong/) as string,
    });
  });
});
