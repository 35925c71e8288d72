import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import { manyObjects, startS3 } from '../../rig/s3.ts';
import { failureOf, kindOf } from '../../rig/step.ts';

let s3: Awaited<ReturnType<typeof startS3>>;
beforeAll(async () => {
  s3 = await startS3();
});
afterAll(() => s3.close());

async function pair(prefix = ''): Promise<{ from: ValueMap; to: ValueMap }> {
  const [from, to] = [await s3.bucket(), await s3.bucket()];
  const rule = {
    ID: 'all',
    Status: 'Enabled',
    Priority: 1,
    Filter: { Prefix: prefix },
    DeleteMarkerReplication: { Status: 'Disabled' },
    Destination: { Bucket: `arn:aws:s3:::${to['name'] as string}` },
  };
  const Role = 'arn:aws:iam::123456789012:role/replication';
  await s3.run('s3.configure', { bucket: from, replication: { Role, Rules: [rule] } });
  return { from, to };
}

test('a probe arrives and is gone again, and all that was there before the rule is found missing', async () => {
  const [from, to] = [await s3.bucket(), await s3.bucket()];
  await s3.put(from, manyObjects(3));
  const Rule = { ID: 'all', Status: 'Enabled', Priority: 1, Filter: { Prefix: '' } };
  const Destination = { Bucket: `arn:aws:s3:::${to['name'] as string}` };
  const Rules = [{ ...Rule, DeleteMarkerReplication: { Status: 'Disabled' }, Destination }];
  await s3.run('s3.configure', { bucket: from, replication: { Role: 'arn:aws:iam::1:role/r', Rules } });
  await s3.put(to, { erased: 'x' });
  const found = await s3.run('s3.prove-replication', { from, to, within: '15m' });
  expect(found).toMatchObject({ objects: 3, there: 0, underWay: 3, behind: 0, extra: 1, left: [] });
  expect(found).toMatchObject({ newestThere: false, oldestBehindAt: null });
  expect(Object.keys(await s3.contents(from))).toHaveLength(3);
  expect(await s3.contents(to)).toEqual({ erased: 'x' });
  expect(await s3.versions(to)).toHaveLength(1);
  await s3.run('s3.copy-bucket', { from, to });
  const filled = await s3.run('s3.prove-replication', { from, to });
  expect(filled).toMatchObject({ objects: 3, there: 3, underWay: 0, behind: 0, newestThere: true });
});

test('a rule that is about other keys proves nothing of these', async () => {
  const { from, to } = await pair('uploads/');
  expect(await s3.run('s3.prove-replication', { from, to, prefix: 'uploads/' })).toMatchObject({ behind: 0 });
  expect(await failureOf(s3.run('s3.prove-replication', { from, to }))).toMatchObject({
    code: 'notReplicated',
  });
  expect(await s3.versions(from)).toEqual([]);
});

test('a replica that can take nothing any more, and one that is another bucket', async () => {
  const { from, to } = await pair();
  const elsewhere = await s3.bucket();
  expect(await failureOf(s3.run('s3.prove-replication', { from, to: elsewhere }))).toMatchObject({
    code: 'notProven',
    message: expect.stringContaining('has it not') as string,
  });
  await s3.run('s3.configure', { bucket: to, versioning: 'Suspended' });
  expect(await failureOf(s3.run('s3.prove-replication', { from, to }))).toMatchObject({
    code: 'replicationFailed',
  });
  expect(await s3.contents(from)).toEqual({});
});

test('says what it would do', async () => {
  const kind = await kindOf('s3.prove-replication');
  const args = { from: { name: 'videos' }, to: { name: 'replica' } };
  expect(kind.describe(args)).toBe(
    'Put a probe into videos, see it arrive in replica, and hold both against each other',
  );
  expect(kind.effect(args)).toBe('write');
});
