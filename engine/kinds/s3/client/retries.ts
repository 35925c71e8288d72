import { setTimeout } from 'node:timers/promises';
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import type { StepContext, StepError } from '../../../model/kind.ts';
import { during } from '../../context/activity.ts';
import { isPassing, refusalOf } from './errors.ts';

type Strategy = Extract<NonNullable<S3ClientConfig['retryStrategy']>, { acquireInitialRetryToken: unknown }>;
type Token = Awaited<ReturnType<Strategy['acquireInitialRetryToken']>>;
type Setback = Parameters<Strategy['refreshRetryTokenForRetry']>[1];

/** How long is tried. */
export interface Patience {
  readonly attempts: number;
  readonly firstMs: number;
  readonly longestMs: number;
  /** Of a connection or an answer. */
  readonly silenceMs: number;
}

/** Longer than S3 or a proxy ever asks for; more would look like a standstill. */
const LONGEST_RETRY_AFTER_MS = 120_000;

export type RetryContext = Pick<StepContext, 'signal'> &
  Partial<Pick<StepContext, 'clock' | 'waiting' | 'working'>>;

/**
 * How the SDK tries again: after a random pause that doubles, or after what `Retry-After` says. Its own strategy has
 * a budget of few retries for all requests together, with which an overload would end a copy of many objects, and
 * pauses that no clock of a run is told of.
 */
export class Retries implements Strategy {
  readonly #patience: Patience;
  readonly #context: RetryContext;
  /** Of many requests: one that waits does not make the step wait. */
  readonly #areMany: boolean;
  readonly #failureOf: (error: unknown) => StepError;

  constructor(
    patience: Patience,
    context: RetryContext,
    options: { readonly areMany: boolean; readonly failureOf: (error: unknown) => StepError },
  ) {
    this.#patience = patience;
    this.#context = context;
    this.#areMany = options.areMany;
    this.#failureOf = options.failureOf;
  }

  acquireInitialRetryToken(): Promise<Token> {
    return Promise.resolve(tokenAfter(0));
  }

  async refreshRetryTokenForRetry(token: Token, { error, retryAfterHint }: Setback): Promise<Token> {
    const tries = token.getRetryCount() + 1;
    const askedMs = retryAfterHint === undefined ? 0 : retryAfterHint.getTime() - Date.now();
    await this.again(tries, error, askedMs);
    return tokenAfter(tries);
  }

  /** Waits before the next try. Throws what was met when it will not pass, or was met too often. */
  async again(tries: number, met: unknown, askedMs = 0): Promise<void> {
    const refusal = refusalOf(met);
    const failure = refusal === undefined ? this.#failureOf(met) : undefined;
    const passes = refusal === undefined ? failure?.retryable === true : isPassing(refusal);
    if (!passes || tries >= this.#patience.attempts) throw met;
    await this.#pause(tries, refusal?.code ?? failure?.message ?? '', askedMs);
  }

  recordSuccess(): void {
    // There is no budget to give back to.
  }

  /** Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ */
  async #pause(tries: number, why: string, askedMs: number): Promise<void> {
    const { firstMs, longestMs } = this.#patience;
    const random = Math.random() * Math.min(longestMs, firstMs * 2 ** (tries - 1));
    const asked = Math.min(LONGEST_RETRY_AFTER_MS, Math.max(0, askedMs));
    const { clock, signal, waiting, working } = this.#context;
    const sleep = async (): Promise<void> => {
      if (clock === undefined) await setTimeout(asked + random, undefined, { signal });
      else await clock.sleep(asked + random, signal);
      signal.throwIfAborted();
    };
    if (this.#areMany || waiting === undefined || working === undefined) return sleep();
    const context = { ...this.#context, waiting, working };
    await during(context as StepContext, { class: 'retry', reason: `S3: ${why}; trying again` }, sleep);
  }
}

const tokenAfter = (tries: number): Token => ({
  getRetryCount: () => tries,
  // It has been waited already, by the run's clock.
  getRetryDelay: () => 0,
});
