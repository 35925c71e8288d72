/** Requests allowed in a window of one minute. */
export interface Limits {
  /** Every GET, per user. */
  readonly reads: number;
  /** Every other method without a rule of its own, per user. */
  readonly writes: number;
  /** Deploy, suspend and resume, per service. */
  readonly serviceActions: number;
}

/** What Render documents (api-docs.render.com/reference/rate-limiting). */
export const RENDER_LIMITS: Limits = { reads: 400, writes: 30, serviceActions: 10 };

const WINDOW_MS = 60_000;

/** The state of a limit after a request was counted, in whole seconds where it is a time. */
export interface Allowance {
  readonly allowed: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

/** Counts requests per bucket over a sliding minute, of the machine's monotonic clock. */
export class RateLimiter {
  readonly #limits: Limits;
  readonly #buckets = new Map<string, number[]>();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** `bucket` as render-api.json names it; `service` where its calls are counted per service. */
  take(bucket: string, service: string | undefined): Allowance {
    const perService = bucket === 'service-deploy-actions';
    const limit = perService
      ? this.#limits.serviceActions
      : bucket === 'reads'
        ? this.#limits.reads
        : this.#limits.writes;
    const key = perService ? `${bucket} ${service ?? ''}` : bucket;
    const now = performance.now();
    const recent = (this.#buckets.get(key) ?? []).filter((at) => at > now - WINDOW_MS);
    const allowed = recent.length < limit;
    if (allowed) recent.push(now);
    this.#buckets.set(key, recent);
    const reset = String(Math.max(1, Math.ceil(((recent[0] ?? now) + WINDOW_MS - now) / 1000)));
    return {
      allowed,
      headers: {
        'ratelimit-limit': String(limit),
        'ratelimit-remaining': String(limit - recent.length),
        'ratelimit-reset': reset,
        ...(!allowed && { 'retry-after': reset }),
      },
    };
  }
}
