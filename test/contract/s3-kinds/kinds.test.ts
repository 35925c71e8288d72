import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import { identify } from '../../../engine/kinds/environment/identity.ts';
import { copyObject } from '../../../engine/kinds/s3/bulk/copy.ts';
import { UploadLedger } from '../../../engine/kinds/s3/bulk/upload-ledger.ts';
import type { S3Object } from '../../../engine/kinds/s3/client/list.ts';
import { listObjects } from '../../../engine/kinds/s3/client/list.ts';
import { targetUse } from '../../../engine/kinds/context/target.ts';
import { needing } from '../../rig/needed-programs.ts';
import { RADOSGW } from '../../rig/radosgw.ts';
import type { S3Rig } from '../../rig/s3.ts';
import { manyObjects, s3Rig, startS3 } from '../../rig/s3.ts';
import { failureOf, kindOf } from '../../rig/step.ts';
import { servers } from '../s3/rig.ts';

// The S3 steps against a real server where there is one, and against the sandbox's own service.
const MIB = 1024 ** 2;
const PARTS = { single: 5 * MIB, part: 5 * MIB };

for (const name of servers()) {
  describe(name, name === 'radosgw' ? needing(...RADOSGW) : {}, () => {
    let s3: S3Rig;
    let close = (): Promise<void> => Promise.resolve();
    beforeAll(async () => {
      const real = inject('radosgw');
      if (name === 'radosgw' && real !== undefined) s3 = s3Rig(real);
      else {
        const sandbox = await startS3();
        s3 = sandbox;
        close = sandbox.close;
      }
    });
    afterAll(() => close());

    test('undelete: over pages of versions, with several markers and every kind of name', async () => {
      const bucket = await s3.bucket();
      const objects = {
        ...manyObjects(1100),
        'a b+c%20/ü&<>"\'': 'x',
        'line\nfeed': 'y',
        'control\u0001': 'z',
      };
      await s3.put(bucket, objects);
      await s3.remove(bucket, ...Object.keys(objects));
      await s3.remove(bucket, ...Object.keys(objects).slice(1000));
      // Ceph puts no second marker above the first.
      const markers = name === 'radosgw' ? 1103 : 1206;
      expect(await s3.run('s3.undelete', { bucket })).toEqual({
        restored: 1103,
        markers,
        lost: 0,
        remaining: 0,
      });
      const listed = await s3.run('s3.list', { bucket });
      expect(listed).toMatchObject({ count: 1103 });
    });

    test('compare-buckets and read-back: a copy that lacks, differs and is whole, also in parts', async () => {
      const [left, right] = [await s3.bucket(), await s3.bucket()];
      await s3.put(left, manyObjects(60));
      await s3.put(right, manyObjects(50));
      await s3.put(right, { 'videos/00003.mp4': 'evil 3' });
      const parts = ['x'.repeat(PARTS.part), 'end'];
      for (const bucket of [left, right]) await s3.putInParts(bucket, 'long.mp4', parts);
      expect(await s3.run('s3.compare-buckets', { left, right })).toMatchObject({
        ...{ leftObjects: 61, rightObjects: 51, byEtag: 50, missing: 10, different: 1, extra: 0 },
        differentKeys: ['videos/00003.mp4'],
      });
      // Ceph does not tell how long the parts of an object are.
      const bySize = name === 'radosgw' ? 1 : 0;
      expect(await s3.run('s3.read-back', { bucket: right })).toMatchObject({
        ...{ objects: 51, read: 51, byDigest: 51 - bySize, bySize, wrong: [], missing: [] },
      });
      const named = await s3.run('s3.read-back', { bucket: right, keys: ['long.mp4', 'none.mp4'] });
      expect(named).toMatchObject({ read: 1, missing: ['none.mp4'] });
    });

    test('restore-version: a prefix as of a moment, and what belongs to the objects', async () => {
      const bucket = await s3.bucket();
      const headers = {
        ContentType: 'video/mp4',
        CacheControl: 'no-cache',
        Metadata: { site: 'north' },
        Tagging: 'k=v',
      };
      await s3.put(bucket, manyObjects(60), headers);
      const at = await s3.moment();
      await s3.put(bucket, manyObjects(50, 'bad'));
      await s3.remove(bucket, 'videos/00055.mp4');
      expect(await s3.run('s3.restore-version', { bucket, prefix: 'videos/', at })).toMatchObject({
        restored: 51,
        unchanged: 9,
        byEtag: 60,
      });
      expect((await s3.contents(bucket))['videos/00007.mp4']).toBe('good 7');
      expect(await s3.head(bucket, 'videos/00007.mp4')).toMatchObject({
        ContentType: 'video/mp4',
        CacheControl: 'no-cache',
        Metadata: { site: 'north' },
      });
      expect(await s3.tags(bucket, 'videos/00007.mp4')).toEqual({ k: 'v' });
    });

    test('copy-bucket: everything, then only what is new', async () => {
      const [from, to] = [await s3.bucket(), await s3.bucket()];
      await s3.put(from, { ...manyObjects(1100), 'a b+c%20/ü': 'x' });
      await s3.moment();
      expect(await s3.run('s3.copy-bucket', { from, to })).toMatchObject({ copied: 1101, byEtag: 1101 });
      await s3.put(from, { 'videos/new': 'x' });
      expect(await s3.run('s3.copy-bucket', { from, to })).toMatchObject({ copied: 1, same: 1101 });
    });

    test('a copy in parts keeps metadata and tags, and goes on where another life ended', async () => {
      const [from, to] = [await s3.bucket(), await s3.bucket()];
      const headers = { ContentType: 'video/mp4', Metadata: { site: 'north' }, Tagging: 'k=v' };
      await s3.put(from, { large: 'x'.repeat(12 * MIB) }, headers);
      const source = { from: s3.client(from), ...(await first(listObjects(s3.client(from), {}))) };
      const rig = s3.step();
      const options = { storageClass: 'STANDARD', limits: PARTS };
      const unfinished = new UploadLedger(rig.context, { test: 1 });
      // A life that ends as soon as the upload has begun.
      const killed = Object.assign(Object.create(unfinished) as UploadLedger, {
        find: () => undefined,
        begun: async (key: string, id: string) => {
          await unfinished.begun(key, id);
          throw new Error('killed');
        },
      });
      await expect(copyObject(s3.client(to), source, { ...options, uploads: killed })).rejects.toThrow(
        'killed',
      );
      const next = s3.step({ checkpoint: rig.checkpoints.at(-1)! });
      const uploads = new UploadLedger(next.context, { test: 1 });
      expect(uploads.find('large')).toBeDefined();
      await copyObject(s3.client(to), source, { ...options, uploads });
      expect(uploads.find('large')).toBeUndefined();
      const head = await s3.head(to, 'large');
      expect(head).toMatchObject({
        ContentLength: 12 * MIB,
        ContentType: 'video/mp4',
        Metadata: { site: 'north' },
      });
      expect(head.ETag).toMatch(/-3"$/);
      expect(await s3.tags(to, 'large')).toEqual({ k: 'v' });
      expect(await s3.run('s3.copy-bucket', { from, to })).toMatchObject({ copied: 0, same: 1, bySize: 1 });
      const client = s3.client(to);
      const open = await client.ask('uploads', (sdk) => sdk.listMultipartUploads(client.ownBucket));
      expect(open.Uploads ?? []).toEqual([]);
    });

    test('create-bucket, configure, inspect', async () => {
      const { bucket } = await s3.run('s3.create-bucket', { name: `drillbook-${process.pid}-${Date.now()}` });
      const target = bucket as ValueMap;
      const wanted = {
        versioning: 'Enabled',
        cors: [{ AllowedMethods: ['GET'], AllowedOrigins: ['https://peakops.example'] }],
        tags: { team: 'devops' },
        lifecycle: [
          {
            ID: 'old',
            Status: 'Enabled',
            Filter: { Prefix: 'tmp/' },
            NoncurrentVersionExpiration: { NoncurrentDays: 90 },
          },
        ],
      };
      const { changed } = await s3.run('s3.configure', { bucket: target, ...wanted });
      expect(changed).toEqual(['versioning', 'cors', 'tags', 'lifecycle']);
      expect(await s3.run('s3.inspect', { bucket: target })).toMatchObject({ ...wanted, empty: true });
      await s3.run('s3.configure', { bucket: target, lifecycle: [], cors: [] });
      expect(await s3.run('s3.inspect', { bucket: target })).toMatchObject({ lifecycle: [], cors: [] });
      const { name: taken } = await s3.bucket();
      expect(await failureOf(s3.run('s3.create-bucket', { name: taken! }))).toMatchObject({
        code: 'BucketAlreadyOwnedByYou',
      });
    });

    test('put: a folder with names of every kind and a file in parts, never over another object', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'drillbook-contract-'));
      const bucket = await s3.bucket();
      const names = ['a b+c%20', 'ü&<>"\'', 'line\nfeed', 'é\u{1f600}'];
      for (const name of names) await writeFile(join(folder, name), name);
      await writeFile(join(folder, 'large'), 'x'.repeat(17 * MIB));
      const args = { bucket, path: folder, prefix: 'up/' };
      expect(await s3.run('s3.put', args)).toMatchObject({ files: 5, uploaded: 5 });
      expect(await s3.run('s3.put', args)).toMatchObject({ uploaded: 0, same: 5 });
      await writeFile(join(folder, 'ü&<>"\''), 'another');
      expect(await failureOf(s3.run('s3.put', args))).toMatchObject({ code: 'exists', changed: 'nothing' });
      expect(await s3.run('s3.put', { ...args, overwrite: true })).toMatchObject({ replaced: 1, same: 4 });
      expect((await s3.contents(bucket))['up/ü&<>"\'']).toBe('another');
      await rm(folder, { recursive: true });
    });

    test('hide and undelete: listed keys of every kind, and only what was there', async () => {
      const bucket = await s3.bucket();
      const keys = ['a b+c%20/ü&<>"\'', 'line\nfeed', 'control\u0001', 'é\u{1f600}', 'before'];
      await s3.put(bucket, Object.fromEntries([...keys, 'stays'].map((key) => [key, key])));
      await s3.remove(bucket, 'before');
      await s3.moment();
      const { since, ...counts } = await s3.run('s3.hide', { bucket, keys });
      expect(counts).toEqual({ keys: 5, hidden: 4, absent: 1 });
      expect(await s3.contents(bucket)).toEqual({ stays: 'stays' });
      expect(await s3.run('s3.undelete', { bucket, keys, since: since! })).toMatchObject({
        restored: 4,
        markers: 4,
        remaining: 0,
      });
      const plain = await s3.bucket({ versioned: false });
      expect(await failureOf(s3.run('s3.hide', { bucket: plain, keys }))).toMatchObject({
        code: 'notVersioned',
      });
    });

    test('delete-bucket: versions, markers, odd keys, unfinished uploads, and the bucket', async () => {
      const bucket = await s3.bucket();
      const keys = ['a b+c%20/ü&<>"\'', 'line\nfeed', 'control\u0001', 'é\u{1f600}'];
      await s3.put(bucket, { ...manyObjects(600), ...Object.fromEntries(keys.map((key) => [key, key])) });
      await s3.put(bucket, manyObjects(10, 'second'));
      await s3.remove(bucket, ...keys);
      for (const key of keys) await s3.beginUpload(bucket, key);
      expect(
        await s3.run('s3.delete-bucket', { bucket, which: 'any, with all that is in it' }),
      ).toMatchObject({
        versions: 614,
        markers: 4,
        uploads: 4,
      });
      const client = s3.client(bucket);
      const gone = await client.attempt((sdk) => sdk.headBucket(client.ownBucket));
      expect('refusal' in gone && gone.refusal.status).toBe(404);
    });

    // Ceph replicates between whole clusters, and says nothing of an object.
    test('prove-replication: a bucket that replicates nothing is never taken for one that does', async () => {
      const [from, to] = [await s3.bucket(), await s3.bucket()];
      await s3.put(from, { a: '1' });
      await s3.run('s3.copy-bucket', { from, to });
      expect(await failureOf(s3.run('s3.prove-replication', { from, to }))).toMatchObject({
        code: 'notReplicated',
      });
      expect(await s3.contents(from)).toEqual({ a: '1' });
      expect(await s3.versions(from)).toHaveLength(1);
    });

    test('delete-bucket: Object Lock is refused before anything is gone', async () => {
      const bucket = { name: `drillbook-locked-${process.pid}-${Date.now()}` };
      const client = s3.client(bucket);
      const locked = { Bucket: bucket.name, ObjectLockEnabledForBucket: true };
      await client.ask('make', (sdk) => sdk.createBucket(locked));
      await s3.put(bucket, { a: '1' });
      const which = 'any, with all that is in it';
      expect(await failureOf(s3.run('s3.delete-bucket', { bucket, which }))).toMatchObject({
        code: 'objectLock',
        changed: 'nothing',
      });
      expect(await s3.contents(bucket)).toEqual({ a: '1' });
    });

    test('sync-down and get', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'drillbook-contract-'));
      const bucket = await s3.bucket();
      await s3.put(bucket, { ...manyObjects(30), large: 'x'.repeat(3 * MIB) });
      expect(await s3.run('s3.sync-down', { bucket, path: folder })).toMatchObject({
        downloaded: 31,
        objects: 31,
      });
      expect(await s3.run('s3.sync-down', { bucket, path: folder })).toMatchObject({
        downloaded: 0,
        same: 31,
      });
      expect(await readdir(folder)).toEqual(['large', 'videos']);
      expect(await s3.run('s3.get', { bucket, key: 'videos/00003.mp4' })).toMatchObject({ text: 'good 3' });
      await rm(folder, { recursive: true });
    });

    test('who a bucket is', async () => {
      const bucket = await s3.bucket();
      const { environment, secrets, signal } = s3.step().context;
      const ask = (target: ValueMap) =>
        identify(targetUse('buckets', target, 'write'), environment, secrets, signal);
      expect(await ask(bucket)).toMatchObject({ verdict: 'match', facts: { versioning: 'enabled' } });
      expect(await ask({ name: 'gone-bucket', fingerprint: { name: 'gone-bucket' } })).toMatchObject({
        verdict: 'unreachable',
      });
    });

    test('mistakes are told apart', async () => {
      const bucket = { name: (await s3.bucket())['name']! };
      const wrong = (keys: Partial<Record<'accessKeyId' | 'secretAccessKey', string>>): Promise<unknown> => {
        const { endpoint, credentials } = s3.environment['aws'] as {
          endpoint: string;
          credentials: Record<string, { name: string }>;
        };
        const plain = (key: string): string => process.env[credentials[key]?.name ?? ''] ?? '';
        const server = {
          url: endpoint,
          accessKeyId: plain('accessKeyId'),
          secretAccessKey: plain('secretAccessKey'),
          ...keys,
        };
        return s3Rig(server).run('s3.list', { bucket });
      };
      expect(await failureOf(wrong({ accessKeyId: 'AKIANOBODY' }))).toMatchObject({
        code: 'InvalidAccessKeyId',
      });
      expect(await failureOf(wrong({ secretAccessKey: 'wrong' }))).toMatchObject({
        code: 'SignatureDoesNotMatch',
      });
      expect(await failureOf(s3.run('s3.list', { bucket: { name: 'gone-bucket' } }))).toMatchObject({
        code: 'NoSuchBucket',
      });
      expect(await failureOf(s3.run('s3.get', { bucket, key: 'nothing' }))).toMatchObject({
        code: 'NoSuchKey',
      });
      const kind = await kindOf('s3.restore-version');
      const versioned = await s3.bucket();
      expect(
        await failureOf(kind.run({ bucket: versioned, key: 'a', versionId: 'x' }, s3.step().context)),
      ).toMatchObject({
        code: 'NoSuchVersion',
      });
    });
  });
}

async function first(objects: AsyncIterable<S3Object>): Promise<S3Object> {
  for await (const object of objects) return object;
  throw new Error('there is none');
}
