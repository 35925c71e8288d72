// Where the S3 benchmark takes place: a real server, started here, and the ways in to it.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { encodePath } from '../../dist/kinds/s3/client/encoding.js';
import { runS3Step } from './s3-step.js';
import { isInstalled } from './side-by-side.js';

/** Of the SDK, of loops over it, and of other programs. */
export const CONCURRENCY = 32;

export const run = promisify(execFile);

const SERVER = ['radosgw', 'ceph-mon', 'ceph-osd', 'ceph-mgr'];
if (!SERVER.every((program) => isInstalled(program, 'the benchmark of S3'))) process.exit();

export const gateway = spawn(join(import.meta.dirname, '..', 'rig', 'radosgw'), {
  stdio: ['pipe', 'pipe', 'inherit'],
});
export const server = JSON.parse((await once(createInterface(gateway.stdout), 'line'))[0]);
const ambient = { ...process.env };
// Certificates from the environment cost every Node.js 50 ms at start, and rclone refuses to start with them.
delete ambient.NODE_EXTRA_CA_CERTS;
delete ambient.AWS_CA_BUNDLE;
export const env = {
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
Object.assign(process.env, env, { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' });
export const folder = mkdtempSync(join(tmpdir(), 'drillbook-bench-'));
export const aws = (...words) =>
  run('aws', ['--endpoint-url', server.url, ...words], { env, maxBuffer: 1 << 28 });

export const sdk = new S3Client({
  endpoint: server.url,
  region: 'us-east-1',
  forcePathStyle: true,
  credentials: { accessKeyId: server.accessKeyId, secretAccessKey: server.secretAccessKey },
  requestHandler: new NodeHttpHandler({ httpAgent: { keepAlive: true, maxSockets: Infinity } }),
});

export const step = (kind, args) => runS3Step(kind, args, { endpoint: server.url, folder });

/** Works on all items, so many at a time. */
export async function each(items, work, concurrency = CONCURRENCY) {
  const rest = [...items];
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (let item = rest.pop(); item !== undefined; item = rest.pop()) await work(item);
    }),
  );
}

export async function allVersions(Bucket) {
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

const signer = await sdk.config.signer();
const agent = new Agent({ keepAlive: true, scheduling: 'lifo' });
export const { host, hostname, port } = new URL(server.url);

/** A copy and nothing else: signed by the SDK's signer, over a connection that is kept. */
export async function bareCopy(from, to, { Key, VersionId }) {
  const version = VersionId === undefined ? '' : `?versionId=${VersionId}`;
  const headers = { host, 'x-amz-copy-source': `/${from}/${encodePath(Key)}${version}` };
  const path = `/${to}/${encodePath(Key)}`;
  const unsigned = {
    method: 'PUT',
    protocol: 'http:',
    hostname,
    port: Number(port),
    path,
    query: {},
    headers,
  };
  const signed = await signer.sign(unsigned, { signingRegion: 'us-east-1', signingService: 's3' });
  await new Promise((resolve, reject) => {
    const sent = request(
      { agent, hostname, port, method: 'PUT', path, headers: signed.headers },
      (answer) => {
        answer.resume();
        if (answer.statusCode === 200) answer.once('end', resolve);
        else reject(new Error(`${server.url} answered with ${answer.statusCode}`));
      },
    );
    sent.once('error', reject);
    sent.end();
  });
}

export async function close() {
  agent.destroy();
  gateway.stdin.end();
  await once(gateway, 'exit');
  rmSync(folder, { recursive: true, force: true });
}
