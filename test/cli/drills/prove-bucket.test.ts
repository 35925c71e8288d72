import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../engine/base/json.ts';
import type { ValueMap } from '../../../engine/base/value.ts';
import { describeBackup, makeDumps } from '../../rig/backups.ts';
import { drillbook, temporaryFolder } from '../../rig/drillbook.ts';
import { manyObjects, startS3 } from '../../rig/s3.ts';

const LONG_MS = 600_000;
const KEYS = { accessKeyId: { env: 'PROVE_TEST_KEY' }, secretAccessKey: { env: 'PROVE_TEST_SECRET' } };

interface Check {
  readonly id: string;
  readonly verdict: string;
  readonly reading: string;
  readonly shownRed?: boolean;
}

let s3: Awaited<ReturnType<typeof startS3>>;
let original: ValueMap;
let copy: ValueMap;
const CANARY = 'still alive';

/** A bucket as the file of a backup names it. */
const entryOf = (bucket: ValueMap): JsonObject => ({
  ...{ name: bucket['name'] as string, region: 'us-east-1', endpoint: s3.server.url, pathStyle: true },
  credentials: KEYS,
});

beforeAll(async () => {
  s3 = await startS3();
  [original, copy] = [await s3.bucket(), await s3.bucket()];
  for (const bucket of [original, copy]) {
    await s3.put(bucket, { ...manyObjects(30), 'canary.txt': CANARY });
  }
});
afterAll(() => s3.close());

async function prove(cwd: string): Promise<{ exitCode: number | null; checks: readonly Check[] }> {
  const env = { PROVE_TEST_KEY: s3.server.accessKeyId, PROVE_TEST_SECRET: s3.server.secretAccessKey };
  const { exitCode, stdout, stderr } = await drillbook(['prove', '--json'], { cwd, env });
  expect(stderr).toBe('');
  const card = JSON.parse(stdout) as { readonly backups: readonly { readonly checks: readonly Check[] }[] };
  return { exitCode, checks: card.backups[0]?.checks ?? [] };
}

const failed = (checks: readonly Check[]): readonly string[] =>
  checks.filter(({ verdict }) => verdict === 'failed').map(({ id }) => id);

describe('the copy of a bucket', () => {
  const within = '1s';
  const describeCopy = (cwd: string, more: JsonObject = {}, checks: JsonObject = {}): void =>
    describeBackup(join(cwd, 'playbooks'), 'photos', {
      bucket: { copy: entryOf(copy), original: entryOf(original), within, ...more },
      checks: { age: '1h', canaries: { first: { key: 'canary.txt', text: CANARY } }, ...checks },
    });

  it('is proven, with each of its checks red where everything is lost', { timeout: LONG_MS }, async () => {
    await s3.moment();
    const cwd = temporaryFolder();
    describeCopy(cwd);
    const writes = s3.service.writes;
    const { exitCode, checks } = await prove(cwd);
    expect(checks.filter(({ verdict }) => verdict !== 'proven')).toEqual([]);
    expect(exitCode).toBe(0);
    expect(checks.map(({ id }) => id)).toEqual([
      ...['Found', 'Age', 'Size', 'Count', 'Original', 'Restored', 'CanaryFirst'],
    ]);
    expect(checks.every(({ shownRed }) => shownRed === true)).toBe(true);
    expect(checks.find(({ id }) => id === 'Restored')?.reading).toContain('31 held against their digest');
    // It is only read.
    expect(s3.service.writes).toBe(writes);
  });

  it(
    'is red where it has shrunk, lacks what the original has, or holds something else',
    { timeout: LONG_MS },
    async () => {
      const cwd = temporaryFolder();
      describeCopy(cwd);
      expect((await prove(cwd)).exitCode).toBe(0);
      const lost = Object.keys(manyObjects(10));
      await s3.remove(copy, ...lost);
      const shrunk = await prove(cwd);
      expect(failed(shrunk.checks)).toEqual(['Size', 'Count', 'Original']);
      await s3.put(copy, { ...manyObjects(10), 'videos/00029.mp4': 'evil 29', 'canary.txt': 'still alivE' });
      const other = await prove(cwd);
      expect(failed(other.checks)).toEqual(['Original', 'CanaryFirst']);
      expect(other.checks.find(({ id }) => id === 'Original')?.reading).toContain(
        '2 are there with another content: canary.txt, videos/00029.mp4',
      );
      expect(other.exitCode).toBe(1);
      await s3.put(copy, { ...manyObjects(30), 'canary.txt': CANARY });
    },
  );

  it('is red where bytes of it have rotted, whatever it lists', { timeout: LONG_MS }, async () => {
    const rotten = await s3.bucket();
    await s3.put(rotten, { 'one.bin': 'as it was written' });
    const folder = s3.folder;
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const path = join(folder, name);
      try {
        if (readFileSync(path, 'utf8') === 'as it was written') writeFileSync(path, 'as it was wrItten');
      } catch {
        // A folder.
      }
    }
    const cwd = temporaryFolder();
    describeBackup(join(cwd, 'playbooks'), 'rotten', { bucket: { copy: entryOf(rotten) } });
    const { exitCode, checks } = await prove(cwd);
    expect(exitCode).toBe(1);
    expect(failed(checks)).toEqual(['Restored']);
    expect(checks.find(({ id }) => id === 'Restored')?.reading).toContain('one.bin');
  });

  it('asks nothing more where nothing is there, or may be asked', { timeout: LONG_MS }, async () => {
    const cwd = temporaryFolder();
    describeCopy(cwd, { prefix: 'nothing/' });
    const { exitCode, checks } = await prove(cwd);
    expect(exitCode).toBe(1);
    expect(checks[0]).toMatchObject({ id: 'Found', verdict: 'failed' });
    expect(new Set(checks.slice(1).map(({ verdict }) => verdict))).toEqual(new Set(['skipped']));
    describeCopy(cwd, { copy: { ...entryOf(copy), name: 'nobody-made-this' } });
    const gone = await prove(cwd);
    expect(gone.checks[0]?.reading).toContain('there is no bucket nobody-made-this');
    expect(gone.exitCode).toBe(1);
  });
});

/** An application that shows what its bucket holds, and one page that it does not read from there. */
const APPLICATION = `
  import { createServer } from 'node:http';
  import { S3 } from '${import.meta.resolve('@aws-sdk/client-s3')}';
  const { ENDPOINT: endpoint, BUCKET: Bucket } = process.env;
  const s3 = new S3({ endpoint, forcePathStyle: true });
  createServer(async ({ url }, response) => {
    if (url === '/about') return response.end('a shop');
    try {
      const { Body } = await s3.getObject({ Bucket, Key: url.slice(1) });
      response.end(await Body.transformToString());
    } catch (error) {
      response.writeHead(404).end(error.name);
    }
  }).listen(Number(process.argv[2]), '127.0.0.1');`;

describe('an application on the copy of a bucket', () => {
  const describeWith = (cwd: string, application: JsonObject): void => {
    writeFileSync(join(cwd, 'shop.mjs'), APPLICATION);
    describeBackup(join(cwd, 'playbooks'), 'photos', {
      bucket: { copy: entryOf(copy) },
      checks: {
        application: {
          command: ['node', 'shop.mjs', '${{ port }}'],
          cwd: '../..',
          env: {
            ENDPOINT: '${{ parts.copy.url }}',
            BUCKET: copy['name'] as string,
            AWS_REGION: 'us-east-1',
            AWS_ACCESS_KEY_ID: '${{ parts.copy.accessKeyId }}',
            AWS_SECRET_ACCESS_KEY: '${{ parts.copy.secretAccessKey }}',
          },
          ready: { path: '/about' },
          ...application,
        },
      },
    });
  };
  const shows = (path: string, text: string): JsonObject => ({ path, that: `output.body == "${text}"` });

  it(
    'reads what has been restored into a bucket on this machine, and no more when that is emptied',
    { timeout: LONG_MS },
    async () => {
      const cwd = temporaryFolder();
      const requests = { canary: shows('/canary.txt', CANARY), about: shows('/about', 'a shop') };
      describeWith(cwd, { requests });
      const writes = s3.service.writes;
      const { exitCode, checks } = await prove(cwd);
      expect(checks.slice(-4)).toMatchObject([
        { id: 'Copied', verdict: 'proven', shownRed: true },
        { id: 'Application', verdict: 'proven' },
        { id: 'RequestCanary', verdict: 'proven', shownRed: true },
        // A page that does not read the bucket says nothing of the backup.
        { id: 'RequestAbout', verdict: 'unproven' },
      ]);
      expect(checks.find(({ id }) => id === 'Copied')?.reading).toMatch(/^31 objects, /);
      expect(exitCode).toBe(1);
      expect(s3.service.writes).toBe(writes);
    },
  );

  it('is not started where there is nothing to be started on', { timeout: LONG_MS }, async () => {
    const cwd = temporaryFolder();
    describeWith(cwd, { prefix: 'nothing/', requests: { canary: shows('/canary.txt', CANARY) } });
    const { exitCode, checks } = await prove(cwd);
    expect(checks.slice(-3)).toMatchObject([
      { id: 'Copied', verdict: 'failed', reading: 'Nothing lies there' },
      { id: 'Application', verdict: 'skipped' },
      { id: 'RequestCanary', verdict: 'skipped' },
    ]);
    expect(exitCode).toBe(1);
  });
});

describe('a dump in a bucket', () => {
  let dumps: string;
  let bucket: ValueMap;
  beforeAll(async () => {
    dumps = await mkdtemp(join(tmpdir(), 'drillbook-test-dumps-'));
    await makeDumps(dumps);
    bucket = await s3.bucket();
  }, LONG_MS);
  afterAll(() => rm(dumps, { recursive: true, force: true }));

  const put = async (key: string, content: Buffer): Promise<void> => {
    const client = s3.client(bucket);
    await client.ask('put', (api) => api.putObject({ ...client.ownBucket, Key: key, Body: content }));
    await s3.moment();
  };

  it(
    'is found by its name, brought here, restored and checked, and nothing of it stays',
    { timeout: LONG_MS },
    async () => {
      const whole = readFileSync(join(dumps, 'custom', 'shop'));
      const digest = createHash('sha256').update(whole).digest('hex');
      await put('nightly/shop-1.dump', readFileSync(join(dumps, 'cut', 'shop')));
      await put('nightly/shop-2.dump', whole);
      await put('nightly/shop-2.dump.sha256', Buffer.from(`${digest}  shop-2.dump\n`));
      await put('nightly/other-3.dump', Buffer.from('of something else'));
      const cwd = temporaryFolder();
      const dump = { bucket: entryOf(bucket), prefix: 'nightly/', files: 'shop-*.dump', database: 'shop' };
      describeBackup(join(cwd, 'playbooks'), 'shop', { dump, checks: { age: '1h' } });
      const { exitCode, checks } = await prove(cwd);
      expect(checks.filter(({ verdict }) => verdict !== 'proven')).toEqual([]);
      expect(exitCode).toBe(0);
      expect(checks.map(({ id }) => id).slice(0, 3)).toEqual(['Newest', 'Fetched', 'Found']);
      expect(checks.find(({ id }) => id === 'Found')?.reading).toContain(digest);
      const left = readdirSync(cwd, { recursive: true, encoding: 'utf8' });
      expect(left.filter((name) => name.endsWith('.dump'))).toEqual([]);

      await put('nightly/shop-4.dump', readFileSync(join(dumps, 'cut', 'shop')));
      expect(failed((await prove(cwd)).checks)).toEqual(['Size', 'Restored']);
      describeBackup(join(cwd, 'playbooks'), 'shop', { dump: { ...dump, files: 'none-*' } });
      const none = await prove(cwd);
      expect(failed(none.checks)).toEqual(['Newest']);
      expect(none.checks[0]?.reading).toContain('none is a dump that is named like none-*');
    },
  );
});
