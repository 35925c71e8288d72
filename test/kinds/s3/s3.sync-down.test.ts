import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import { manyObjects, startS3 } from '../../rig/s3.ts';
import { failureOf, kindOf } from '../../rig/step.ts';

let s3: Awaited<ReturnType<typeof startS3>>;
let bucket: ValueMap;
let path: string;
beforeAll(async () => {
  s3 = await startS3();
  bucket = await s3.bucket();
  await s3.put(bucket, { ...manyObjects(150), 'ü b/c.txt': 'hello', 'folder/': '' });
});
beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'drillbook-sync-'));
  return () => rm(path, { recursive: true });
});
afterAll(() => s3.close());

test('every object becomes a file', async () => {
  expect(await s3.run('s3.sync-down', { bucket, path })).toMatchObject({
    path,
    downloaded: 151,
    same: 0,
    objects: 151,
  });
  expect(await readFile(join(path, 'ü b', 'c.txt'), 'utf8')).toBe('hello');
  expect(await readdir(join(path, 'videos'))).toHaveLength(150);
});

test('what is there is left; what is not whole is brought again', async () => {
  await s3.run('s3.sync-down', { bucket, path, prefix: 'videos/' });
  await writeFile(join(path, 'videos', '00003.mp4'), 'cut');
  const again = { bucket, path, overwrite: true };
  expect(await s3.run('s3.sync-down', again)).toMatchObject({ downloaded: 2, same: 149 });
});

test('names of objects that look like names of half a file', async () => {
  const own = await s3.bucket();
  const names = ['.part', '.partial', '.tmp', '.old', '~'].flatMap((end) => [`v${end}`, `v${end}${end}`]);
  const objects = Object.fromEntries(
    ['v', ...names].map((name) => [name, `the bytes of ${name}`.padEnd(40)]),
  );
  await s3.put(own, objects);
  await s3.run('s3.sync-down', { bucket: own, path });
  for (const [name, text] of Object.entries(objects)) {
    expect(await readFile(join(path, name), 'utf8')).toBe(text);
  }
  expect(await readdir(path)).toHaveLength(names.length + 1);
});

test('what an earlier life left half is removed', async () => {
  const rig = s3.step();
  const partials = join(path, '.drillbook-partial', rig.context.resourceName());
  await mkdir(partials, { recursive: true });
  await writeFile(join(partials, 'half'), 'half a video');
  await s3.run('s3.sync-down', { bucket, path, prefix: 'ü' }, rig);
  expect(await readdir(path)).toEqual(['ü b']);
});

describe('content', () => {
  test('a file of the same size and time with other bytes is brought again', async () => {
    await s3.run('s3.sync-down', { bucket, path, prefix: 'ü' });
    const file = join(path, 'ü b', 'c.txt');
    const { atime, mtime } = await stat(file);
    await writeFile(file, 'HELLO');
    await utimes(file, atime, mtime);
    const again = { bucket, path, prefix: 'ü', overwrite: true };
    expect(await s3.run('s3.sync-down', again)).toMatchObject({ downloaded: 1, byDigest: 1, bySize: 0 });
    expect(await readFile(file, 'utf8')).toBe('hello');
  });

  test('an object that was written in parts is compared by the digest of its parts', async () => {
    const own = await s3.bucket();
    await s3.putInParts(own, 'large', ['x'.repeat(5 * 1024 ** 2), 'the end']);
    const args = { bucket: own, path };
    expect(await s3.run('s3.sync-down', args)).toMatchObject({ downloaded: 1, byDigest: 1, bySize: 0 });
    expect(await s3.run('s3.sync-down', args)).toMatchObject({ same: 1, byDigest: 1, bySize: 0 });
  });

  test('where the service tells no digest, sizes are compared, and the output says so', async () => {
    const own = await s3.bucket();
    await s3.put(own, { secret: 'x' }, { ServerSideEncryption: 'aws:kms' });
    expect(await s3.run('s3.sync-down', { bucket: own, path })).toMatchObject({ byDigest: 0, bySize: 1 });
  });
});

test('what is written to the bucket meanwhile is for another run', async () => {
  const own = await s3.bucket();
  await s3.put(own, manyObjects(40));
  const rig = s3.step();
  let late: Promise<void> | undefined;
  const context = { ...rig.context, progress: () => (late ??= s3.put(own, { 'a/late.mp4': 'late' })) };
  const output = await (await kindOf('s3.sync-down')).run({ bucket: own, path }, context);
  await late;
  expect(output).toMatchObject({ downloaded: 40, objects: 40 });
  expect(output['writtenSince']).toBeLessThanOrEqual(1);
  expect(await s3.run('s3.sync-down', { bucket: own, path })).toMatchObject({
    downloaded: 1,
    writtenSince: 0,
  });
});

describe('refusals', () => {
  test('a key that would lead out of the folder', async () => {
    const own = await s3.bucket();
    await s3.put(own, { 'a/../../evil': 'x', fine: 'y' });
    const error = await failureOf(s3.run('s3.sync-down', { bucket: own, path }));
    expect(error).toMatchObject({
      code: 'badName',
      changed: 'something',
      details: { failed: 1, downloaded: 1 },
    });
    expect(await readdir(path)).toEqual(['fine']);
  });

  test('a key that is a file and a folder at once', async () => {
    const own = await s3.bucket();
    await s3.put(own, { a: 'file', 'a/b': 'below' });
    await mkdir(join(path, 'a'));
    const error = await failureOf(s3.run('s3.sync-down', { bucket: own, path }));
    expect(error).toMatchObject({ code: 'badName', details: { failed: 1, downloaded: 1 } });
    expect(error.message).toContain('there is a folder of that name');
  });

  test('a key that is too long for a file, at once and shortened; the others come', async () => {
    const own = await s3.bucket();
    await s3.put(own, { fine: 'x', ['long'.repeat(100)]: 'y' });
    const error = await failureOf(s3.run('s3.sync-down', { bucket: own, path }));
    expect(error).toMatchObject({ code: 'badName', retryable: false, details: { failed: 1, downloaded: 1 } });
    expect(error.message).toMatch(/longlon…/);
    expect(error.message.length).toBeLessThan(400);
  });

  test('a key in the place of what is not whole', async () => {
    const own = await s3.bucket();
    await s3.put(own, { '.drillbook-partial/x': 'x', '.Drillbook-Partial': 'y' });
    const error = await failureOf(s3.run('s3.sync-down', { bucket: own, path }));
    expect(error).toMatchObject({ code: 'badName', details: { failed: 2 } });
  });

  test('a folder that cannot be made, before anything is fetched', async () => {
    await writeFile(join(path, 'file'), 'x');
    const error = await failureOf(s3.run('s3.sync-down', { bucket, path: join(path, 'file', 'below') }));
    expect(error).toMatchObject({ code: 'cannotWrite', changed: 'nothing', retryable: false });
  });
});

test('says what it would do', async () => {
  const kind = await kindOf('s3.sync-down');
  expect(kind.describe({ bucket, path: './backup' })).toBe(
    `Bring ${bucket['name'] as string} down to ./backup`,
  );
  expect(kind.targets({ bucket }).map(({ effect }) => effect)).toEqual(['read']);
});
