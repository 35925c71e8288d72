import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { DeleteMarkerEntry, ObjectVersion } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, inject, it } from 'vitest';
import { DEFAULT_ACCOUNT } from '../../../engine/sandbox/s3/accounts.ts';
import { S3Service } from '../../../engine/sandbox/s3/service.ts';
import { needing } from '../../rig/needed-programs.ts';
import type { Credentials } from '../../rig/radosgw.ts';
import { RADOSGW } from '../../rig/radosgw.ts';
import { DIFFERENCES } from './differences.ts';

export const REGION = 'us-east-1';

export const STRANGER = { id: '999999999999', accessKeyId: 'AKIASTRANGER', secretAccessKey: 'other secret' };

/** A server that is asked. */
export interface Target {
  readonly name: 'sandbox' | 'radosgw';
  readonly url: string;
  readonly owner: Credentials;
  readonly stranger: Credentials;
  /** As the owner of the buckets. */
  readonly client: S3Client;
  readonly as: (credentials: Credentials, region?: string) => S3Client;
  /** The name of a new bucket. */
  readonly bucket: () => Promise<string>;
  readonly versionedBucket: () => Promise<string>;
}

type Rule = (title: string, test: (target: Target) => Promise<void>) => void;

/** The same rules for the sandbox and, where it is there, the real server. */
export function contract(title: string, define: (rule: Rule) => void): void {
  for (const name of servers()) {
    describe(`${name}: ${title}`, name === 'radosgw' ? needing(...RADOSGW) : {}, () => {
      let target: Target | undefined;
      let stop = (): Promise<void> => Promise.resolve();
      beforeAll(async () => {
        const server = name === 'sandbox' ? await startSandbox() : realServer();
        target = targetOf(name, server);
        stop = server.stop;
      });
      afterAll(() => stop());
      define((rule, test) => {
        const difference = name === 'radosgw' ? DIFFERENCES[rule] : undefined;
        const run = (): Promise<void> => test(target!);
        if (difference === undefined) it(rule, run);
        else it.fails(`${rule} — not here: ${difference}`, run);
      });
    });
  }
}

/** The real one is among them where it is missing as well: its tests are counted as skipped. */
export const servers = (): readonly ('sandbox' | 'radosgw')[] =>
  process.env['CONTRACT'] === 'sandbox' ? ['sandbox'] : ['sandbox', 'radosgw'];

interface Server {
  readonly url: string;
  readonly owner: Credentials;
  readonly stranger: Credentials;
  readonly stop: () => Promise<void>;
}

async function startSandbox(): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'drillbook-s3-'));
  const service = await S3Service.start({
    folder,
    accounts: [DEFAULT_ACCOUNT, STRANGER],
    replicationDelayMs: 50,
    // An expedited one takes a second; a usual one is not over before all has been seen that is to be seen meanwhile.
    restoreMs: 60_000,
    log: (line) => process.stderr.write(`${line}\n`),
  });
  return {
    url: service.url,
    owner: DEFAULT_ACCOUNT,
    stranger: STRANGER,
    async stop() {
      await service.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function realServer(): Server {
  const { url, stranger, ...owner } = inject('radosgw')!;
  return { url, owner, stranger, stop: () => Promise.resolve() };
}

function targetOf(name: Target['name'], { url, owner, stranger }: Server): Target {
  const as = (credentials: Credentials, region = REGION): S3Client =>
    new S3Client({ endpoint: url, region, credentials, forcePathStyle: true, maxAttempts: 1 });
  const client = as(owner);
  const bucket = async (): Promise<string> => {
    const created = `drillbook-${randomUUID()}`;
    await client.send(new CreateBucketCommand({ Bucket: created }));
    return created;
  };
  return {
    name,
    url,
    owner,
    stranger,
    client,
    as,
    bucket,
    async versionedBucket() {
      const created = await bucket();
      await setVersioning(client, created, 'Enabled');
      return created;
    },
  };
}

export async function setVersioning(
  client: S3Client,
  bucket: string,
  status: 'Enabled' | 'Suspended',
): Promise<void> {
  await client.send(
    new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: status } }),
  );
}

/** Writes a text; its version id, where the bucket is versioned. */
export async function put(client: S3Client, bucket: string, key: string, text = 'text'): Promise<string> {
  const { VersionId } = await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: text }));
  return VersionId ?? '';
}

export interface Failure {
  readonly code: string;
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** How a request was refused; an error of the test when it was not. */
export async function failure(request: Promise<unknown>): Promise<Failure> {
  try {
    await request;
  } catch (error) {
    if (!(error instanceof S3ServiceException)) throw error;
    return {
      code: error.name,
      status: error.$metadata.httpStatusCode,
      headers: error.$response?.headers ?? {},
    };
  }
  throw new Error('the request was not refused');
}

export interface Listed {
  readonly key: string | undefined;
  readonly id: string | undefined;
  readonly latest: boolean | undefined;
}

/** All versions and delete markers, as pages of this size give them. */
export async function allVersions(
  client: S3Client,
  bucket: string,
  options: { readonly pageSize?: number; readonly prefix?: string } = {},
): Promise<{ readonly versions: Listed[]; readonly markers: Listed[]; readonly pages: number }> {
  const versions: Listed[] = [];
  const markers: Listed[] = [];
  let from: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } = {};
  for (let pages = 1; ; pages += 1) {
    const page = await client.send(
      new ListObjectVersionsCommand({
        Bucket: bucket,
        MaxKeys: options.pageSize ?? 1000,
        Prefix: options.prefix,
        ...from,
      }),
    );
    const listed = ({ Key, VersionId, IsLatest }: ObjectVersion | DeleteMarkerEntry): Listed => ({
      key: Key,
      id: VersionId,
      latest: IsLatest,
    });
    versions.push(...(page.Versions ?? []).map(listed));
    markers.push(...(page.DeleteMarkers ?? []).map(listed));
    if (page.IsTruncated !== true) return { versions, markers, pages };
    from = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
  }
}
