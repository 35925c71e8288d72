import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { NodeHttpHandlerOptions } from '@smithy/node-http-handler';
import { trustOfMachine } from '../../http/authorities.ts';
import { proxyFor } from '../../http/proxy.ts';
import { ProxyingAgent } from '../../http/proxying-agent.ts';
import { credentials, hopTo } from '../../http/route.ts';
import type { AdaptiveLimit } from './adaptive.ts';

type Handle = NodeHttpHandler['handle'];
type Request = Parameters<Handle>[0];

/**
 * The SDK's own way to the wire, for S3 and STS: connections are kept, silence ends, and the proxy and the authorities
 * that this machine names are heeded. Loaded with the SDK.
 */
export class AwsHandler extends NodeHttpHandler {
  constructor(silenceMs: number) {
    super(() => optionsOf(silenceMs));
  }

  override handle(...[request, options]: Parameters<Handle>): ReturnType<Handle> {
    return super.handle(throughProxy(request), options);
  }
}

async function optionsOf(silenceMs: number): Promise<NodeHttpHandlerOptions> {
  // How many are under way at once is the limit's business; of idle connections the warmest is taken.
  const kept = { keepAlive: true, maxSockets: Infinity, scheduling: 'lifo' as const };
  return {
    connectionTimeout: silenceMs,
    requestTimeout: silenceMs,
    throwOnRequestTimeout: true,
    socketTimeout: silenceMs,
    httpAgent: kept,
    httpsAgent: new ProxyingAgent({ ...kept, ...(await trustOfMachine()), timeout: silenceMs }),
  };
}

/** Without encryption the proxy is asked for the whole address; with it the agent makes a tunnel. */
function throughProxy(request: Request): Request {
  if (request.protocol !== 'http:') return request;
  const { hostname, port } = request;
  const url = new URL(`http://${hostname}${port === undefined ? '' : `:${String(port)}`}`);
  const proxy = proxyFor(url);
  if (proxy === undefined) return request;
  const headers = { ...request.headers, host: url.host, ...credentials(proxy) };
  const asked = { ...hopTo(proxy), path: `${url.origin}${request.path}`, headers };
  return Object.assign(Object.create(Object.getPrototypeOf(request) as object) as Request, request, asked);
}

/**
 * The way to S3, with at most as many requests at once as the service bears.
 */
export class Wire extends AwsHandler {
  readonly #limit: AdaptiveLimit;
  readonly #limitFell: () => void;
  #serverNow: number | undefined;

  constructor(limit: AdaptiveLimit, silenceMs: number, limitFell: () => void) {
    super(silenceMs);
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
