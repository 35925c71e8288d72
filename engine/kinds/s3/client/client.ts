import { setMaxListeners } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import type { ValueMap } from '../../../base/value.ts';
import type { StepContext } from '../../../model/kind.ts';
import { StepError } from '../../../model/kind.ts';
import { during } from '../../context/activity.ts';
import type { BucketAccess } from './access.ts';
import { bucketAccess, contradiction } from './access.ts';
import { AdaptiveLimit } from './adaptive.ts';
import type { BucketPlace, Refusal } from './errors.ts';
import { isOverload, isPassing, readRefusal, refusalError, transportError } from './errors.ts';
import { credentialWords } from './credentials.ts';
import { encodePath, encodeQuery } from './encoding.ts';
import type { Sdk } from './sdk.ts';
import { openSdk } from './sdk.ts';
import type { WireRequest, WireResponse } from './transport.ts';
import { readText, Transport } from './transport.ts';

export interface S3Request {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** What it is for, in the words of an error: `list the bucket videos`. */
  readonly doing: string;
  /** The bucket itself when absent. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  /** Names in small letters. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Does not demand that the bucket belongs to the expected account. */
  readonly anyOwner?: boolean;
}

export interface S3Response {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface Patience {
  readonly attempts: number;
  readonly firstMs: number;
  readonly longestMs: number;
  /** Of a connection or an answer. */
  readonly silenceMs: number;
}

/** One request that somebody waits for. */
const PATIENCE: Patience = { attempts: 5, firstMs: 200, longestMs: 10_000, silenceMs: 60_000 };
/** One of very many: the others go on meanwhile, and giving up costs a second run. */
const BULK: Patience = { attempts: 10, firstMs: 100, longestMs: 20_000, silenceMs: 60_000 };
/** Longer than S3 or a proxy ever asks for; more would look like a standstill. */
const LONGEST_RETRY_AFTER_MS = 120_000;

/** What of a step's context the client needs. */
export type S3Context = Pick<StepContext, 'signal' | 'secrets' | 'environment'> &
  Partial<Pick<StepContext, 'clock' | 'waiting' | 'working' | 'log'>>;

/**
 * One bucket over S3's HTTP, signed by hand: an SDK costs 1.9 ms of processor for each request, this
 * a fifth (docs/decisions/s3-client.md). Requests that met an overload, a failing server or a broken
 * connection are repeated after a random pause that doubles, or after what `Retry-After` says.
 * All that drillbook asks of S3 may be asked twice.
 */
export class S3Client {
  readonly access: BucketAccess;
  readonly limit: AdaptiveLimit;
  readonly #context: S3Context;
  readonly #transport: Transport;
  readonly #patience: Patience;
  readonly #isBulk: boolean;
  readonly #stop = (): void => this.close();
  #sdk: Promise<Sdk> | undefined;
  #host: string;
  #saidAt = -Infinity;
  #serverNow: number | undefined;

  constructor(
    access: BucketAccess,
    context: S3Context,
    options: { readonly concurrency?: number; readonly patience?: Partial<Patience> } = {},
  ) {
    this.access = access;
    this.#context = context;
    this.#isBulk = options.concurrency !== undefined;
    this.#patience = { ...(this.#isBulk ? BULK : PATIENCE), ...options.patience };
    this.limit = new AdaptiveLimit({ initial: 16, max: options.concurrency ?? 8 });
    this.#transport = new Transport(this.#patience.silenceMs);
    this.#host = access.endpoint === undefined ? 's3' : new URL(access.endpoint).host;
    // Many pauses may listen to it at once, and Node takes eleven listeners for a leak.
    if (this.#isBulk) setMaxListeners(0, context.signal);
    context.signal.addEventListener('abort', this.#stop, { once: true });
  }

  get bucket(): string {
    return this.access.bucket;
  }

  /** The service's clock as of its last answer, in milliseconds since the epoch. */
  get serverNow(): number | undefined {
    return this.#serverNow;
  }

  close(): void {
    this.#context.signal.removeEventListener('abort', this.#stop);
    this.#transport.close();
  }

  /** Sends a request and gives the answer if it is a success. Throws `StepError` with S3's own code. */
  async send(request: S3Request): Promise<S3Response> {
    const answer = await this.attempt(request);
    if ('refusal' in answer) throw this.error(answer.refusal, request.doing);
    return answer;
  }

  /** Like `send`, but what S3 refuses for good is an answer. */
  attempt(request: S3Request): Promise<S3Response | { readonly refusal: Refusal }> {
    return this.#persist(request, async (response) => {
      const { status, headers } = response;
      const text = await readText(response);
      // CopyObject, DeleteObjects and the like begin with 200 and may fail afterwards.
      const isRefusal =
        status >= 300 || (request.method !== 'GET' && /^\s*(?:<\?xml[^>]*>)?\s*<Error>/.test(text));
      if (!isRefusal) return { status, headers, text };
      return { refusal: readRefusal(status < 300 ? 500 : status, headers, text) };
    });
  }

  /**
   * Reads an object's body with `consume`, from the beginning again when the connection breaks in the
   * middle. Throws `StepError`.
   */
  async read<T>(request: S3Request, consume: (response: WireResponse) => Promise<T>): Promise<T> {
    const answer = await this.#persist(request, async (response) => {
      const { status, headers } = response;
      if (status < 300) return { value: await consume(response) };
      return { refusal: readRefusal(status, headers, await readText(response)) };
    });
    if ('refusal' in answer) throw this.error(answer.refusal, request.doing);
    return answer.value;
  }

  error(refusal: Refusal, doing: string): StepError {
    return refusalError(refusal, this.#place(), doing);
  }

  async #persist<T extends object>(
    request: S3Request,
    receive: (response: WireResponse) => Promise<T | { readonly refusal: Refusal }>,
  ): Promise<T | { readonly refusal: Refusal }> {
    let renewed = false;
    for (let tries = 1; ; tries++) {
      const outcome = await this.#once(request, receive);
      if ('value' in outcome) {
        const { value } = outcome;
        if (!('refusal' in value)) return value;
        if (value.refusal.code === 'ExpiredToken' && !renewed) {
          // Temporary credentials may have been renewed where the environment reads them.
          renewed = true;
          await (await this.sdk()).renew();
          continue;
        }
        if (!isPassing(value.refusal) || tries >= this.#patience.attempts) return value;
        await this.#pause(tries, value.refusal.code, outcome.retryAfterMs);
      } else {
        if (!outcome.error.retryable || tries >= this.#patience.attempts) throw outcome.error;
        await this.#pause(tries, outcome.error.message, undefined);
      }
    }
  }

  async #once<T extends object>(
    request: S3Request,
    receive: (response: WireResponse) => Promise<T | { readonly refusal: Refusal }>,
  ): Promise<
    { value: T | { readonly refusal: Refusal }; retryAfterMs: number | undefined } | { error: StepError }
  > {
    const { signal } = this.#context;
    const pass = await this.limit.enter();
    let setback = false;
    try {
      signal.throwIfAborted();
      const signed = await this.#signed(request);
      const response = await this.#transport.send(signed);
      const { headers } = response;
      if (headers['date'] !== undefined) this.#serverNow = Date.parse(headers['date']);
      const value = await receive(response);
      setback = 'refusal' in value && isOverload(value.refusal);
      return { value, retryAfterMs: retryAfter(headers['retry-after']) };
    } catch (cause) {
      signal.throwIfAborted();
      if (cause instanceof StepError) return { error: cause };
      setback = true;
      return { error: transportError(cause, this.#place()) };
    } finally {
      if (this.limit.leave(pass, setback)) this.#sayLimit();
    }
  }

  /** AWS's own client with the same configuration; loaded when it is first asked for. */
  sdk(): Promise<Sdk> {
    this.#sdk ??= openSdk(this.access, this.#context).then((sdk) => {
      this.#host = sdk.url.host;
      return sdk;
    });
    return this.#sdk;
  }

  /** Where it is asked, for the words of an error. */
  get host(): string {
    return this.#host;
  }

  async #signed({
    method,
    key,
    query = {},
    headers = {},
    body,
    anyOwner = false,
  }: S3Request): Promise<WireRequest> {
    const { owner } = this.access;
    const sdk = await this.sdk();
    const { url } = sdk;
    const path = `${url.pathname.replace(/\/$/, '')}/${key === undefined ? '' : encodePath(key)}`;
    const known = Object.fromEntries(
      Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
    const signed = await sdk.sign({
      method,
      path,
      query: known,
      headers: {
        host: url.host,
        ...(owner !== undefined && !anyOwner && { 'x-amz-expected-bucket-owner': owner }),
        ...headers,
      },
      body,
    });
    const encoded = encodeQuery(known);
    return {
      origin: url,
      method,
      target: encoded === '' ? path : `${path}?${encoded}`,
      headers: signed,
      body,
    };
  }

  /** Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ */
  async #pause(tries: number, why: string, retryAfterMs: number | undefined): Promise<void> {
    const { firstMs, longestMs } = this.#patience;
    const random = Math.random() * Math.min(longestMs, firstMs * 2 ** (tries - 1));
    const millis = retryAfterMs === undefined ? random : retryAfterMs + random;
    const { clock, signal } = this.#context;
    const sleep = async (): Promise<void> => {
      if (clock === undefined) await setTimeout(millis, undefined, { signal });
      else await clock.sleep(millis, signal);
      signal.throwIfAborted();
    };
    const { waiting, working } = this.#context;
    // Among many, one that waits does not make the step wait.
    if (this.#isBulk || waiting === undefined || working === undefined) return sleep();
    const context = { ...this.#context, waiting, working };
    await during(context as StepContext, { class: 'retry', reason: `S3: ${why}; trying again` }, sleep);
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

/** Seconds or a date, as milliseconds to wait. */
function retryAfter(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const millis = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(millis) ? undefined : Math.min(LONGEST_RETRY_AFTER_MS, Math.max(0, millis));
}

/** The client of a target. Throws `StepError` with code `interlock` where entry and fingerprint disagree. */
export function openBucket(
  target: ValueMap,
  context: S3Context,
  options: { readonly concurrency?: number; readonly patience?: Partial<Patience> } = {},
): S3Client {
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
