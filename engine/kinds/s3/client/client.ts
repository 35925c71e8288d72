import { setMaxListeners } from 'node:events';
import type { GetObjectCommandOutput, S3 } from '@aws-sdk/client-s3';
import type { ValueMap } from '../../../base/value.ts';
import type { StepContext } from '../../../model/kind.ts';
import { StepError } from '../../../model/kind.ts';
import type { BucketAccess } from './access.ts';
import { bucketAccess, contradiction } from './access.ts';
import { AdaptiveLimit } from './adaptive.ts';
import type { BucketPlace, Refusal } from './errors.ts';
import { refusalError, refusalOf, transportError } from './errors.ts';
import { credentialWords } from './credentials.ts';
import type { Patience } from './retries.ts';
import { Retries } from './retries.ts';
import { endpointOf, openSdk, refuseWrites } from './sdk.ts';
import type { Wire } from './wire.ts';

/** Goes with each call, so that it ends with the step. */
interface CallOptions {
  readonly abortSignal: AbortSignal;
}

/** `(s3, http) => s3.headBucket(client.ownBucket, http)`. */
export type Call<T> = (s3: S3, http: CallOptions) => Promise<T>;

/** One request that somebody waits for. */
const PATIENCE: Patience = { attempts: 5, firstMs: 200, longestMs: 10_000, silenceMs: 60_000 };
/** One of very many: the others go on meanwhile, and giving up costs a second run. */
const BULK: Patience = { attempts: 10, firstMs: 100, longestMs: 20_000, silenceMs: 60_000 };

/** What of a step's context the client needs. */
export type S3Context = Pick<StepContext, 'signal' | 'secrets' | 'environment'> &
  Partial<Pick<StepContext, 'clock' | 'waiting' | 'working' | 'log'>>;

interface Options {
  readonly concurrency?: number;
  readonly patience?: Partial<Patience>;
}

/**
 * One bucket, asked by AWS's own client, which knows endpoints, signatures, inputs and answers
 * (docs/decisions/s3-client.md). Ours is how many requests are under way at once, how they are tried again, and
 * the words of what goes wrong. All that drillbook asks of S3 may be asked twice.
 */
export class S3Client {
  readonly access: BucketAccess;
  readonly limit: AdaptiveLimit;
  /** Which bucket, for the input of a call; the account that must own it goes with it, and who pays. */
  readonly ownBucket: {
    readonly Bucket: string;
    readonly ExpectedBucketOwner: string | undefined;
    readonly RequestPayer: 'requester' | undefined;
  };
  readonly #context: S3Context;
  readonly #retries: Retries;
  readonly #silenceMs: number;
  readonly #isBulk: boolean;
  readonly #stop = (): void => this.close();
  #opened: Promise<S3> | undefined;
  #wire: Wire | undefined;
  #renewing: Promise<unknown> | undefined;
  #host: string;
  #saidAt = -Infinity;

  constructor(access: BucketAccess, context: S3Context, options: Options = {}) {
    this.access = access;
    this.ownBucket = {
      Bucket: access.bucket,
      ExpectedBucketOwner: access.owner,
      RequestPayer: access.requesterPays ? 'requester' : undefined,
    };
    this.#context = context;
    this.#isBulk = options.concurrency !== undefined;
    const patience = { ...(this.#isBulk ? BULK : PATIENCE), ...options.patience };
    this.#silenceMs = patience.silenceMs;
    const failureOf = (error: unknown): StepError => this.#failure(error);
    this.#retries = new Retries(patience, context, { areMany: this.#isBulk, failureOf });
    this.limit = new AdaptiveLimit({ initial: 16, max: options.concurrency ?? 8 });
    this.#host = access.endpoint === undefined ? 's3' : new URL(access.endpoint).host;
    // Many requests and pauses may listen to it at once, and Node takes eleven listeners for a leak.
    setMaxListeners(0, context.signal);
    context.signal.addEventListener('abort', this.#stop, { once: true });
  }

  get bucket(): string {
    return this.access.bucket;
  }

  /** Where it is asked, for the words of an error. */
  get host(): string {
    return this.#host;
  }

  /** The service's clock as of its last answer, in milliseconds since the epoch. */
  get serverNow(): number | undefined {
    return this.#wire?.serverNow;
  }

  /** AWS's own client; loaded when it is first asked for. */
  sdk(): Promise<S3> {
    this.#opened ??= this.#open();
    return this.#opened;
  }

  close(): void {
    this.#context.signal.removeEventListener('abort', this.#stop);
    this.#wire?.destroy();
  }

  /** Asks S3, and gives its answer if it is a success. Throws `StepError` with S3's own code. `doing`: `list the bucket videos`. */
  async ask<T>(doing: string, call: Call<T>): Promise<T> {
    const answer = await this.attempt(call);
    if ('refusal' in answer) throw this.error(answer.refusal, doing);
    return answer.value;
  }

  /** Like `ask`, but what S3 refuses for good is an answer. */
  async attempt<T>(call: Call<T>): Promise<{ readonly value: T } | { readonly refusal: Refusal }> {
    const { signal } = this.#context;
    for (let isRenewed = false; ; isRenewed = true) {
      const s3 = await this.sdk();
      try {
        return { value: await call(s3, { abortSignal: signal }) };
      } catch (error) {
        signal.throwIfAborted();
        const refusal = refusalOf(error);
        if (refusal === undefined) throw this.#failure(error);
        if (refusal.code !== 'ExpiredToken' || isRenewed) return { refusal };
        // Temporary credentials may have been renewed where the environment reads them.
        await this.#renew(s3);
      }
    }
  }

  /**
   * Reads an object with `consume`, from the beginning again when the connection breaks in the middle. Throws
   * `StepError`.
   */
  async read<T>(
    { key, versionId }: { readonly key: string; readonly versionId?: string | undefined },
    consume: (object: GetObjectCommandOutput) => Promise<T>,
  ): Promise<T> {
    const doing = `get ${key} from ${this.bucket}`;
    const input = { ...this.ownBucket, Key: key, VersionId: versionId };
    for (let tries = 1; ; tries++) {
      const object = await this.ask(doing, (s3, http) => s3.getObject(input, http));
      try {
        return await consume(object);
      } catch (cause) {
        this.#context.signal.throwIfAborted();
        await this.#retries.again(tries, this.#failure(cause));
      }
    }
  }

  error(refusal: Refusal, doing: string): StepError {
    return refusalError(refusal, this.#place(), doing);
  }

  async #open(): Promise<S3> {
    const { Wire } = await import('./wire.ts');
    const wire = new Wire(this.limit, this.#silenceMs, () => this.#sayLimit());
    this.#wire = wire;
    const s3 = await openSdk(this.access, this.#context, {
      requestHandler: wire,
      retryStrategy: this.#retries,
    });
    this.#host = endpointOf(s3, this.access).host;
    if (this.access.readOnly) refuseWrites(s3, this.bucket);
    return s3;
  }

  /** Many requests may hear at once that the credentials have expired. */
  async #renew(s3: S3): Promise<void> {
    this.#renewing ??= s3.config.credentials({ forceRefresh: true }).finally(() => {
      this.#renewing = undefined;
    });
    await this.#renewing;
  }

  #failure(error: unknown): StepError {
    return error instanceof StepError ? error : transportError(error, this.#place());
  }

  /** At most a line in five seconds: under a long overload the limit moves often. */
  #sayLimit(): void {
    const now = performance.now();
    if (!this.#isBulk || now - this.#saidAt < 5000) return;
    this.#saidAt = now;
    this.#context.log?.(`${this.#host} is overloaded: ${this.limit.limit} requests at a time from here on`);
  }

  #place(): BucketPlace {
    return { ...this.access, host: this.#host, caller: credentialWords(this.access.credentials) };
  }
}

/** The client of a target. Throws `StepError` with code `interlock` where entry and fingerprint disagree. */
export function openBucket(target: ValueMap, context: S3Context, options: Options = {}): S3Client {
  const access = bucketAccess(target, context.environment);
  const difference = contradiction(target, access);
  if (difference !== undefined) {
    throw new StepError(`${access.bucket} is not the bucket of the fingerprint: ${difference}`, {
      code: 'interlock',
      hint: 'Nothing was read or written. Correct the entry, or the fingerprint in the environment.',
    });
  }
  return new S3Client(access, context, options);
}
