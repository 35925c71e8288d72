import type { Agent, RequestOptions } from 'node:https';
import { trustOfMachine } from './authorities.ts';
import type { Proxy } from './proxy.ts';
import { proxyAuthorization, proxyFor } from './proxy.ts';

/** How a request gets to where it is meant for. */
export interface Route {
  readonly proxy: Proxy | undefined;
  /** Whether the connection that the request is written to is encrypted. */
  readonly isTls: boolean;
  /** What Node.js is told beside the address. */
  readonly options: RequestOptions;
  /** What a proxy wants that reads the request itself, which it does without encryption only. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Directly, or through a proxy: a tunnel where the target is encrypted, else by asking the proxy for the whole address. */
export async function routeTo(url: URL, signal: AbortSignal): Promise<Route> {
  const proxy = proxyFor(url);
  if (proxy === undefined) return { proxy, isTls: url.protocol === 'https:', options: {} };
  if (url.protocol === 'https:')
    return { proxy, isTls: true, options: { agent: await tunnel(proxy, signal) } };
  return {
    proxy,
    isTls: proxy.url.protocol === 'https:',
    options: { ...hopTo(proxy), path: `${url.origin}${url.pathname}${url.search}` },
    headers: { host: url.host, ...credentials(proxy) },
  };
}

/** Where a request without encryption goes instead of to its target. */
export function hopTo({ url }: Proxy): { protocol: string; hostname: string; port: number } {
  const { protocol, hostname, port } = url;
  const usual = protocol === 'https:' ? 443 : 80;
  return {
    protocol,
    hostname: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? usual : Number(port),
  };
}

/** An agent whose connections go through the proxy; the signal ends them also while the proxy is silent. */
export async function tunnel(proxy: Proxy, signal?: AbortSignal): Promise<Agent> {
  const { HttpsProxyAgent } = await import('hpagent');
  const { protocol, host } = proxy.url;
  // The library hands these on to Node.js, whose options they are.
  const proxyRequestOptions = {
    ...(signal !== undefined && { signal }),
    headers: credentials(proxy),
    ...(protocol === 'https:' && (await trustOfMachine())),
  };
  return new HttpsProxyAgent({ proxy: `${protocol}//${host}`, proxyRequestOptions });
}

/** The header that a proxy wants, where it has a user. */
export function credentials(proxy: Proxy): Readonly<Record<string, string>> {
  const authorization = proxyAuthorization(proxy);
  return authorization === undefined ? {} : { 'proxy-authorization': authorization };
}
