import { setTimeout as sleep } from 'node:timers/promises';
import { humanDuration } from '../../../base/human.ts';
import type { Json } from '../../../base/json.ts';
import { readJson } from '../../../base/json-text.ts';
import type { Value, ValueMap } from '../../../base/value.ts';
import { isValueList, isValueMap } from '../../../base/value.ts';
import type { Environment } from '../../../model/environment.ts';
import { homeOf } from '../../../model/environment.ts';
import type { SecretResolver } from '../../../model/handle.ts';
import type { StepContext } from '../../../model/kind.ts';
import { StepError } from '../../../model/kind.ts';
import { during, pause } from '../../context/activity.ts';
import type { HttpResponse } from '../../http/transport.ts';
import { exchange } from '../../http/transport.ts';
import { renderApi, renderKeyInShell } from '../../context/render-api.ts';
import { renderKey } from './config.ts';
import type { Call } from './errors.ts';
import { renderError } from './errors.ts';

/** Attempts of a call that may be repeated without doing a thing twice; the time limit of each. */
interface Patience {
  readonly attempts: number;
  readonly timeoutMs: number;
}

const PATIENCE: Patience = { attempts: 5, timeoutMs: 30_000 };
const MAX_BYTES = 16 * 1024 * 1024;
const PAGE_SIZE = 100;
const FIRST_PAUSE_MS = 500;
/** Waited on a 429 that does not say how long. */
const SLOW_DOWN_MS = 5000;

type Query = Readonly<Record<string, string | undefined>>;

/** How a client waits: a step's wait is timed and shown, another's is not. */
type Wait = (why: { class: 'external' | 'retry'; reason: string }, millis: number) => Promise<void>;

/**
 * Render's API (base and key from the environment). It waits as long as a 429 asks, repeats
 * a GET or PUT that met a server's error, and throws `StepError` otherwise. Rules:
 * https://api-docs.render.com/reference/rate-limiting and /reference/pagination.
 */
export class RenderClient {
  readonly #environment: Environment;
  readonly #secrets: SecretResolver;
  readonly #signal: AbortSignal;
  readonly #wait: Wait;
  readonly #patience: Patience;
  #clockSkewMs = 0;

  constructor(options: {
    readonly environment: Environment;
    readonly secrets: SecretResolver;
    readonly signal: AbortSignal;
    readonly wait?: Wait;
    readonly patience?: Patience;
  }) {
    this.#environment = options.environment;
    this.#secrets = options.secrets;
    this.#signal = options.signal;
    this.#patience = options.patience ?? PATIENCE;
    this.#wait =
      options.wait ??
      (async (_why, millis) => {
        await sleep(millis, undefined, { signal: this.#signal });
      });
  }

  /** How far Render's clock is ahead of this machine's, as of its last answer; 0 below two seconds, its own precision. */
  get clockSkewMs(): number {
    return this.#clockSkewMs;
  }

  async get(path: string, query: Query = {}): Promise<Value> {
    return (await this.call({ method: 'GET', path }, { query })).body ?? null;
  }

  /**
   * All items of a list, over all its pages; `member` is what an item calls its resource (`deploy`). A list that
   * breaks off is an error: from a part of it nobody may conclude that something is not there.
   */
  async *list(path: string, member: string, query: Query = {}): AsyncGenerator<Value, void, void> {
    const limit = query['limit'] ?? String(PAGE_SIZE);
    let cursor: string | undefined;
    for (;;) {
      const items = await this.get(path, { ...query, limit, cursor });
      if (!isValueList(items)) throw badList(path, 'is no list');
      for (const item of items) yield isValueMap(item) ? (item[member] ?? null) : null;
      const last = items.at(-1);
      const next = isValueMap(last) ? last['cursor'] : undefined;
      if (items.length < Number(limit)) return;
      if (typeof next !== 'string' || next === cursor)
        throw badList(path, 'breaks off: it names no next page');
      cursor = next;
    }
  }

  /** The answer's body is undefined where there is none, as with 202. */
  async call(
    call: Call,
    options: { readonly query?: Query; readonly body?: Json } = {},
  ): Promise<{ readonly status: number; readonly body: Value | undefined }> {
    const repeatable = call.method === 'GET' || call.method === 'PUT';
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(call, options);
      } catch (error) {
        if (!(error instanceof StepError) || !error.retryable) throw error;
        if (error.code === '429') {
          const millis = Number(error.details['retryAfterMs']);
          await this.#wait(
            { class: 'external', reason: `Render asks to wait ${humanDuration(millis)}` },
            millis,
          );
        } else if (repeatable && attempt < this.#patience.attempts) {
          const millis = FIRST_PAUSE_MS * 2 ** (attempt - 1);
          await this.#wait({ class: 'retry', reason: `${error.message}; trying again` }, millis);
        } else {
          throw error;
        }
      }
    }
  }

  async #once(
    call: Call,
    options: { readonly query?: Query; readonly body?: Json },
  ): Promise<{ status: number; body: Value | undefined }> {
    const key = await this.#secrets.reveal(renderKey(this.#environment), this.#signal);
    const response = await exchange({
      url: address(renderApi(this.#environment), call.path, options.query ?? {}),
      method: call.method,
      headers: {
        authorization: `Bearer ${key.reveal()}`,
        accept: 'application/json',
        ...(options.body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
      timeoutMs: this.#patience.timeoutMs,
      signal: this.#signal,
      maxBytes: MAX_BYTES,
    });
    this.#noteClock(response.headers['date']);
    const body = parseBody(call, response);
    if (response.status >= 200 && response.status < 300) return { status: response.status, body };
    throw withRetryAfter(
      renderError(call, response.status, body, renderKeyInShell(this.#environment)),
      response,
    );
  }

  #noteClock(date: string | undefined): void {
    const theirs = Date.parse(date ?? '');
    const skew = theirs - Date.now();
    this.#clockSkewMs = Math.abs(skew) >= 2000 ? skew : 0;
  }
}

/** The client of a step: its waits are timed and shown. `about`: what it reads, which may be of another environment. */
export function renderClient(context: StepContext, about: ValueMap = {}): RenderClient {
  return new RenderClient({
    environment: homeOf(about, context.environment),
    secrets: context.secrets,
    signal: context.signal,
    wait: (why, millis) => during(context, why, () => pause(context, millis)),
  });
}

function address(base: string, path: string, query: Query): URL {
  const url = new URL(base + path);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url;
}

function parseBody(call: Call, response: HttpResponse): Value | undefined {
  if (response.body.length === 0) return undefined;
  try {
    return readJson(response.body.toString('utf8'));
  } catch (cause) {
    // A gateway's error page is no JSON: the status then says all there is.
    if (response.status >= 300) return undefined;
    throw new StepError(`Render's answer to ${call.method} ${call.path} is not JSON`, {
      code: 'badAnswer',
      hint: 'Is "render.api" in the environment the address of the API?',
      changed: call.method === 'GET' ? 'nothing' : 'maybe',
      cause,
    });
  }
}

const badList = (path: string, what: string): StepError =>
  new StepError(`Render's answer to GET ${path} ${what}`, { code: 'badAnswer' });

function withRetryAfter(error: StepError, response: HttpResponse): StepError {
  if (response.status !== 429) return error;
  return new StepError(error.message, {
    code: error.code,
    retryable: true,
    details: { ...error.details, retryAfterMs: retryAfterMs(response.headers) },
  });
}

/** `Retry-After` in seconds or as a date; else `RateLimit-Reset`, a small number of seconds left. */
function retryAfterMs(headers: HttpResponse['headers']): number {
  const after = headers['retry-after'] ?? '';
  const seconds = Number(after || (headers['ratelimit-reset'] ?? 'none'));
  if (Number.isFinite(seconds) && seconds >= 0 && seconds <= 3600) return Math.max(seconds * 1000, 100);
  const until = Date.parse(after) - Date.now();
  return until > 0 && until <= 3_600_000 ? until : SLOW_DOWN_MS;
}
