import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { AdaptiveLimit } from './adaptive.ts';

type Handle = NodeHttpHandler['handle'];

/** What the SDK's requests to S3 and to STS go through: connections are kept, and silence ends. */
export const wireOptions = (silenceMs: number) => ({
  connectionTimeout: silenceMs,
  requestTimeout: silenceMs,
  throwOnRequestTimeout: true,
  socketTimeout: silenceMs,
  // How many are under way at once is the limit's business; of idle connections the warmest is taken.
  httpAgent: { keepAlive: true, maxSockets: Infinity, scheduling: 'lifo' as const },
  httpsAgent: { keepAlive: true, maxSockets: Infinity, scheduling: 'lifo' as const },
});

/**
 * The SDK's own way to the wire, with at most as many requests at once as the service bears. Loaded with the
 * SDK.
 */
export class Wire extends NodeHttpHandler {
  readonly #limit: AdaptiveLimit;
  readonly #limitFell: () => void;
  #serverNow: number | undefined;

  constructor(limit: AdaptiveLimit, silenceMs: number, limitFell: () => void) {
    super(wireOptions(silenceMs));
    this.#limit = limit;
    this.#limitFell = limitFell;
  }

  /** The service's clock as of its last answer, in milliseconds since the epoch. */
  get serverNow(): number | undefined {
    return this.#serverNow;
  }

  override async handle(...[request, options]: Parameters<Handle>): ReturnType<Handle> {
    const pass = await this.#limit.enter();
    const leave = (setback: boolean): void => {
      if (this.#limit.leave(pass, setback)) this.#limitFell();
    };
    try {
      const answer = await super.handle(request, options);
      const { statusCode, headers } = answer.response;
      if (headers['date'] !== undefined) this.#serverNow = Date.parse(headers['date']);
      // Not held while a body is read: its reader may ask for something else meanwhile.
      leave(statusCode === 429 || statusCode === 503);
      return answer;
    } catch (error) {
      leave(true);
      throw error;
    }
  }
}
