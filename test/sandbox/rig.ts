import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import pg from 'pg';
import { parse } from 'yaml';
import type { JsonObject } from '../../engine/base/json.ts';
import type { LaunchOptions } from '../../engine/sandbox/launch.ts';
import type { World } from '../../engine/sandbox/world.ts';
import { startWorld } from '../../engine/sandbox/world.ts';
import { PATIENCE_MS } from '../rig/patience.ts';
import { shippedWorld } from '../rig/shop.ts';

const BUNDLES = new URL('../../dist/bundle/', import.meta.url);

/** The built program of a world: what is tested is what ships. */
export const ENTRY = new URL(
  `${readFileSync(new URL('current', BUNDLES), 'utf8')}/sandbox.main.mjs`,
  BUNDLES,
);

/** Starts a world: the one that a drill gets that asks for none, unless a test brings another. */
export const start = (options: Partial<LaunchOptions> = {}): Promise<World> =>
  startWorld({ entry: ENTRY, plan: shippedWorld(), ...options });

/** Starts it with other rate limits than Render's. */
export const startWith = (limits: JsonObject): Promise<World> =>
  start({
    plan: shippedWorld('peakops', (text) =>
      text.replace(
        'uses: render\n    with:',
        `uses: render\n    with:\n      limits: ${JSON.stringify(limits)}`,
      ),
    ),
  });

export interface SandboxEnvironment {
  readonly publicUrl: string;
  readonly render: {
    readonly api: string;
    readonly statusPage: string;
    readonly key: { readonly file: string };
    readonly recovery: object;
  };
  readonly services: Readonly<
    Record<
      'api' | 'worker' | 'apiStandby' | 'workerStandby' | 'apiStaging',
      { readonly renderId: string; readonly url: string; readonly region: string }
    >
  >;
  readonly databases: Readonly<
    Record<
      'main' | 'staging',
      { readonly renderId: string; readonly fingerprint: { readonly systemIdentifier: string } }
    >
  >;
  readonly aws: {
    readonly endpoint: string;
    readonly credentials: Readonly<Record<'accessKeyId' | 'secretAccessKey', { readonly file: string }>>;
  };
  readonly buckets: Readonly<Record<string, { readonly name: string; readonly region: string }>>;
  readonly application: {
    readonly login: { readonly json: { readonly email: string; readonly password: string } };
  };
  readonly values: {
    readonly regions: { readonly primary: string; readonly backup: string };
    readonly dns: { readonly url: string; readonly token: { readonly file: string } };
    readonly support: { readonly url: string };
    readonly dumps: { readonly prefix: string };
  };
  readonly channels: Readonly<
    Record<'support' | 'dns', { readonly slack: { readonly url: { readonly file: string } } }>
  >;
}

export const environmentOf = async (world: World): Promise<SandboxEnvironment> =>
  parse(await world.environmentText()) as SandboxEnvironment;

export interface Answer<T = JsonObject> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

export type Render = <T = JsonObject>(
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Answer<T>>;

/** Calls Render's API as a client that holds the key. */
export async function renderOf(environment: SandboxEnvironment): Promise<Render> {
  const key = await readFile(environment.render.key.file, 'utf8');
  return (method, path, body, headers = { authorization: `Bearer ${key}` }) =>
    request(`${environment.render.api}${path}`, method, body, headers);
}

export async function request<T = JsonObject>(
  url: string,
  method = 'GET',
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer<T>> {
  const response = await fetch(url, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: (text === '' ? undefined : JSON.parse(text)) as T,
  };
}

/** Asks until the answer is there; the last one is in the error when it never is. */
export async function until<T>(
  what: string,
  ask: () => Promise<T> | T,
  holds: (answer: T) => boolean,
): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (holds(answer)) return answer;
    if (performance.now() > deadline) throw new Error(`${what}: still ${JSON.stringify(answer)}`);
    await delay(30);
  }
}

export async function query<T extends object>(
  url: string,
  text: string,
  values: unknown[] = [],
): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** The objects below a prefix of a bucket that a sandbox keeps: one page of them. */
export async function listKeys(
  client: S3Client,
  Bucket: string,
  Prefix: string,
): Promise<readonly { readonly key: string; readonly modified: Date }[]> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix }));
  return Contents.map(({ Key = '', LastModified = new Date(0) }) => ({ key: Key, modified: LastModified }));
}

/** The command lines of the processes that were started with this folder. */
export async function processesOf(folder: string): Promise<readonly string[]> {
  return (await running()).map(({ line }) => line).filter((line) => line.includes(folder));
}

/** The processes of a program that were started with this folder. */
export async function pidsOf(folder: string, program: string): Promise<readonly number[]> {
  return (await running())
    .filter(({ line }) => line.includes(folder) && line.includes(program))
    .map(({ pid }) => pid);
}

interface Running {
  readonly pid: number;
  readonly line: string;
}

/** Every process with its command line. Linux is asked itself: not every machine has ps. */
async function running(): Promise<readonly Running[]> {
  if (process.platform !== 'linux') {
    const { stdout } = await promisify(execFile)('ps', ['-ww', '-eo', 'pid=,args=']);
    return stdout.split('\n').map((line) => ({ pid: Number.parseInt(line, 10), line }));
  }
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  // One that has ended meanwhile has no command line.
  const read = (pid: string): Promise<string> => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return await Promise.all(
    pids.map(async (pid) => ({ pid: Number(pid), line: (await read(pid)).replaceAll('\0', ' ') })),
  );
}
