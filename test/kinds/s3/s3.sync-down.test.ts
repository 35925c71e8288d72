import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
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
    expect(error.code).toBe('EISDIR');
  });
});

test('says what it would do', async () => {
  const kind = await kindOf('s3.sync-down');
  expect(kind.describe({ bucket, path: './backup' })).toBe(
    `Bring ${bucket['name'] as string} down to ./backup`,
  );
  expect(kind.targets({ bucket }).map(({ effect }) => effect)).toEqual(['read']);
});
