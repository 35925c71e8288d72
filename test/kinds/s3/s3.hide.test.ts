import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isJsonObject } from '../../../engine/base/json.ts';
import type { ValueMap } from '../../../engine/base/value.ts';
import { killedAt } from '../../rig/killed-step.ts';
import { manyObjects, startS3 } from '../../rig/s3.ts';
import { failureOf, kindOf } from '../../rig/step.ts';

let s3: Awaited<ReturnType<typeof startS3>>;
let folder: string;
beforeAll(async () => {
  s3 = await startS3();
  folder = await mkdtemp(join(tmpdir(), 'drillbook-hide-'));
});
afterAll(async () => {
  await s3.close();
  await rm(folder, { recursive: true });
});

const ODD = ['a b+c%20', 'ü&<>"\'', 'line\nfeed', 'control\u0001', 'x/../y', 'é\u{1f600}', '\uffee'];
const markers = async (bucket: ValueMap) => (await s3.versions(bucket)).filter(({ isMarker }) => isMarker);

async function written(name: string, keys: readonly string[]): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, keys.map((key) => `${JSON.stringify(key)}\n`).join(''));
  return path;
}

describe('objects that are named', () => {
  test('are hidden, odd names too, the others stay, and no version is lost', async () => {
    const bucket = await s3.bucket();
    await s3.put(bucket, { ...Object.fromEntries(ODD.map((key) => [key, key])), stays: 'here' });
    // Named twice, and one that is nowhere.
    const keys = [...ODD, ODD[0]!, 'never-was'];
    expect(await s3.run('s3.hide', { bucket, keys })).toMatchObject({ keys: 8, hidden: 7, absent: 1 });
    expect(await s3.contents(bucket)).toEqual({ stays: 'here' });
    expect(await s3.versions(bucket)).toHaveLength(7 + 7 + 1);
  });

  test('in a file, as s3.compare-keys writes it', async () => {
    const bucket = await s3.bucket();
    const objects = manyObjects(120);
    await s3.put(bucket, { ...objects, 'videos/stays': 'here' });
    const hidden = await written('extra-keys.jsonl', Object.keys(objects));
    const { since, ...counts } = await s3.run('s3.hide', { bucket, keysFile: hidden });
    expect(counts).toEqual({ keys: 120, hidden: 120, absent: 0 });
    expect(await s3.contents(bucket)).toEqual({ 'videos/stays': 'here' });
    // So many that the bucket is listed instead of asking for each.
    const more = await written('more-keys.jsonl', Object.keys(manyObjects(1200)));
    expect(await s3.run('s3.undelete', { bucket, keysFile: more, since: since! })).toMatchObject({
      restored: 120,
      markers: 120,
      remaining: 0,
    });
  });

  test('come back with the same keys and the moment of the output; what was hidden before stays so', async () => {
    const bucket = await s3.bucket();
    await s3.put(bucket, { a: '1', b: '2', before: '3', other: '4' });
    await s3.remove(bucket, 'before');
    await s3.moment();
    const keys = ['a', 'b', 'before'];
    const { since } = await s3.run('s3.hide', { bucket, keys });
    await s3.remove(bucket, 'other');
    expect(await s3.run('s3.undelete', { bucket, keys, since: since! })).toMatchObject({ restored: 2 });
    expect(await s3.contents(bucket)).toEqual({ a: '1', b: '2' });
  });

  test('get no second marker when they are hidden already', async () => {
    const bucket = await s3.bucket();
    await s3.put(bucket, { a: '1' });
    await s3.run('s3.hide', { bucket, keys: ['a'] });
    expect(await s3.run('s3.hide', { bucket, keys: ['a'] })).toMatchObject({ hidden: 0, absent: 1 });
    expect(await markers(bucket)).toHaveLength(1);
  });
});

test('killed in the middle, it goes on and puts no second marker', async () => {
  const bucket = await s3.bucket();
  const objects = manyObjects(150);
  await s3.put(bucket, objects);
  const keys = Object.keys(objects);
  // One at a time: most are still to come at the first mark.
  const args = { bucket, keys, concurrency: 1 };
  const checkpoint = await killedAt(
    { kind: 's3.hide', args, environment: s3.environment, folder, hurry: 1e6 },
    (saved) => isJsonObject(saved) && typeof saved['after'] === 'string',
  );
  const before = await markers(bucket);
  expect(before.length).toBeGreaterThan(0);
  expect(before.length).toBeLessThan(150);
  const { hidden, absent, since } = await s3.run('s3.hide', args, s3.step({ checkpoint }));
  expect(Number(hidden) + Number(absent)).toBe(150);
  expect(await markers(bucket)).toHaveLength(150);
  // The moment is that of the first life: what it hid comes back too.
  expect(await s3.run('s3.undelete', { bucket, keys, since: since! })).toMatchObject({ restored: 150 });
});

describe('is refused', () => {
  test.each([
    ['never versioned', 'is not versioned', undefined],
    ['suspended', 'has its versioning suspended', 'Suspended'],
  ])('where a deletion would be for good: %s', async (_, words, status) => {
    const bucket = await s3.bucket({ versioned: status !== undefined });
    await s3.put(bucket, { a: '1' });
    if (status !== undefined) await s3.run('s3.configure', { bucket, versioning: status });
    const error = await failureOf(s3.run('s3.hide', { bucket, keys: ['a'] }));
    expect(error).toMatchObject({ code: 'notVersioned', changed: 'nothing' });
    expect(error.message).toContain(words);
    expect(await s3.contents(bucket)).toEqual({ a: '1' });
  });

  test('without keys, with two lists of them, and with a file that is none', async () => {
    const bucket = await s3.bucket();
    const file = join(folder, 'plain.txt');
    await writeFile(file, '"a"\nvideos/1.mp4\n');
    expect(await failureOf(s3.run('s3.hide', { bucket }))).toMatchObject({ code: 'usage' });
    expect(await failureOf(s3.run('s3.hide', { bucket, keys: ['a'], keysFile: file }))).toMatchObject({
      code: 'usage',
    });
    const error = await failureOf(s3.run('s3.hide', { bucket, keysFile: file }));
    expect(error.message).toBe(`line 2 of ${file} is no key in JSON: "videos/1.mp4"`);
    const none = join(folder, 'none');
    expect(await failureOf(s3.run('s3.hide', { bucket, keysFile: none }))).toMatchObject({
      code: 'noSuchFile',
    });
    const both = { bucket, keys: ['a'], prefix: 'b' };
    expect(await failureOf(s3.run('s3.undelete', both))).toMatchObject({ code: 'usage' });
  });
});

test('says what it would do, and how to do it by hand', async () => {
  const kind = await kindOf('s3.hide');
  const bucket = { name: 'videos' };
  const { environment } = s3.step({ environment: {} }).context;
  expect(kind.describe({ bucket, keys: ['a b'] })).toBe('Hide a b of videos behind delete markers');
  expect(kind.describe({ bucket, keys: ['a', 'b'] })).toBe('Hide 2 objects of videos behind delete markers');
  expect(kind.describe({ bucket, keysFile: 'extra.jsonl' })).toBe(
    'Hide the objects that extra.jsonl names of videos behind delete markers',
  );
  expect(kind.effect({ bucket })).toBe('write');
  expect(kind.targets({ bucket })).toEqual([{ group: 'buckets', target: bucket, effect: 'write' }]);
  expect(kind.byHand?.({ bucket, keys: ['a b'] }, environment)).toBe(
    "aws s3api delete-object --bucket videos --key 'a b'",
  );
  expect((await kindOf('s3.undelete')).describe({ bucket, keys: ['a', 'b'] })).toBe(
    'Bring back what is deleted of 2 objects of videos',
  );
});
