import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import { s3Rig, startS3, STRANGER } from '../../rig/s3.ts';
import { failureOf, kindOf } from '../../rig/step.ts';

let s3: Awaited<ReturnType<typeof startS3>>;
beforeAll(async () => {
  s3 = await startS3();
});
afterAll(() => s3.close());

describe('a bucket', () => {
  test('is made under its name, and its handle is taken wherever a bucket is', async () => {
    const { bucket } = await s3.run('s3.create-bucket', { name: 'peakops-rebuilt', region: 'eu-west-1' });
    expect(bucket).toEqual({
      $ref: 's3.bucket',
      name: 'peakops-rebuilt',
      region: 'eu-west-1',
      created: 'theStep',
    });
    expect(await s3.run('s3.inspect', { bucket: bucket as ValueMap })).toMatchObject({ empty: true });
  });

  test('has the name of run and step unless told otherwise', async () => {
    expect(await s3.run('s3.create-bucket', {})).toMatchObject({
      name: 'drillbook-20251101-1200-abcd-thestep',
      region: 'us-east-1',
    });
  });
});

describe('after a crash', () => {
  test('the bucket that this step was about to make is its own', async () => {
    const rig = s3.step();
    await s3.run('s3.create-bucket', { name: 'made-before' }, rig);
    const kind = await kindOf('s3.create-bucket');
    const { context } = s3.step({ checkpoint: rig.checkpoints[0]! });
    expect(await kind.reconcile?.({ name: 'made-before' }, context)).toMatchObject({
      verdict: 'happened',
      output: { name: 'made-before' },
    });
    expect(await kind.reconcile?.({ name: 'never-made' }, context)).toEqual({ verdict: 'notHappened' });
    expect(await kind.run({ name: 'made-before' }, context)).toMatchObject({ name: 'made-before' });
  });
});

describe('refusals', () => {
  test('one that is there, and that this step did not make, is not taken over', async () => {
    const { name } = await s3.bucket();
    const error = await failureOf(s3.run('s3.create-bucket', { name: name! }));
    expect(error).toMatchObject({ code: 'BucketAlreadyOwnedByYou', changed: 'nothing' });
  });

  test('a name that somebody else has', async () => {
    const other = s3Rig({ ...STRANGER, url: s3.server.url });
    const { name } = await other.bucket();
    const error = await failureOf(s3.run('s3.create-bucket', { name: name! }));
    expect(error).toMatchObject({ code: 'BucketAlreadyExists', changed: 'nothing' });
  });

  test('a name that cannot be one', async () => {
    expect(await failureOf(s3.run('s3.create-bucket', { name: 'Not_A_Name' }))).toMatchObject({
      code: 'InvalidBucketName',
    });
  });
});

test('says what it would do, and how to do it by hand', async () => {
  const kind = await kindOf('s3.create-bucket');
  expect(kind.describe({ name: 'videos' })).toBe('Create the bucket videos');
  expect(kind.targets({ name: 'videos' })).toEqual([]);
  expect(
    kind.byHand?.({ name: 'videos', region: 'eu-west-1' }, s3.step({ environment: {} }).context.environment),
  ).toBe(
    'aws s3api create-bucket --bucket videos --create-bucket-configuration LocationConstraint=eu-west-1 --region eu-west-1',
  );
});
