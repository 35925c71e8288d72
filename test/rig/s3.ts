import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CompletedPart, HeadObjectCommandOutput, PutObjectCommandInput } from '@aws-sdk/client-s3';
import type { Json } from '../../engine/base/json.ts';
import type { Clock } from '../../engine/base/clock.ts';
import type { ValueMap } from '../../engine/base/value.ts';
import type { Bucket } from '../../engine/sandbox/s3/bucket.ts';
import { S3Service } from '../../engine/sandbox/s3/service.ts';
import { deleteCurrent, putBytes } from '../../engine/sandbox/s3/state.ts';
import type { S3Client as StepClient } from '../../engine/kinds/s3/client/client.ts';
import { openBucket } from '../../engine/kinds/s3/client/client.ts';
import type { S3Version } from '../../engine/kinds/s3/client/list.ts';
import { listObjects, listVersions } from '../../engine/kinds/s3/client/list.ts';
import type { StepRig } from './step.ts';
import { kindOf, realClock, stepRig } from './step.ts';

export const ACCOUNT = {
  id: '123456789012',
  accessKeyId: 'AKIAOWNER',
  secretAccessKey: 'the secret key of the owner',
};
export const STRANGER = {
  id: '999999999999',
  accessKeyId: 'AKIASTRANGER',
  secretAccessKey: 'another secret key',
};

/** Where an S3 service is, and as whom it is asked. */
export interface Server {
  readonly url: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Steps against an S3 service: buckets to make and fill, kinds to run. */
export interface S3Rig {
  /** The environment's data: `aws` and nothing else. */
  readonly environment: ValueMap;
  /** A new bucket as an entry of the environment. */
  readonly bucket: (options?: { readonly versioned?: boolean }) => Promise<ValueMap>;
  readonly client: (bucket: ValueMap) => StepClient;
  readonly put: (
    bucket: ValueMap,
    objects: Readonly<Record<string, string>>,
    properties?: Properties,
  ) => Promise<void>;
  /** Each part but the last has 5 MiB at least. */
  readonly putInParts: (bucket: ValueMap, key: string, parts: readonly string[]) => Promise<void>;
  /** An upload in parts that nobody ever ends. */
  readonly beginUpload: (bucket: ValueMap, key: string) => Promise<void>;
  /** As the application would: a delete marker where there are versions. */
  readonly remove: (bucket: ValueMap, ...keys: readonly string[]) => Promise<void>;
  readonly head: (bucket: ValueMap, key: string) => Promise<HeadObjectCommandOutput>;
  readonly tags: (bucket: ValueMap, key: string) => Promise<Readonly<Record<string, string>>>;
  /** The content of each object. */
  readonly contents: (bucket: ValueMap) => Promise<Readonly<Record<string, string>>>;
  readonly versions: (bucket: ValueMap) => Promise<readonly S3Version[]>;
  readonly step: (options?: StepOptions) => StepRig;
  readonly run: (kind: string, args: ValueMap, rig?: StepRig) => Promise<ValueMap>;
  /** A moment by the service's clock, between what was written before and what is written after. */
  readonly moment: () => Promise<string>;
}

/** What an object is written with: `{ StorageClass: 'GLACIER' }`. */
type Properties = Omit<PutObjectCommandInput, 'Bucket' | 'Key' | 'Body'>;

interface StepOptions {
  readonly checkpoint?: Json;
  readonly clock?: Clock;
  readonly environment?: ValueMap;
}

let rigs = 0;

/** So many objects are not written by requests. */
const MANY = 100;

export function s3Rig(server: Server, account?: string): S3Rig {
  const [access, secret] = [`DRILLBOOK_TEST_S3_KEY_${++rigs}`, `DRILLBOOK_TEST_S3_SECRET_${rigs}`];
  process.env[access] = server.accessKeyId;
  process.env[secret] = server.secretAccessKey;
  const environment: ValueMap = {
    aws: {
      region: 'us-east-1',
      endpoint: server.url,
      ...(account !== undefined && { account }),
      credentials: {
        accessKeyId: { $ref: 'env', name: access },
        secretAccessKey: { $ref: 'env', name: secret },
      },
    },
  };
  const step = (options: StepOptions = {}): StepRig => stepRig({ clock: realClock, environment, ...options });
  const client = (bucket: ValueMap): StepClient => openBucket(bucket, step().context, { concurrency: 16 });
  let buckets = 0;
  return {
    environment,
    client,
    step,
    async bucket({ versioned = true } = {}) {
      const name = `drillbook-${process.pid}-${Date.now()}-${buckets++}`;
      const fingerprint = { name, region: 'us-east-1', ...(account !== undefined && { account }) };
      const bucket = { $target: 'buckets.videos', name, region: 'us-east-1', fingerprint };
      const made = client(bucket);
      const VersioningConfiguration = { Status: 'Enabled' as const };
      await made.ask('make', (s3) => s3.createBucket({ Bucket: name }));
      if (versioned)
        await made.ask('version', (s3) => s3.putBucketVersioning({ Bucket: name, VersioningConfiguration }));
      return bucket;
    },
    async put(bucket, objects, properties = {}) {
      const to = client(bucket);
      await Promise.all(
        Object.entries(objects).map(([Key, Body]) =>
          to.ask('put', (s3) =>
            s3.putObject({ ...to.ownBucket, ...properties, Key, Body: Buffer.from(Body) }),
          ),
        ),
      );
    },
    async putInParts(bucket, key, parts) {
      const to = client(bucket);
      const object = { ...to.ownBucket, Key: key };
      const { UploadId } = await to.ask('begin', (s3) => s3.createMultipartUpload(object));
      const Parts: CompletedPart[] = [];
      for (const [index, Body] of parts.entries()) {
        const PartNumber = index + 1;
        const { ETag } = await to.ask('put', (s3) =>
          s3.uploadPart({ ...object, UploadId, PartNumber, Body }),
        );
        Parts.push({ PartNumber, ETag });
      }
      const MultipartUpload = { Parts };
      await to.ask('complete', (s3) => s3.completeMultipartUpload({ ...object, UploadId, MultipartUpload }));
    },
    async beginUpload(bucket, Key) {
      const to = client(bucket);
      await to.ask('begin', (s3) => s3.createMultipartUpload({ ...to.ownBucket, Key }));
    },
    async remove(bucket, ...keys) {
      const from = client(bucket);
      await Promise.all(
        keys.map((Key) => from.ask('delete', (s3) => s3.deleteObject({ ...from.ownBucket, Key }))),
      );
    },
    head(bucket, Key) {
      const from = client(bucket);
      return from.ask('head', (s3) => s3.headObject({ ...from.ownBucket, Key }));
    },
    async tags(bucket, Key) {
      const from = client(bucket);
      const { TagSet = [] } = await from.ask('tags', (s3) => s3.getObjectTagging({ ...from.ownBucket, Key }));
      return Object.fromEntries(TagSet.map((tag) => [tag.Key ?? '', tag.Value ?? '']));
    },
    async contents(bucket) {
      const from = client(bucket);
      const found: Record<string, string> = {};
      for await (const { key } of listObjects(from, {})) {
        found[key] = await from.read({ key }, async ({ Body }) => (await Body?.transformToString()) ?? '');
      }
      return found;
    },
    async versions(bucket) {
      const found: S3Version[] = [];
      for await (const version of listVersions(client(bucket), {})) found.push(version);
      return found;
    },
    run: async (kind, args, rig = step()) => (await kindOf(kind)).run(args, rig.context),
    async moment() {
      // Services tell moments to the millisecond, some to the second: on both sides of it nothing is written.
      const until = (millis: number): Promise<void> => realClock.sleep(Math.max(0, millis - Date.now()));
      const at = (Math.floor(Date.now() / 1000) + 1) * 1000;
      await until(at + 1001);
      return new Date(at + 500).toISOString();
    },
  };
}

/** The sandbox's own service, in this process. */
export async function startS3(): Promise<
  S3Rig & {
    readonly service: S3Service;
    readonly server: Server;
    /** Where the bytes of its objects lie. */
    readonly folder: string;
    readonly close: () => Promise<void>;
  }
> {
  const folder = await mkdtemp(join(tmpdir(), 'drillbook-s3-'));
  const service = await S3Service.start({ folder, accounts: [ACCOUNT, STRANGER], restoreMs: 300 });
  const server = {
    url: service.url,
    accessKeyId: ACCOUNT.accessKeyId,
    secretAccessKey: ACCOUNT.secretAccessKey,
  };
  const rig = s3Rig(server, ACCOUNT.id);
  const stored = ({ name }: ValueMap): Bucket | undefined =>
    typeof name === 'string' ? service.state.buckets.get(name) : undefined;
  return {
    ...rig,
    // A thousand requests would take longer than what is tested with them: what is done to many objects is done
    // where the service keeps them.
    async put(bucket, objects, properties) {
      const entries = Object.entries(objects);
      const to = stored(bucket);
      if (to === undefined || properties !== undefined || entries.length < MANY)
        return rig.put(bucket, objects, properties);
      for (const [key, text] of entries)
        await putBytes(service.state, to, { key, body: Buffer.from(text), type: 'text/plain' });
    },
    async remove(bucket, ...keys) {
      const from = stored(bucket);
      if (from === undefined || keys.length < MANY) return rig.remove(bucket, ...keys);
      for (const key of keys) await deleteCurrent(service.state, from, key);
    },
    service,
    server,
    folder,
    async close() {
      await service.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** `count` objects of a few bytes below `videos/`. */
export const manyObjects = (count: number, text = 'good'): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, n) => [`videos/${String(n).padStart(5, '0')}.mp4`, `${text} ${n}`]),
  );
