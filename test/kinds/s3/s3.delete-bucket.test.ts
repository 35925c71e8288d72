import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isJsonObject } from '../../../engine/base/json.ts';
import type { ValueMap } from '../../../engine/base/value.ts';
import { killedAt } from '../../rig/killed-step.ts';
import { manyObjects, startS3 } from '../../rig/s3.ts';
import { failureOf, kindOf, stepRig } from '../../rig/step.ts';

let s3: Awaited<ReturnType<typeof startS3>>;
beforeAll(async () => {
  s3 = await startS3();
});
afterAll(() => s3.close());

const ANY = 'any, with all that is in it';

const isGone = async (bucket: ValueMap): Promise<boolean> => {
  const answer = await s3
    .client(bucket)
    .attempt((sdk) => sdk.headBucket({ Bucket: bucket['name'] as string }));
  return 'refusal' in answer && answer.refusal.status === 404;
};

/** As the run that created it: the journal says so. */
const creator = () => stepRig({ environment: s3.environment, created: () => true });

describe('a bucket', () => {
  test('that this run created goes with versions, markers, odd keys and unfinished uploads', async () => {
    const bucket = await s3.bucket();
    const odd = ['a b+c%20', 'ü&<>"\'', 'line\nfeed', 'control\u0001', 'x/../y', 'é\u{1f600}'];
    const objects = { ...manyObjects(1100), ...Object.fromEntries(odd.map((key) => [key, key])) };
    await s3.put(bucket, objects);
    await s3.put(bucket, { 'videos/00000.mp4': 'a second version' });
    await s3.remove(bucket, 'videos/00001.mp4', ...odd);
    for (const key of ['half', ...odd]) await s3.beginUpload(bucket, key);
    expect(await s3.run('s3.delete-bucket', { bucket }, creator())).toEqual({
      name: bucket['name'],
      versions: 1107,
      markers: 7,
      uploads: 7,
      alreadyGone: false,
    });
    expect(await isGone(bucket)).toBe(true);
  });

  test('without versions, and one that is empty', async () => {
    const plain = await s3.bucket({ versioned: false });
    await s3.put(plain, { a: '1', b: '2' });
    expect(await s3.run('s3.delete-bucket', { bucket: plain }, creator())).toMatchObject({ versions: 2 });
    const empty = await s3.bucket();
    expect(await s3.run('s3.delete-bucket', { bucket: empty }, creator())).toMatchObject({ versions: 0 });
    expect([await isGone(plain), await isGone(empty)]).toEqual([true, true]);
  });

  test('that is not there any more is told to be gone', async () => {
    const bucket = { name: 'never-made-by-anybody' };
    expect(await s3.run('s3.delete-bucket', { bucket }, creator())).toMatchObject({ alreadyGone: true });
  });
});

describe('any other', () => {
  test('is not touched unless it is asked for in so many words', async () => {
    const bucket = await s3.bucket();
    await s3.put(bucket, { a: '1' });
    const error = await failureOf(s3.run('s3.delete-bucket', { bucket }));
    expect(error).toMatchObject({ code: 'notCreatedByRun', changed: 'nothing' });
    expect(error.hint).toContain(`which: ${ANY}`);
    expect(await s3.contents(bucket)).toEqual({ a: '1' });
    expect(await s3.run('s3.delete-bucket', { bucket, which: ANY })).toMatchObject({ versions: 1 });
  });

  test('wants its name typed, whatever the policy; what the run created does not', async () => {
    const kind = await kindOf('s3.delete-bucket');
    const bucket = { name: 'peakops-videos' };
    expect(kind.typedName?.({ bucket, which: ANY })).toBe('peakops-videos');
    expect(kind.typedName?.({ bucket })).toBeUndefined();
  });

  test('of another account is refused', async () => {
    const bucket = { ...(await s3.bucket()), fingerprint: { account: '999999999999' } };
    const error = await failureOf(s3.run('s3.delete-bucket', { bucket, which: ANY }));
    expect(error).toMatchObject({ code: 'AccessDenied', changed: 'nothing' });
  });
});

test('killed in the middle, it goes on with what is left', async () => {
  const bucket = await s3.bucket();
  await s3.put(bucket, manyObjects(1200));
  // A request carries 500 versions: the first checkpoint, after the first, finds most of them still there.
  const order = { kind: 's3.delete-bucket', args: { bucket, concurrency: 1 } };
  const place = { environment: s3.environment, folder: tmpdir() };
  const checkpoint = await killedAt(
    { ...order, ...place, created: true, hurry: 1e6 },
    (saved) =>
      isJsonObject(saved) && isJsonObject(saved['tally']) && Number(saved['tally']['versions'] ?? 0) > 0,
  );
  const left = (await s3.versions(bucket)).length;
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThan(2200);
  const next = stepRig({ environment: s3.environment, created: () => true, checkpoint });
  expect(await s3.run('s3.delete-bucket', { bucket }, next)).toMatchObject({ alreadyGone: false });
  expect(await isGone(bucket)).toBe(true);
  // And a life after that one, which died before it could say so, finds it done.
  const last = stepRig({
    environment: s3.environment,
    created: () => true,
    checkpoint: next.checkpoints.at(-1)!,
  });
  expect(await s3.run('s3.delete-bucket', { bucket }, last)).toMatchObject({ alreadyGone: false });
});

test('says what it would do, and how to do it by hand', async () => {
  const kind = await kindOf('s3.delete-bucket');
  const args = { bucket: { name: 'test-bucket' } };
  expect(kind.describe(args)).toBe(
    'Delete the bucket test-bucket and everything in it, all versions, for good',
  );
  expect(kind.effect(args)).toBe('destructive');
  expect(kind.targets(args)).toEqual([
    { group: 'buckets', target: { name: 'test-bucket' }, effect: 'destructive' },
  ]);
  expect(kind.byHand?.(args, s3.step({ environment: {} }).context.environment)).toMatch(
    /^aws s3 rb --force s3:\/\/test-bucket {2}# /,
  );
  expect(await kind.reconcile?.(args, s3.step().context)).toEqual({ verdict: 'reattach' });
});
