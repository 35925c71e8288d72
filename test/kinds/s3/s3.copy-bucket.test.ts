import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Json } from '../../../engine/base/json.ts';
import type { ValueMap } from '../../../engine/base/value.ts';
import { killedAt } from '../../rig/killed-step.ts';
import { manyObjects, startS3 } from '../../rig/s3.ts';
import { failureOf, kindOf, realClock } from '../../rig/step.ts';

const OBJECTS = 200;

let s3: Awaited<ReturnType<typeof startS3>>;
let replica: ValueMap;
beforeAll(async () => {
  s3 = await startS3();
  replica = await s3.bucket();
  await s3.put(replica, manyObjects(OBJECTS));
});
afterAll(() => s3.close());

const second = async (): Promise<ValueMap> => s3.bucket();

describe('a bucket rebuilt from its replica', () => {
  test('has every object, proved by its ETag, and its journal is short', async () => {
    const to = await second();
    await s3.moment();
    // By whose clock no time passes, however long the machine takes.
    const rig = s3.step({ clock: { ...realClock, monotonic: () => 0 } });
    expect(await s3.run('s3.copy-bucket', { from: replica, to }, rig)).toMatchObject({
      copied: OBJECTS,
      objects: OBJECTS,
      byEtag: OBJECTS,
      bySize: 0,
      extra: 0,
      writtenSince: 0,
    });
    expect(rig.checkpoints).toHaveLength(1);
    expect(await s3.versions(to)).toHaveLength(OBJECTS);
  });

  test('keeps metadata, tags, content type, cache headers and storage class', async () => {
    const [from, to] = [await second(), await second()];
    await s3.put(
      from,
      { a: 'x' },
      {
        ContentType: 'video/mp4',
        ContentDisposition: 'inline',
        CacheControl: 'no-cache',
        Metadata: { site: 'north' },
        Tagging: 'kind=video&a=b%20c',
        StorageClass: 'STANDARD_IA',
      },
    );
    await s3.run('s3.copy-bucket', { from, to });
    expect(await s3.head(to, 'a')).toMatchObject({
      ContentType: 'video/mp4',
      ContentDisposition: 'inline',
      CacheControl: 'no-cache',
      Metadata: { site: 'north' },
      StorageClass: 'STANDARD_IA',
    });
    expect(await s3.tags(to, 'a')).toEqual({ kind: 'video', a: 'b c' });
    await s3.run('s3.copy-bucket', { from, to: await second(), storageClass: 'STANDARD' });
  });

  test('under a prefix', async () => {
    const to = await second();
    expect(await s3.run('s3.copy-bucket', { from: replica, to, prefix: 'videos/0000' })).toMatchObject({
      copied: 10,
    });
  });
});

describe('under another prefix at the destination', () => {
  test('each object has its place there, odd names too; what is there is found, and so is what is extra', async () => {
    const [from, to] = [await second(), await second()];
    const names = ['a b+c%20', 'ü&<>"\'', 'line\nfeed', 'é\u{1f600}', '\uffee', 'x/../y'];
    const objects = Object.fromEntries(names.map((name) => [`uploads/${name}`, name]));
    await s3.put(from, { ...objects, 'other/x': 'not asked for' });
    await s3.put(to, { 'rebuilt/own': 'x', 'uploads/elsewhere': 'y' });
    await s3.moment();
    const args = { from, to, prefix: 'uploads/', toPrefix: 'rebuilt/' };
    expect(await s3.run('s3.copy-bucket', args)).toMatchObject({
      copied: 6,
      objects: 6,
      byEtag: 6,
      extra: 1,
    });
    expect(await s3.contents(to)).toEqual({
      ...Object.fromEntries(names.map((name) => [`rebuilt/${name}`, name])),
      'rebuilt/own': 'x',
      'uploads/elsewhere': 'y',
    });
    await s3.put(from, { 'uploads/new': 'z' });
    expect(await s3.run('s3.copy-bucket', args)).toMatchObject({ copied: 1, same: 6, extra: 1 });
  });

  test('from the whole bucket, and to the whole of it', async () => {
    const [from, to, back] = [await second(), await second(), await second()];
    await s3.put(from, { a: '1', 'b/c': '2' });
    await s3.run('s3.copy-bucket', { from, to, toPrefix: 'kept/' });
    expect(await s3.contents(to)).toEqual({ 'kept/a': '1', 'kept/b/c': '2' });
    await s3.run('s3.copy-bucket', { from: to, to: back, prefix: 'kept/', toPrefix: '' });
    expect(await s3.contents(back)).toEqual({ a: '1', 'b/c': '2' });
  });

  test('it goes on below its mark, and an object of another content is found where it is', async () => {
    const [from, to] = [await second(), await s3.bucket({ versioned: false })];
    await s3.put(to, { 'new/b': 'older' });
    await s3.moment();
    await s3.put(from, { 'old/a': '1', 'old/b': '2', 'old/c': '3' });
    await s3.moment();
    const args = { from, to, prefix: 'old/', toPrefix: 'new/' };
    const error = await failureOf(s3.run('s3.copy-bucket', args));
    expect(error).toMatchObject({ code: 'wouldOverwrite', details: { keys: ['old/b'] } });
    const order = {
      from: from['name']!,
      to: to['name']!,
      prefix: 'old/',
      storageClass: null,
      toPrefix: 'new/',
    };
    await s3.remove(to, 'new/a', 'new/b', 'new/c');
    const resumed = s3.step({ checkpoint: { order, after: 'old/b', tally: { copied: 2 } } as Json });
    // What lies below the mark is not looked at again before the proof, which then misses it.
    expect(await failureOf(s3.run('s3.copy-bucket', args, resumed))).toMatchObject({
      code: 'notProven',
      details: { missing: 2, keys: ['old/a', 'old/b'] },
    });
    expect(await s3.contents(to)).toEqual({ 'new/c': '3' });
  });

  test('beside itself in one bucket, unless one of the two lies in the other', async () => {
    const bucket = await second();
    await s3.put(bucket, { 'a/x': '1' });
    const args = { from: bucket, to: bucket, prefix: 'a/' };
    expect(await s3.run('s3.copy-bucket', { ...args, toPrefix: 'b/' })).toMatchObject({ copied: 1 });
    expect(await s3.contents(bucket)).toEqual({ 'a/x': '1', 'b/x': '1' });
    for (const toPrefix of ['a/', 'a/b/', '']) {
      expect(await failureOf(s3.run('s3.copy-bucket', { ...args, toPrefix }))).toMatchObject({
        code: 'usage',
      });
    }
  });
});

describe('what is there already', () => {
  test('is not copied again', async () => {
    const [from, to] = [await second(), await second()];
    await s3.put(from, { a: '1', b: '2' });
    await s3.run('s3.copy-bucket', { from, to });
    await s3.put(from, { c: '3' });
    expect(await s3.run('s3.copy-bucket', { from, to })).toMatchObject({ copied: 1, same: 2 });
    expect(await s3.versions(to)).toHaveLength(3);
  });

  test('and newer is left; older is replaced, and stays as a version', async () => {
    const [from, to] = [await second(), await second()];
    await s3.put(to, { old: 'older' });
    await s3.moment();
    await s3.put(from, { old: 'from the replica', new: 'from the replica' });
    await s3.moment();
    await s3.put(to, { new: 'uploaded since', own: 'x' });
    await s3.moment();
    expect(await s3.run('s3.copy-bucket', { from, to })).toMatchObject({
      copied: 0,
      replaced: 1,
      newer: 1,
      extra: 1,
    });
    expect(await s3.contents(to)).toEqual({ old: 'from the replica', new: 'uploaded since', own: 'x' });
    expect(await s3.versions(to)).toHaveLength(4);
  });

  test('and older, where nothing keeps it, is not touched', async () => {
    const [from, to] = [await second(), await s3.bucket({ versioned: false })];
    await s3.put(to, { a: 'older' });
    await s3.moment();
    await s3.put(from, { a: 'newer', b: 'fine' });
    const error = await failureOf(s3.run('s3.copy-bucket', { from, to }));
    expect(error).toMatchObject({
      code: 'wouldOverwrite',
      changed: 'something',
      details: { failed: 1, keys: ['a'] },
    });
    expect(await s3.contents(to)).toEqual({ a: 'older', b: 'fine' });
  });
});

describe('killed in the middle', () => {
  test('it goes on below its mark: nothing is copied twice', async () => {
    const to = await second();
    // One at a time, and a mark after each: most are still to come at the tenth.
    const args = { from: replica, to, concurrency: 1 };
    let marks = 0;
    const checkpoint = await killedAt(
      { kind: 's3.copy-bucket', args, environment: s3.environment, folder: tmpdir(), hurry: 1e6 },
      () => ++marks === 10,
    );
    const before = await s3.versions(to);
    expect(before.length).toBeGreaterThan(0);
    expect(before.length).toBeLessThan(OBJECTS);
    const output = await s3.run('s3.copy-bucket', { from: replica, to }, s3.step({ checkpoint }));
    expect(output).toMatchObject({ byEtag: OBJECTS, extra: 0 });
    expect(Number(output['copied']) + Number(output['same'])).toBe(OBJECTS);
    expect(await s3.versions(to)).toHaveLength(OBJECTS);
  });
});

describe('refusals', () => {
  test('an archived object is named, and the others are copied', async () => {
    const [from, to] = [await second(), await second()];
    await s3.put(from, { deep: 'x' }, { StorageClass: 'DEEP_ARCHIVE' });
    await s3.put(from, { plain: 'y' });
    const error = await failureOf(s3.run('s3.copy-bucket', { from, to }));
    expect(error).toMatchObject({ code: 'InvalidObjectState', details: { keys: ['deep'], copied: 1 } });
  });

  test('onto itself, and between two services', async () => {
    expect(await failureOf(s3.run('s3.copy-bucket', { from: replica, to: replica }))).toMatchObject({
      code: 'usage',
    });
    const elsewhere = { ...(await second()), endpoint: 'http://127.0.0.1:2' };
    expect(await failureOf(s3.run('s3.copy-bucket', { from: replica, to: elsewhere }))).toMatchObject({
      code: 'differentServices',
      changed: 'nothing',
    });
  });

  test('a destination that is gone: one error, not one for each object', async () => {
    const error = await failureOf(s3.run('s3.copy-bucket', { from: replica, to: { name: 'gone' } }));
    expect(error).toMatchObject({ code: 'NoSuchBucket', changed: 'nothing' });
  });
});

test('says what it would do, and how to do it by hand', async () => {
  const kind = await kindOf('s3.copy-bucket');
  const args = { from: { name: 'replica' }, to: { name: 'videos' } };
  expect(kind.describe(args)).toBe('Copy replica to videos, keeping what is there');
  expect(kind.targets(args).map(({ effect }) => effect)).toEqual(['read', 'write']);
  expect(kind.byHand?.(args, s3.step({ environment: {} }).context.environment)).toBe(
    'aws s3 sync s3://replica/ s3://videos/ --copy-props default',
  );
  const beside = { ...args, prefix: 'uploads/', toPrefix: 'rebuilt/' };
  expect(kind.describe(beside)).toBe(
    'Copy replica under uploads/ to videos under rebuilt/, keeping what is there',
  );
  expect(kind.byHand?.(beside, s3.step({ environment: {} }).context.environment)).toBe(
    'aws s3 sync s3://replica/uploads/ s3://videos/rebuilt/ --copy-props default',
  );
});
