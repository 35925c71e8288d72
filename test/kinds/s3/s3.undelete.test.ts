import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import { manyObjects, startS3 } from '../../rig/s3.ts';
import { failureOf, kindOf } from '../../rig/step.ts';

let s3: Awaited<ReturnType<typeof startS3>>;
let bucket: ValueMap;
beforeAll(async () => {
  s3 = await startS3();
  bucket = await s3.bucket();
});
afterAll(() => s3.close());

describe('deleted objects', () => {
  test('are back with their content, and no version is lost', async () => {
    // Of each a version and a marker: more than a page of the listing.
    const objects = manyObjects(600);
    await s3.put(bucket, objects);
    await s3.remove(bucket, ...Object.keys(objects));
    const before = (await s3.versions(bucket)).filter(({ isMarker }) => !isMarker);
    expect(await s3.run('s3.undelete', { bucket, prefix: 'videos/' })).toEqual({
      restored: 600,
      markers: 600,
      lost: 0,
      remaining: 0,
    });
    const after = await s3.versions(bucket);
    expect(after.map(({ versionId }) => versionId)).toEqual(before.map(({ versionId }) => versionId));
    expect(after.every(({ isLatest }) => isLatest)).toBe(true);
  });

  test('with several markers one above the other, and with names that XML cannot hold', async () => {
    const own = await s3.bucket();
    const keys = ['a b+c%20', 'ü&<>"\'', 'line\nfeed', 'control\u0001', 'x/../y', 'é\u{1f600}'];
    await s3.put(own, Object.fromEntries(keys.map((key) => [key, key])));
    await s3.remove(own, ...keys);
    await s3.remove(own, ...keys);
    expect(await s3.run('s3.undelete', { bucket: own })).toMatchObject({ restored: 6, markers: 12 });
    expect(Object.keys(await s3.contents(own)).sort()).toEqual(keys.toSorted());
  });

  test('that were deleted before the moment on purpose stay deleted', async () => {
    const own = await s3.bucket();
    await s3.put(own, { purpose: '1', accident: '2' });
    await s3.remove(own, 'purpose');
    const since = await s3.moment();
    await s3.remove(own, 'accident');
    // Deleted once more: it was not there at that moment all the same.
    await s3.remove(own, 'purpose');
    expect(await s3.run('s3.undelete', { bucket: own, since })).toMatchObject({ restored: 1, markers: 1 });
    expect(await s3.contents(own)).toEqual({ accident: '2' });
  });

  test('of which nothing but markers is left are counted as lost, and left', async () => {
    const own = await s3.bucket();
    await s3.remove(own, 'never-was');
    expect(await s3.run('s3.undelete', { bucket: own })).toEqual({
      restored: 0,
      markers: 0,
      lost: 1,
      remaining: 0,
    });
    expect(await s3.versions(own)).toHaveLength(1);
  });
});

describe('an overloaded service', () => {
  test('is asked more slowly, and all is done in the end', async () => {
    const own = await s3.bucket();
    const objects = manyObjects(300);
    await s3.put(own, objects);
    await s3.remove(own, ...Object.keys(objects));
    s3.service.throttle.refuse(3);
    const rig = s3.step();
    expect(await s3.run('s3.undelete', { bucket: own }, rig)).toMatchObject({ restored: 300 });
  });
});

describe('a run that was killed', () => {
  test('goes on at its mark and counts the whole', async () => {
    const own = await s3.bucket();
    const objects = manyObjects(300);
    await s3.put(own, objects);
    await s3.remove(own, ...Object.keys(objects));
    const first = s3.step();
    await s3.run('s3.undelete', { bucket: own, prefix: 'videos/000' }, first);
    // As the journal of a life that ended after a hundred objects: the same order, and a mark.
    const saved = {
      ...(first.checkpoints.at(-1) as ValueMap),
      order: { bucket: own['name'], prefix: null, since: null },
    };
    const second = s3.step({ checkpoint: saved as never });
    expect(await s3.run('s3.undelete', { bucket: own }, second)).toMatchObject({
      restored: 300,
      markers: 300,
    });
  });

  test('is told to run again: what is back is no longer found', async () => {
    const kind = await kindOf('s3.undelete');
    expect(await kind.reconcile?.({ bucket }, s3.step().context)).toEqual({ verdict: 'reattach' });
    expect(await s3.run('s3.undelete', { bucket })).toMatchObject({ restored: 0, remaining: 0 });
  });

  test('can be stopped', async () => {
    const own = await s3.bucket();
    await s3.put(own, { a: '1' });
    await s3.remove(own, 'a');
    const rig = s3.step();
    s3.service.throttle.refuse(3);
    const work = s3.run('s3.undelete', { bucket: own }, rig);
    rig.abort();
    await expect(work).rejects.toThrow('stopped');
    expect(await s3.contents(own)).toEqual({});
    s3.service.throttle.refuse(0);
  });
});

describe('what went wrong is said', () => {
  test('no such bucket', async () => {
    const error = await failureOf(
      s3.run('s3.undelete', { bucket: { ...bucket, name: 'not-there', fingerprint: {} } }),
    );
    expect(error).toMatchObject({ code: 'NoSuchBucket', changed: 'nothing' });
    expect(error.hint).toContain('environment');
  });

  test('another bucket than the fingerprint names', async () => {
    const error = await failureOf(
      s3.run('s3.undelete', { bucket: { ...bucket, fingerprint: { name: 'peakops' } } }),
    );
    expect(error).toMatchObject({ code: 'interlock', changed: 'nothing' });
  });
});

test('says what it would do, and how to do it by hand', async () => {
  const kind = await kindOf('s3.undelete');
  const args = { bucket: { name: 'peakops-videos' }, prefix: 'up loads/', since: '2025-11-01T00:00:00Z' };
  expect(kind.describe(args)).toBe(
    'Bring back the deleted objects of peakops-videos under up loads/ that were there at 2025-11-01T00:00:00.000Z',
  );
  expect(kind.describe({})).toBe('Bring back the deleted objects of (not known yet)');
  expect(kind.effect(args)).toBe('write');
  expect(kind.targets(args)).toEqual([
    { group: 'buckets', target: { name: 'peakops-videos' }, effect: 'write' },
  ]);
  expect(kind.byHand?.(args, s3.step().context.environment)).toMatch(
    /^(.* )aws s3api list-object-versions --bucket peakops-videos --prefix 'up loads\/' --query .* > markers.json\n\1aws s3api delete-objects /,
  );
});
