// Measures the S3 steps against other ways to do the same, side by side on a real S3 server (Ceph's
// radosgw, started here): `npm run build && node test/bench/s3.js [objects] [rounds]`. What is not installed is left out.
// The server shares the machine's processors with its clients: ratios count, not figures. Nothing is asserted.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { Instant } from '../../dist/base/instant.js';
import { STEP_KINDS } from '../../dist/steps/index.js';
import { createSecretResolver } from '../../dist/steps/secrets.js';

const OBJECTS = Number(process.argv[2] ?? 2000);
const ROUNDS = Number(process.argv[3] ?? 3);
const SIZE = 16 * 1024;
const CONCURRENCY = 32;
/** The command of the procedure document, once per object, is timed on so many. */
const BY_HAND = 12;

const run = promisify(execFile);
const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
const isInstalled = async (program) =>
  run('which', [program]).then(
    () => true,
    () => false,
  );

const gateway = spawn(join(import.meta.dirname, '..', 'rig', 'radosgw'), {
  stdio: ['pipe', 'pipe', 'inherit'],
});
const server = JSON.parse((await once(createInterface(gateway.stdout), 'line'))[0]);
const ambient = { ...process.env };
// Certificates from the environment cost every Node.js 50 ms at start, and rclone refuses to start with them.
delete ambient.NODE_EXTRA_CA_CERTS;
delete ambient.AWS_CA_BUNDLE;
const env = {
  ...ambient,
  AWS_ACCESS_KEY_ID: server.accessKeyId,
  AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
  AWS_DEFAULT_REGION: 'us-east-1',
  RCLONE_CONFIG_R_TYPE: 's3',
  RCLONE_CONFIG_R_PROVIDER: 'Ceph',
  RCLONE_CONFIG_R_ENDPOINT: server.url,
  RCLONE_CONFIG_R_ACCESS_KEY_ID: server.accessKeyId,
  RCLONE_CONFIG_R_SECRET_ACCESS_KEY: server.secretAccessKey,
};
Object.assign(process.env, env);
const folder = mkdtempSync(join(tmpdir(), 'drillbook-bench-'));
const aws = (...words) => run('aws', ['--endpoint-url', server.url, ...words], { env, maxBuffer: 1 << 28 });

const sdk = new S3Client({
  endpoint: server.url,
  region: 'us-east-1',
  forcePathStyle: true,
  credentials: { accessKeyId: server.accessKeyId, secretAccessKey: server.secretAccessKey },
  requestHandler: new NodeHttpHandler({ httpAgent: { keepAlive: true, maxSockets: CONCURRENCY } }),
});

async function step(kind, args) {
  const environment = {
    name: 'bench',
    kind: 'sandbox',
    policy: {},
    data: {
      aws: {
        endpoint: server.url,
        credentials: {
          accessKeyId: { $ref: 'env', name: 'AWS_ACCESS_KEY_ID' },
          secretAccessKey: { $ref: 'env', name: 'AWS_SECRET_ACCESS_KEY' },
        },
      },
    },
  };
  const loaded = await STEP_KINDS[kind]();
  return loaded.run(args, {
    run: { id: 'bench', mode: 'drill', folder },
    step: 'bench',
    environment,
    clock: {
      now: () => Instant.fromMillis(Date.now()),
      monotonic: () => performance.now(),
      sleep: (millis) => sleep(millis),
    },
    signal: new AbortController().signal,
    secrets: createSecretResolver(
      () => environment,
      () => undefined,
    ),
    resourceName: () => 'bench',
    checkpoint: undefined,
    saveCheckpoint: () => Promise.resolve(),
    waiting: () => undefined,
    working: () => undefined,
    log: (line) => console.log(`    ${line}`),
    progress: () => undefined,
  });
}

async function each(items, work) {
  const rest = [...items];
  await Promise.all(
    Array.from({ length: CONCURRENCY }, async () => {
      for (let item = rest.pop(); item !== undefined; item = rest.pop()) await work(item);
    }),
  );
}

let buckets = 0;
async function makeBucket(versioned = true) {
  const Bucket = `bench-${++buckets}`;
  await sdk.send(new CreateBucketCommand({ Bucket }));
  const VersioningConfiguration = { Status: 'Enabled' };
  if (versioned) await sdk.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  return Bucket;
}

const keys = Array.from({ length: OBJECTS }, (_, n) => `uploads/${String(n).padStart(6, '0')}.mp4`);
const write = (Bucket, text) =>
  each(keys, (Key) =>
    sdk.send(new PutObjectCommand({ Bucket, Key, Body: text.repeat(SIZE), ContentType: 'video/mp4' })),
  );

async function remove(Bucket) {
  for (let at = 0; at < keys.length; at += 1000) {
    const Objects = keys.slice(at, at + 1000).map((Key) => ({ Key }));
    await sdk.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
  }
}

async function allVersions(Bucket) {
  const found = { versions: [], markers: [] };
  for (let page; page === undefined || page.IsTruncated;) {
    page = await sdk.send(
      new ListObjectVersionsCommand({
        Bucket,
        KeyMarker: page?.NextKeyMarker,
        VersionIdMarker: page?.NextVersionIdMarker,
      }),
    );
    found.versions.push(...(page.Versions ?? []));
    found.markers.push(...(page.DeleteMarkers ?? []));
  }
  return found;
}

/** Objects in a second, per way; each round has all ways in turn, so that a busy moment hits all. */
async function compare(title, prepare, ways, rounds = ROUNDS) {
  const rates = new Map(Object.keys(ways).map((name) => [name, []]));
  const names = Object.keys(ways);
  for (let round = 0; round < rounds; round++) {
    for (const name of [...names.slice(round % names.length), ...names.slice(0, round % names.length)]) {
      const place = await prepare();
      const start = performance.now();
      const count = (await ways[name](place)) ?? OBJECTS;
      rates.get(name).push((count / (performance.now() - start)) * 1000);
    }
  }
  console.log(`\n${title}, objects/s, median of ${rounds}`);
  const own = median(rates.get('drillbook'));
  for (const [name, list] of rates) {
    const ratio = name === 'drillbook' ? '' : `drillbook is ${(own / median(list)).toFixed(2)} ×`;
    console.log(`  ${name.padEnd(44)} ${median(list).toFixed(1).padStart(8)}   ${ratio}`);
  }
}

const [hasAws, hasRclone, hasS3cmd] = await Promise.all(['aws', 'rclone', 's3cmd'].map(isInstalled));

async function undelete() {
  await compare(
    `Undelete ${OBJECTS} objects`,
    async () => {
      const bucket = await makeBucket();
      await write(bucket, 'x');
      await remove(bucket);
      return bucket;
    },
    {
      drillbook: (bucket) => step('s3.undelete', { bucket: { name: bucket } }).then(() => undefined),
      ...(hasAws && {
        'aws s3api delete-objects, batches of 1,000': async (bucket) => {
          const query = '{Objects: DeleteMarkers[?IsLatest].{Key: Key, VersionId: VersionId}}';
          const listed = await aws(
            's3api',
            'list-object-versions',
            '--bucket',
            bucket,
            '--query',
            query,
            '--output',
            'json',
          );
          const { Objects } = JSON.parse(listed.stdout);
          for (let at = 0; at < Objects.length; at += 1000) {
            const file = join(folder, 'markers.json');
            writeFileSync(file, JSON.stringify({ Objects: Objects.slice(at, at + 1000), Quiet: true }));
            await aws('s3api', 'delete-objects', '--bucket', bucket, '--delete', `file://${file}`);
          }
        },
      }),
      'SDK, batches of 1,000': async (bucket) => {
        const { markers } = await allVersions(bucket);
        for (let at = 0; at < markers.length; at += 1000) {
          const Objects = markers.slice(at, at + 1000).map(({ Key, VersionId }) => ({ Key, VersionId }));
          await sdk.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }));
        }
      },
    },
  );
}

async function restore() {
  await compare(
    `Restore ${OBJECTS} overwritten objects by version`,
    async () => {
      const bucket = await makeBucket();
      await write(bucket, 'x');
      await sleep(1100);
      const at = new Date();
      await sleep(1100);
      await write(bucket, 'y');
      return { bucket, at: at.toISOString() };
    },
    {
      drillbook: ({ bucket, at }) =>
        step('s3.restore-version', { bucket: { name: bucket }, prefix: '', at }).then(() => undefined),
      [`SDK CopyObject, ${CONCURRENCY} at a time`]: async ({ bucket, at }) => {
        const { versions } = await allVersions(bucket);
        const wanted = versions.filter(({ LastModified }) => LastModified <= new Date(at));
        await each(wanted, ({ Key, VersionId }) =>
          sdk.send(
            new CopyObjectCommand({
              Bucket: bucket,
              Key,
              CopySource: `${bucket}/${Key}?versionId=${VersionId}`,
            }),
          ),
        );
      },
      ...(hasAws && {
        'aws s3api copy-object, one by one': async ({ bucket, at }) => {
          const { versions } = await allVersions(bucket);
          const wanted = versions
            .filter(({ LastModified }) => LastModified <= new Date(at))
            .slice(0, BY_HAND);
          for (const { Key, VersionId } of wanted) {
            await aws(
              's3api',
              'copy-object',
              '--bucket',
              bucket,
              '--copy-source',
              `${bucket}/${Key}?versionId=${VersionId}`,
              '--key',
              Key,
            );
          }
          return BY_HAND;
        },
      }),
    },
  );
}

async function rebuild() {
  const replica = await makeBucket();
  await write(replica, 'x');
  await sleep(1100);
  await compare(`Rebuild a bucket of ${OBJECTS} objects from its replica`, () => makeBucket(), {
    drillbook: (to) =>
      step('s3.copy-bucket', { from: { name: replica }, to: { name: to } }).then(() => undefined),
    ...(hasAws && {
      'aws s3 sync': (to) =>
        aws('s3', 'sync', '--quiet', `s3://${replica}`, `s3://${to}`).then(() => undefined),
    }),
    ...(hasRclone && {
      'rclone sync --transfers 32': (to) =>
        run('rclone', ['sync', `R:${replica}`, `R:${to}`, '--transfers', '32', '--checkers', '32', '-q'], {
          env,
        }).then(() => undefined),
    }),
    ...(hasS3cmd && {
      's3cmd sync': (to) => {
        const host = server.url.replace('http://', '');
        const place = [
          '--no-ssl',
          `--host=${host}`,
          `--host-bucket=${host}`,
          '--access_key',
          server.accessKeyId,
          '--secret_key',
          server.secretAccessKey,
        ];
        return run('s3cmd', [...place, '-q', 'sync', `s3://${replica}/`, `s3://${to}/`], {
          env,
          maxBuffer: 1 << 28,
        }).then(() => undefined);
      },
    }),
    [`SDK CopyObject, ${CONCURRENCY} at a time`]: async (to) => {
      for (let page; page === undefined || page.IsTruncated;) {
        page = await sdk.send(
          new ListObjectsV2Command({ Bucket: replica, ContinuationToken: page?.NextContinuationToken }),
        );
        await each(page.Contents, ({ Key }) =>
          sdk.send(new CopyObjectCommand({ Bucket: to, Key, CopySource: `${replica}/${Key}` })),
        );
      }
    },
  });
}

try {
  for (const part of process.argv[4] === undefined
    ? [undelete, restore, rebuild]
    : [{ undelete, restore, rebuild }[process.argv[4]]])
    await part();
} finally {
  gateway.stdin.end();
  await once(gateway, 'exit');
  rmSync(folder, { recursive: true, force: true });
}
