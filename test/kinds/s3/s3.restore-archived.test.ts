import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Instant } from '../../../engine/base/instant.ts';
import type { ValueMap } from '../../../engine/base/value.ts';
import { manyObjects, startS3 } from '../../rig/s3.ts';
import { failureOf, kindOf } from '../../rig/step.ts';

let s3: Awaited<ReturnType<typeof startS3>>;
beforeAll(async () => {
  s3 = await startS3();
});
afterAll(() => s3.close());

const GLACIER = { StorageClass: 'GLACIER', Metadata: { site: 'north' } } as const;

async function archive(count = 40): Promise<ValueMap> {
  const bucket = await s3.bucket();
  await s3.put(bucket, manyObjects(count), GLACIER);
  await s3.put(bucket, { 'videos/plain': 'x' });
  return bucket;
}

describe('objects in the archive', () => {
  test('can be read in the end; the wait is external, and what it really takes is told', async () => {
    const bucket = await archive();
    const aws = { ...(s3.environment['aws'] as ValueMap), archive: { realRetrieval: '5h' } };
    const rig = s3.step({ environment: { aws } });
    const output = await s3.run('s3.restore-archived', { bucket, prefix: 'videos/', days: 2 }, rig);
    expect(output).toMatchObject({ retrieved: 40, readable: 1, permanent: 0 });
    expect(output['until']).toBeInstanceOf(Instant);
    expect(rig.activities[0]).toMatchObject({
      class: 'external',
      modelledMs: 18_000_000,
      modelledBy: 'aws.archive.realRetrieval',
    });
    expect((await s3.contents(bucket))['videos/00007.mp4']).toBe('good 7');
  });

  const realRetrieval = {
    GLACIER: { Expedited: '5m', Standard: '5h', Bulk: '12h' },
    DEEP_ARCHIVE: { Standard: '12h', Bulk: '2d' },
  };
  test.each([
    ['Expedited', ['GLACIER'], 5, 'GLACIER.Expedited'],
    ['Standard', ['GLACIER'], 300, 'GLACIER.Standard'],
    ['Bulk', ['GLACIER'], 720, 'GLACIER.Bulk'],
    ['Standard', ['DEEP_ARCHIVE'], 720, 'DEEP_ARCHIVE.Standard'],
    ['Bulk', ['GLACIER', 'DEEP_ARCHIVE'], 2880, 'DEEP_ARCHIVE.Bulk'],
  ])('by the tier %s out of %j it would really be %d minutes', async (tier, classes, minutes, source) => {
    const bucket = await s3.bucket();
    for (const StorageClass of classes)
      await s3.put(bucket, { [StorageClass]: 'x' }, { StorageClass: StorageClass as 'GLACIER' });
    const aws = { ...(s3.environment['aws'] as ValueMap), archive: { realRetrieval } };
    const rig = s3.step({ environment: { aws } });
    await s3.run('s3.restore-archived', { bucket, prefix: '', tier }, rig);
    expect(rig.activities[0]).toMatchObject({
      modelledMs: minutes * 60_000,
      modelledBy: `aws.archive.realRetrieval.${source}`,
    });
  });

  test('for good: copied in place, with what belongs to them', async () => {
    const bucket = await archive(3);
    expect(await s3.run('s3.restore-archived', { bucket, prefix: '', permanent: true })).toMatchObject({
      permanent: 3,
    });
    const head = await s3.head(bucket, 'videos/00001.mp4');
    expect(head.StorageClass ?? 'STANDARD').toBe('STANDARD');
    expect(head.Metadata).toEqual({ site: 'north' });
    expect((await s3.run('s3.restore-archived', { bucket, prefix: '' }))['retrieved']).toBe(0);
  });

  test('an older version, to be put back then', async () => {
    const bucket = await s3.bucket();
    await s3.put(bucket, { a: 'good' }, GLACIER);
    const at = await s3.moment();
    await s3.put(bucket, { a: 'bad' });
    expect(await s3.run('s3.restore-archived', { bucket, key: 'a', at })).toMatchObject({ retrieved: 1 });
    await s3.run('s3.restore-version', { bucket, key: 'a', at });
    expect(await s3.contents(bucket)).toEqual({ a: 'good' });
  });
});

describe('killed while it waits', () => {
  test('it watches what it asked for, and asks for nothing twice', async () => {
    const bucket = await archive(10);
    const first = s3.step();
    first.context.waiting = () => first.abort();
    await expect(s3.run('s3.restore-archived', { bucket, prefix: '' }, first)).rejects.toThrow('stopped');
    const second = s3.step({ checkpoint: first.checkpoints.at(-1)! });
    expect(await s3.run('s3.restore-archived', { bucket, prefix: '' }, second)).toMatchObject({
      retrieved: 10,
      readable: 1,
    });
  });
});

describe('refusals', () => {
  test('a version for good', async () => {
    const args = { bucket: { name: 'b' }, key: 'a', versionId: 'v', permanent: true };
    expect(await failureOf(s3.run('s3.restore-archived', args))).toMatchObject({ code: 'usage' });
  });

  test('no key and no prefix', async () => {
    const bucket = await s3.bucket();
    expect(await failureOf(s3.run('s3.restore-archived', { bucket }))).toMatchObject({ code: 'usage' });
  });
});

test('says what it would do, and how to do it by hand', async () => {
  const kind = await kindOf('s3.restore-archived');
  const bucket = { name: 'videos' };
  expect(kind.describe({ bucket, prefix: 'a/' })).toBe('Fetch videos under a/ from the archive for 7 days');
  expect(kind.byHand?.({ bucket, key: 'a.mp4' }, s3.step({ environment: {} }).context.environment)).toBe(
    "aws s3api restore-object --bucket videos --key a.mp4 --restore-request 'Days=7,GlacierJobParameters={Tier=Standard}'\n" +
      'aws s3api head-object --bucket videos --key a.mp4',
  );
});
