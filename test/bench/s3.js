// Measures the S3 steps against other ways to do the same, side by side on a real S3 server (Ceph's
// radosgw, started here): `npm run build && node test/bench/s3.js [objects] [rounds] [undelete|restore|rebuild|copies]`.
// What is not installed is left out. The server shares the machine's processors with its clients: ratios
// count, not figures. "The ceiling" is a loop of bare requests that finds all prepared: what no client
// can be faster than. Nothing is asserted.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectsCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import {
  allVersions,
  aws,
  bareCopy,
  close,
  CONCURRENCY,
  each,
  env,
  folder,
  gateway,
  host,
  run,
  sdk,
  server,
  step,
} from './s3-place.js';
import { isInstalled, measureInTurn, median, printTable, verdict } from './side-by-side.js';

const OBJECTS = Number(process.argv[2] ?? 2000);
const ROUNDS = Number(process.argv[3] ?? 3);
const SIZE = 16 * 1024;
/** As many as the steps have under way at most. */
const MOST = 64;
/** The command of the procedure document, once per object, is timed on so many. */
const BY_HAND = 12;

const [hasAws, hasRclone, hasS3cmd] = ['aws', 'rclone', 's3cmd'].map((program) =>
  isInstalled(program, 'its row'),
);

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

const CEILING = `the ceiling: bare requests, ${MOST} at a time`;

/** Measures the ways in turn, and tells how many times as fast drillbook is. */
async function compare(title, ways) {
  const measured = await measureInTurn(ways, { rounds: ROUNDS, serverPid: gateway.pid, serverIsChild: true });
  const own = measured.get('drillbook');
  const each = (seconds) => ((seconds / OBJECTS) * 1000).toFixed(2);
  const rows = [...measured].map(([name, { clock, client, server: serving }]) => {
    const faster = clock / own.clock;
    const leaner = (client + serving) / (own.client + own.server);
    const { aim } = ways[name];
    return [
      name,
      (OBJECTS / clock).toFixed(1),
      each(client),
      each(serving),
      name === 'drillbook' ? '' : `${faster.toFixed(2)} ×`,
      name === 'drillbook' ? '' : `${leaner.toFixed(2)} ×`,
      verdict(aim, faster >= aim),
    ];
  });
  const head = [
    '',
    'objects/s',
    'processor ms an object: client',
    'server',
    'drillbook is',
    'by processors',
    'aim, at least',
  ];
  printTable(`${title}, median of ${ROUNDS}`, head, rows);
}

async function undelete() {
  const before = async () => {
    const bucket = await makeBucket();
    await write(bucket, 'x');
    await remove(bucket);
    return bucket;
  };
  await compare(`Undelete ${OBJECTS} objects`, {
    drillbook: {
      before,
      work: async (bucket) => void (await step('s3.undelete', { bucket: { name: bucket } })),
    },
    ...(hasAws && {
      'aws s3api delete-objects, batches of 1,000': { before, work: undeleteByCli, aim: 3 },
    }),
    'SDK, batches of 1,000': {
      before,
      work: async (bucket) => {
        const { markers } = await allVersions(bucket);
        for (let at = 0; at < markers.length; at += 1000) {
          const Objects = markers.slice(at, at + 1000).map(({ Key, VersionId }) => ({ Key, VersionId }));
          await sdk.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }));
        }
      },
    },
  });
}

async function undeleteByCli(bucket) {
  const query = '{Objects: DeleteMarkers[?IsLatest].{Key: Key, VersionId: VersionId}}';
  const list = ['list-object-versions', '--bucket', bucket, '--query', query, '--output', 'json'];
  const { Objects } = JSON.parse((await aws('s3api', ...list)).stdout);
  for (let at = 0; at < Objects.length; at += 1000) {
    const file = join(folder, 'markers.json');
    writeFileSync(file, JSON.stringify({ Objects: Objects.slice(at, at + 1000), Quiet: true }));
    await aws('s3api', 'delete-objects', '--bucket', bucket, '--delete', `file://${file}`);
  }
}

async function restore() {
  const before = async () => {
    const bucket = await makeBucket();
    await write(bucket, 'x');
    await sleep(1100);
    const at = new Date();
    await sleep(1100);
    await write(bucket, 'y');
    return { bucket, at: at.toISOString() };
  };
  const wantedOf = async ({ bucket, at }) =>
    (await allVersions(bucket)).versions.filter(({ LastModified }) => LastModified <= new Date(at));
  await compare(`Restore ${OBJECTS} overwritten objects by version`, {
    drillbook: {
      before,
      work: async ({ bucket, at }) =>
        void (await step('s3.restore-version', { bucket: { name: bucket }, prefix: '', at })),
    },
    [`SDK CopyObject, ${CONCURRENCY} at a time`]: {
      aim: 1.5,
      before,
      work: async (place) => {
        const { bucket: Bucket } = place;
        await each(await wantedOf(place), ({ Key, VersionId }) => {
          const CopySource = `${Bucket}/${Key}?versionId=${VersionId}`;
          return sdk.send(new CopyObjectCommand({ Bucket, Key, CopySource }));
        });
      },
    },
    [CEILING]: {
      before: async () => {
        const place = await before();
        return { ...place, wanted: await wantedOf(place) };
      },
      work: ({ bucket, wanted }) => each(wanted, (version) => bareCopy(bucket, bucket, version), MOST),
    },
    ...(hasAws && {
      'aws s3api copy-object, one by one': {
        before: async () => {
          const place = await before();
          return { ...place, wanted: (await wantedOf(place)).slice(0, BY_HAND) };
        },
        work: async ({ bucket, wanted }) => {
          for (const { Key, VersionId } of wanted) {
            const source = ['--copy-source', `${bucket}/${Key}?versionId=${VersionId}`];
            await aws('s3api', 'copy-object', '--bucket', bucket, ...source, '--key', Key);
          }
          return { share: wanted.length / OBJECTS };
        },
      },
    }),
  });
}

async function rebuild() {
  const replica = await makeBucket();
  await write(replica, 'x');
  await sleep(1100);
  const before = () => makeBucket();
  const rclone = ['--transfers', '32', '--checkers', '32', '-q'];
  await compare(`Rebuild a bucket of ${OBJECTS} objects from its replica`, {
    drillbook: {
      before,
      work: async (to) => void (await step('s3.copy-bucket', { from: { name: replica }, to: { name: to } })),
    },
    ...(hasAws && {
      'aws s3 sync': {
        aim: 1.7,
        before,
        work: async (to) => void (await aws('s3', 'sync', '--quiet', `s3://${replica}`, `s3://${to}`)),
      },
    }),
    ...(hasRclone && {
      'rclone sync --transfers 32': {
        aim: 1.25,
        before,
        work: async (to) =>
          void (await run('rclone', ['sync', `R:${replica}`, `R:${to}`, ...rclone], { env })),
      },
    }),
    ...(hasS3cmd && { 's3cmd sync': { before, work: (to) => syncByS3cmd(replica, to) } }),
    [`SDK CopyObject, ${CONCURRENCY} at a time`]: {
      before,
      work: async (to) => {
        for (let page; page === undefined || page.IsTruncated;) {
          page = await sdk.send(
            new ListObjectsV2Command({ Bucket: replica, ContinuationToken: page?.NextContinuationToken }),
          );
          await each(page.Contents, ({ Key }) =>
            sdk.send(new CopyObjectCommand({ Bucket: to, Key, CopySource: `${replica}/${Key}` })),
          );
        }
      },
    },
    [CEILING]: {
      before,
      work: (to) =>
        each(
          keys.map((Key) => ({ Key })),
          (object) => bareCopy(replica, to, object),
          MOST,
        ),
    },
  });
}

async function syncByS3cmd(from, to) {
  const place = ['--no-ssl', `--host=${host}`, `--host-bucket=${host}`];
  const account = ['--access_key', server.accessKeyId, '--secret_key', server.secretAccessKey];
  const buckets = [`s3://${from}/`, `s3://${to}/`];
  await run('s3cmd', [...place, ...account, '-q', 'sync', ...buckets], { env, maxBuffer: 1 << 28 });
}

/** CopyObject and nothing else, of a list that is given: what the SDK's chain costs beside bare requests. */
async function copies() {
  const from = await makeBucket();
  await write(from, 'x');
  const objects = keys.map((Key) => ({ Key }));
  const ratios = [];
  for (let round = 0; round < ROUNDS; round++) {
    const ways = {
      bare: (to) => each(objects, (object) => bareCopy(from, to, object), MOST),
      SDK: (to) =>
        each(
          objects,
          ({ Key }) => sdk.send(new CopyObjectCommand({ Bucket: to, Key, CopySource: `${from}/${Key}` })),
          MOST,
        ),
    };
    const order = round % 2 === 0 ? ['bare', 'SDK'] : ['SDK', 'bare'];
    const measured = await measureInTurn(
      Object.fromEntries(order.map((name) => [name, { before: () => makeBucket(), work: ways[name] }])),
      { rounds: 1, serverPid: gateway.pid, serverIsChild: true },
    );
    const [bare, full] = [measured.get('bare'), measured.get('SDK')];
    ratios.push({
      clock: full.clock / bare.clock,
      processors: (full.client + full.server) / (bare.client + bare.server),
      bareMs: (bare.client / OBJECTS) * 1000,
      fullMs: (full.client / OBJECTS) * 1000,
    });
  }
  const middle = (name) => median(ratios.map((ratio) => ratio[name])).toFixed(2);
  printTable(
    `${OBJECTS} copies, ${MOST} at a time, median of ${ROUNDS} pairs`,
    ['', 'bare requests', 'SDK', 'SDK takes', 'of processors'],
    [['client, ms', middle('bareMs'), middle('fullMs'), `${middle('clock')} ×`, `${middle('processors')} ×`]],
  );
}

try {
  const parts = { undelete, restore, rebuild, copies };
  for (const part of process.argv[4] === undefined ? Object.values(parts) : [parts[process.argv[4]]])
    await part();
} finally {
  await close();
}
