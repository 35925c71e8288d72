import { writeFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { JsonObject } from '../../../base/json.ts';
import { inFolder, secretFile } from '../../ground/folder.ts';
import { asText } from '../../ground/text.ts';
import type { Network } from '../../ground/silence.ts';
import { newAccount } from '../../s3/accounts.ts';
import { realRetrieval } from '../../s3/archive.ts';
import type { BreakableStorage } from '../../s3/breakable.ts';
import type { Bucket } from '../../s3/bucket.ts';
import { replicationTo } from '../../s3/replication.ts';
import { S3Service } from '../../s3/service.ts';
import { emptyBucket, putBytes } from '../../s3/state.ts';
import { setAsJson } from '../../s3/settings-in-json.ts';
import type { Credential } from '../breakable.ts';
import type { Part, PartContext, StartPart } from '../part.ts';
import { Filling } from './fill.ts';
import type { BucketPlan } from './plans.ts';
import { plansOf, REGION } from './plans.ts';
import { filesIn } from './seed.ts';

/** S3 with an account and buckets of its own. */
class S3Part implements Part, BreakableStorage {
  readonly service: S3Service;
  readonly #plans: ReadonlyMap<string, BucketPlan>;
  readonly #secretFileOf: (member: string) => string;

  private constructor(
    service: S3Service,
    plans: ReadonlyMap<string, BucketPlan>,
    secretFileOf: (member: string) => string,
  ) {
    this.service = service;
    this.#plans = plans;
    this.#secretFileOf = secretFileOf;
  }

  static async start(args: JsonObject, context: PartContext): Promise<S3Part> {
    const { id, worldFolder } = context;
    const service = await S3Service.start({
      folder: join(inFolder(worldFolder).objects, id),
      accounts: [newAccount()],
    });
    context.onClose(() => service.close());
    const plans = plansOf(args['buckets']);
    const buckets = makeBuckets(service, plans);
    for (const [key, plan] of plans) {
      const bucket = buckets.get(key);
      if (bucket !== undefined) await new Filling(service, bucket, context).fill(plan);
    }
    return new S3Part(service, plans, (member) => secretFile(worldFolder, id, member));
  }

  get members(): Part['members'] {
    const { url, account } = this.service;
    return {
      url: { value: url },
      account: { value: account.id },
      accessKeyId: { value: account.accessKeyId, secret: true },
      secretAccessKey: { value: account.secretAccessKey, secret: true },
      aws: { value: this.#aws },
      buckets: { value: this.#buckets },
    };
  }

  get actions(): Part['actions'] {
    return {
      'issue-key': () => this.#issueKey(),
      fill: (body) => this.#fill(body),
      empty: (body) => this.#empty(body),
    };
  }

  get credential(): Credential {
    return { service: this.service };
  }

  get storage(): BreakableStorage {
    return this;
  }

  get network(): Network {
    return this.service;
  }

  bucket(name: string): Bucket | undefined {
    const plan = this.#plans.get(name);
    return plan === undefined ? undefined : this.service.buckets.get(plan.name);
  }

  state(): JsonObject {
    const { requests, writes, account } = this.service;
    return { running: true, requests, writes, ...(account.revoked === true && { keyRevoked: true }) };
  }

  trouble(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  /**
   * Another key, in the files that the environment names. One that is good stays: whoever lost the answer may ask
   * again.
   */
  async #issueKey(): Promise<JsonObject> {
    const { service } = this;
    if (service.account.revoked === true) service.issueKey();
    const { accessKeyId, secretAccessKey } = service.account;
    const keys = Object.entries({ accessKeyId, secretAccessKey });
    for (const [member, secret] of keys) await writeFile(this.#secretFileOf(member), secret, { mode: 0o600 });
    return this.state();
  }

  /** The files of a folder become objects of a bucket, as a restore by hand would upload them. */
  async #fill(body: JsonObject): Promise<JsonObject> {
    const folder = asText(body['folder']) ?? '';
    if (!isAbsolute(folder)) throw new Error('"folder" is a folder of this machine, from its root on');
    const bucket = this.#named(body);
    let objects = 0;
    for await (const { key, body: content, type } of filesIn(folder)) {
      await putBytes(this.service.state, bucket, { key, body: content, type });
      objects += 1;
    }
    return { objects };
  }

  async #empty(body: JsonObject): Promise<JsonObject> {
    await emptyBucket(this.service.state, this.#named(body));
    return this.state();
  }

  #named(body: JsonObject): Bucket {
    const bucket = this.bucket(asText(body['bucket']) ?? '');
    if (bucket !== undefined) return bucket;
    throw new Error(`"bucket" is one of ${[...this.#plans.keys()].join(', ')}, as long as it exists`);
  }

  get #aws(): JsonObject {
    return {
      ...{ region: REGION, account: this.service.account.id, endpoint: this.service.url, pathStyle: true },
      credentials: {
        accessKeyId: { file: this.#secretFileOf('accessKeyId') },
        secretAccessKey: { file: this.#secretFileOf('secretAccessKey') },
      },
      archive: { realRetrieval: realRetrieval() },
    };
  }

  get #buckets(): JsonObject {
    const account = this.service.account.id;
    return Object.fromEntries(
      Array.from(this.#plans, ([key, { name, region }]) => [
        key,
        { name, region, fingerprint: { name, region, account } },
      ]),
    );
  }
}

function makeBuckets(
  service: S3Service,
  plans: ReadonlyMap<string, BucketPlan>,
): ReadonlyMap<string, Bucket> {
  const buckets = new Map<string, Bucket>();
  for (const [key, { name, region, versioned }] of plans) {
    if (service.buckets.has(name)) throw new Error(`two buckets of the part would be called ${name}`);
    const bucket = service.createBucket(name, region);
    if (versioned) bucket.versioning = 'Enabled';
    buckets.set(key, bucket);
  }
  // Some name another bucket.
  for (const [key, { replica, settings }] of plans) {
    const bucket = buckets.get(key);
    if (bucket === undefined) continue;
    const destination = replica === undefined ? undefined : buckets.get(replica)?.name;
    const by = { account: service.account.id, role: 'replication', rule: key };
    if (destination !== undefined) bucket.settings.set('replication', replicationTo(destination, by));
    setAsJson(service.state, bucket, settings);
  }
  return buckets;
}

/** Starts a part of the kind `s3`. */
export const startS3: StartPart = (args, context) => S3Part.start(args, context);
