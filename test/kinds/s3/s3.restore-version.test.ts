import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { manyObjects, startS3 } from '../../rig/s3.ts';
import { failureOf, kindOf } from '../../rig/step.ts';

let s3: Awaited<ReturnType<typeof startS3>>;
beforeAll(async () => {
  s3 = await startS3();
});
afterAll(() => s3.close());

describe('one object', () => {
  test('is put back by its version, with all that belongs to it', async () => {
    const bucket = await s3.bucket();
    await s3.put(
      bucket,
      { 'a b.mp4': 'good' },
      {
        ContentType: 'video/mp4',
        CacheControl: 'max-age=60',
        Metadata: { site: 'north' },
        Tagging: 'kind=video',
      },
    );
    const [good] = await s3.versions(bucket);
    await s3.put(bucket, { 'a b.mp4': 'bad' });
    expect(
      await s3.run('s3.restore-version', { bucket, key: 'a b.mp4', versionId: good!.versionId }),
    ).toEqual({
      restored: 1,
      unchanged: 0,
      absent: 0,
      bytes: 4,
      byEtag: 1,
      bySize: 0,
    });
    expect((await s3.contents(bucket))['a b.mp4']).toBe('good');
    expect(await s3.head(bucket, 'a b.mp4')).toMatchObject({
      ContentType: 'video/mp4',
      CacheControl: 'max-age=60',
      Metadata: { site: 'north' },
    });
    expect(await s3.tags(bucket, 'a b.mp4')).toEqual({ kind: 'video' });
    expect(await s3.versions(bucket)).toHaveLength(3);
  });

  test('as of a moment, though it is deleted now', async () => {
    const bucket = await s3.bucket();
    await s3.put(bucket, { a: 'good', ab: 'other' });
    const at = await s3.moment();
    await s3.put(bucket, { a: 'bad', ab: 'bad too' });
    await s3.remove(bucket, 'a');
    expect(await s3.run('s3.restore-version', { bucket, key: 'a', at })).toMatchObject({ restored: 1 });
    expect(await s3.contents(bucket)).toEqual({ a: 'good', ab: 'bad too' });
  });

  test('that was not there then is an error, and nothing is changed', async () => {
    const bucket = await s3.bucket();
    await s3.put(bucket, { a: 'new' });
    const error = await failureOf(
      s3.run('s3.restore-version', { bucket, key: 'a', at: '2020-01-01T00:00:00Z' }),
    );
    expect(error).toMatchObject({ code: 'NoSuchVersion', changed: 'nothing' });
    expect(await failureOf(s3.run('s3.restore-version', { bucket, key: 'a', versionId: 'x' }))).toMatchObject(
      {
        code: 'NoSuchVersion',
      },
    );
    expect(await s3.versions(bucket)).toHaveLength(1);
  });
});

describe('a prefix as of a moment', () => {
  test('has then what it had, and what came later is left', async () => {
    const bucket = await s3.bucket();
    await s3.put(bucket, {
      'v/kept': 'same',
      'v/overwritten': 'good',
      'v/deleted': 'gone',
      'w/outside': 'good',
    });
    await s3.put(bucket, { 'v/deleted-then': 'x' });
    await s3.remove(bucket, 'v/deleted-then');
    const at = await s3.moment();
    await s3.put(bucket, {
      'v/overwritten': 'bad',
      'v/later': 'new',
      'w/outside': 'bad',
      'v/deleted-then': 'again',
    });
    await s3.remove(bucket, 'v/deleted');
    const versions = (await s3.versions(bucket)).length;
    expect(await s3.run('s3.restore-version', { bucket, prefix: 'v/', at })).toEqual({
      restored: 2,
      unchanged: 1,
      absent: 2,
      bytes: 8,
      byEtag: 3,
      bySize: 0,
    });
    expect(await s3.contents(bucket)).toEqual({
      'v/kept': 'same',
      'v/overwritten': 'good',
      'v/deleted': 'gone',
      'v/later': 'new',
      'v/deleted-then': 'again',
      'w/outside': 'bad',
    });
    expect(await s3.versions(bucket)).toHaveLength(versions + 2);
  });

  test('a second run changes nothing: it goes on where the first ended', async () => {
    const bucket = await s3.bucket();
    await s3.put(bucket, manyObjects(120));
    const at = await s3.moment();
    await s3.put(bucket, manyObjects(120, 'bad'));
    const rig = s3.step();
    const args = { bucket, prefix: '', at };
    expect(await s3.run('s3.restore-version', args, rig)).toMatchObject({ restored: 120 });
    expect(rig.checkpoints.length).toBeLessThan(3);
    expect(await s3.run('s3.restore-version', args)).toMatchObject({ restored: 0, unchanged: 120 });
    const resumed = s3.step({ checkpoint: rig.checkpoints.at(-1)! });
    expect(await s3.run('s3.restore-version', args, resumed)).toMatchObject({ restored: 120, byEtag: 120 });
  });
});

describe('refusals', () => {
  test('a bucket that keeps no versions', async () => {
    const bucket = await s3.bucket({ versioned: false });
    const error = await failureOf(
      s3.run('s3.restore-version', { bucket, prefix: '', at: '2025-01-01T00:00:00Z' }),
    );
    expect(error).toMatchObject({ code: 'notVersioned', changed: 'nothing' });
  });

  test('an archived version says what to do, and the others are put back', async () => {
    const bucket = await s3.bucket();
    await s3.put(bucket, { archived: 'deep' }, { StorageClass: 'GLACIER' });
    await s3.put(bucket, { plain: 'good' });
    const at = await s3.moment();
    await s3.put(bucket, { archived: 'bad', plain: 'bad' });
    const error = await failureOf(s3.run('s3.restore-version', { bucket, prefix: '', at }));
    expect(error).toMatchObject({
      code: 'InvalidObjectState',
      changed: 'something',
      hint: expect.stringContaining('s3.restore-archived') as string,
      details: { failed: 1, keys: ['archived'], restored: 1 },
    });
    expect(await s3.contents(bucket)).toEqual({ archived: 'bad', plain: 'good' });
  });

  test.each([
    [{ prefix: 'a' }],
    [{ key: 'a' }],
    [{ key: 'a', prefix: 'a', at: '2025-01-01T00:00:00Z' }],
    [{ key: 'a', versionId: 'v', at: '2025-01-01T00:00:00Z' }],
    [{ prefix: 'a', versionId: 'v' }],
  ])('it must be clear which versions are meant: %j', async (which) => {
    const bucket = { name: 'any' };
    expect(await failureOf(s3.run('s3.restore-version', { bucket, ...which }))).toMatchObject({
      code: 'usage',
    });
  });
});

test('says what it would do, and how to do it by hand', async () => {
  const kind = await kindOf('s3.restore-version');
  const bucket = { name: 'peakops-videos' };
  expect(kind.describe({ bucket, prefix: 'uploads/', at: '2025-11-01T00:00:00Z' })).toBe(
    'Put peakops-videos under uploads/ as of 2025-11-01T00:00:00.000Z back; what is current stays as an older version',
  );
  expect(
    kind.byHand?.({ bucket, key: 'a b', versionId: 'v1' }, s3.step({ environment: {} }).context.environment),
  ).toBe(
    "aws s3api list-object-versions --bucket peakops-videos --prefix 'a b'\n" +
      "aws s3api copy-object --bucket peakops-videos --copy-source 'peakops-videos/a b?versionId=v1' --key 'a b'",
  );
});
