import {
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
} from '@aws-sdk/client-s3';
import type { ListObjectsV2CommandInput, S3Client } from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import type { Target } from './rig.ts';
import { allVersions, contract, failure, put } from './rig.ts';

/** In the order of UTF-8: the last two are the other way round in UTF-16. */
const KEYS = [
  'a',
  'a b',
  'photos/2024/1.jpg',
  'photos/2024/2.jpg',
  'photos/2025/1.jpg',
  'photos/index',
  'photos2',
  'z',
  'ä',
  '\uff5e',
  '😀',
];

const filled = async ({ client, versionedBucket }: Target): Promise<string> => {
  const bucket = await versionedBucket();
  for (const key of [...KEYS].reverse()) await put(client, bucket, key);
  return bucket;
};

interface Walk {
  readonly keys: string[];
  readonly prefixes: string[];
  readonly pages: number;
}

async function walk(client: S3Client, input: ListObjectsV2CommandInput): Promise<Walk> {
  const keys: string[] = [];
  const prefixes: string[] = [];
  let token: string | undefined;
  for (let pages = 1; ; pages += 1) {
    const page = await client.send(new ListObjectsV2Command({ ...input, ContinuationToken: token }));
    keys.push(...(page.Contents ?? []).map(({ Key }) => Key!));
    prefixes.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix!));
    expect(page.KeyCount).toBe((page.Contents?.length ?? 0) + (page.CommonPrefixes?.length ?? 0));
    token = page.NextContinuationToken;
    expect(page.IsTruncated).toBe(token !== undefined);
    if (token === undefined) return { keys, prefixes, pages };
  }
}

contract('listing', (rule) => {
  rule('keys come in the order of their UTF-8, in pages', async (target) => {
    const Bucket = await filled(target);
    expect((await walk(target.client, { Bucket })).keys).toEqual(KEYS);
    expect(await walk(target.client, { Bucket, MaxKeys: 3 })).toMatchObject({ keys: KEYS, pages: 4 });
  });

  rule('a listing says size, ETag and class of each object', async ({ client, bucket }) => {
    const Bucket = await bucket();
    await put(client, Bucket, 'key', 'text');
    const { Contents } = await client.send(new ListObjectsV2Command({ Bucket }));
    expect(Contents).toMatchObject([
      { Key: 'key', Size: 4, ETag: '"1cb251ec0d568de6a929b520c4aed8d1"', StorageClass: 'STANDARD' },
    ]);
  });

  rule('a prefix and a delimiter show one folder', async (target) => {
    const Bucket = await filled(target);
    const list = (input: object): Promise<Walk> => walk(target.client, { Bucket, ...input });
    expect(await list({ Prefix: 'photos/' })).toMatchObject({ keys: KEYS.slice(2, 6) });
    expect(await list({ Prefix: 'photos/', Delimiter: '/' })).toMatchObject({
      keys: ['photos/index'],
      prefixes: ['photos/2024/', 'photos/2025/'],
    });
    expect(await list({ Delimiter: '/' })).toMatchObject({
      keys: KEYS.filter((key) => !key.includes('/')),
      prefixes: ['photos/'],
    });
  });

  rule('pages go on after a common prefix', async (target) => {
    const Bucket = await filled(target);
    expect(await walk(target.client, { Bucket, Prefix: 'photos/', Delimiter: '/', MaxKeys: 1 })).toEqual({
      keys: ['photos/index'],
      prefixes: ['photos/2024/', 'photos/2025/'],
      pages: 3,
    });
  });

  rule('a listing begins after a key', async (target) => {
    const Bucket = await filled(target);
    const { keys } = await walk(target.client, { Bucket, StartAfter: 'photos/2025/1.jpg' });
    expect(keys).toEqual(KEYS.slice(5));
  });

  rule('the first version of the listing pages by marker', async (target) => {
    const Bucket = await filled(target);
    const keys: string[] = [];
    let Marker: string | undefined;
    for (;;) {
      const page = await target.client.send(new ListObjectsCommand({ Bucket, MaxKeys: 4, Marker }));
      keys.push(...(page.Contents ?? []).map(({ Key }) => Key!));
      if (page.IsTruncated !== true) break;
      Marker = keys.at(-1);
    }
    expect(keys).toEqual(KEYS);
  });

  rule('keys are encoded where that is asked for', async (target) => {
    const Bucket = await target.bucket();
    const key = 'a b/c+d%\u0001ü';
    await put(target.client, Bucket, key);
    const { Contents } = await target.client.send(new ListObjectsV2Command({ Bucket, EncodingType: 'url' }));
    expect(decodeURIComponent(Contents![0]!.Key!.replaceAll('+', ' '))).toBe(key);
  });

  rule('an encoded key has its slashes', async (target) => {
    const Bucket = await target.bucket();
    await put(target.client, Bucket, 'a b/c');
    const { Contents } = await target.client.send(new ListObjectsV2Command({ Bucket, EncodingType: 'url' }));
    expect(Contents![0]!.Key).toBe('a+b/c');
  });

  rule('no keys are asked for, none are given', async (target) => {
    const Bucket = await filled(target);
    const page = await target.client.send(new ListObjectsV2Command({ Bucket, MaxKeys: 0 }));
    expect(page).toMatchObject({ KeyCount: 0, IsTruncated: false });
  });

  rule('a token that is none is InvalidArgument', async (target) => {
    const Bucket = await filled(target);
    const refused = target.client.send(new ListObjectsV2Command({ Bucket, ContinuationToken: '!' }));
    expect(await failure(refused)).toMatchObject({ code: 'InvalidArgument', status: 400 });
  });

  rule('a deleted object is not listed', async ({ client, versionedBucket }) => {
    const Bucket = await versionedBucket();
    await put(client, Bucket, 'gone');
    await put(client, Bucket, 'there');
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'gone' }));
    expect((await walk(client, { Bucket })).keys).toEqual(['there']);
  });

  for (const pageSize of [1, 2, 3, 1000]) {
    rule(
      `all versions and markers are listed, ${String(pageSize)} to a page`,
      async ({ client, versionedBucket }) => {
        const Bucket = await versionedBucket();
        const written: { key: string; id: string }[] = [];
        for (const key of ['a', 'b/1', 'b/2']) {
          for (const text of ['1', '2', '3'])
            written.unshift({ key, id: await put(client, Bucket, key, text) });
        }
        const { VersionId } = await client.send(new DeleteObjectCommand({ Bucket, Key: 'b/1' }));
        const { versions, markers, pages } = await allVersions(client, Bucket, { pageSize });
        expect(versions.map(({ key, id }) => ({ key, id }))).toEqual(
          ['a', 'b/1', 'b/2'].flatMap((key) => written.filter((version) => version.key === key)),
        );
        expect(versions.filter(({ latest }) => latest).map(({ key }) => key)).toEqual(['a', 'b/2']);
        expect(markers).toEqual([{ key: 'b/1', id: VersionId, latest: true }]);
        expect(pages).toBe(Math.ceil(10 / pageSize));
      },
    );
  }

  rule('versions under a prefix, and folders of versions', async ({ client, versionedBucket }) => {
    const Bucket = await versionedBucket();
    for (const key of ['a', 'b/1', 'b/2', 'c']) await put(client, Bucket, key);
    const under = await allVersions(client, Bucket, { prefix: 'b/' });
    expect(under.versions.map(({ key }) => key)).toEqual(['b/1', 'b/2']);
    const page = await client.send(new ListObjectVersionsCommand({ Bucket, Delimiter: '/' }));
    expect(page.Versions!.map(({ Key }) => Key)).toEqual(['a', 'c']);
    expect(page.CommonPrefixes).toEqual([{ Prefix: 'b/' }]);
  });

  rule(
    'a listing of versions goes on after one that was removed meanwhile',
    async ({ client, versionedBucket }) => {
      const Bucket = await versionedBucket();
      const ids: string[] = [];
      for (const text of ['1', '2', '3']) ids.unshift(await put(client, Bucket, 'key', text));
      const first = await client.send(new ListObjectVersionsCommand({ Bucket, MaxKeys: 2 }));
      await client.send(new DeleteObjectCommand({ Bucket, Key: 'key', VersionId: ids[1] }));
      const second = await client.send(
        new ListObjectVersionsCommand({
          Bucket,
          KeyMarker: first.NextKeyMarker,
          VersionIdMarker: first.NextVersionIdMarker,
        }),
      );
      expect(second.Versions!.map(({ VersionId }) => VersionId)).toEqual(ids.slice(2));
    },
  );

  rule('a version marker needs a key marker', async (target) => {
    const Bucket = await filled(target);
    const refused = target.client.send(new ListObjectVersionsCommand({ Bucket, VersionIdMarker: 'null' }));
    expect(await failure(refused)).toMatchObject({ code: 'InvalidArgument', status: 400 });
  });
});
