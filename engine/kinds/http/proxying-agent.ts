import type { ClientRequestArgs } from 'node:http';
import { Agent } from 'node:https';
import type { AgentOptions } from 'node:https';
import { isIPv6 } from 'node:net';
import type { Duplex } from 'node:stream';
import { transportError } from './errors.ts';
import { proxyFor } from './proxy.ts';
import { tunnel } from './route.ts';

type Created = (error: Error | null, stream: Duplex) => void;

/**
 * Connections that are kept, to many hosts, each through the proxy that this machine names for its host. How long a
 * proxy may be silent is the `timeout` of the options.
 */
export class ProxyingAgent extends Agent {
  readonly #silenceMs: number;

  constructor(options: AgentOptions & { readonly timeout: number }) {
    super(options);
    this.#silenceMs = options.timeout;
  }

  override createConnection(options: ClientRequestArgs, created: Created): Duplex | null | undefined {
    const host = options.host ?? 'localhost';
    const url = new URL(`https://${isIPv6(host) ? `[${host}]` : host}:${String(options.port ?? 443)}`);
    const failed = (cause: unknown): void => {
      const asked = { url, method: 'GET', timeoutMs: this.#silenceMs };
      const isSilent = cause instanceof Error && cause.message === 'Proxy timeout';
      const state = { timedOut: isSilent, connected: false, proxy: proxyFor(url) };
      // Whoever waits for a connection gets an error and no stream.
      (created as (error: Error) => void)(transportError(cause, asked, state));
    };
    try {
      const proxy = proxyFor(url);
      if (proxy === undefined) return super.createConnection(options, created);
      tunnel(proxy).then((agent) => {
        agent.createConnection(options, (error, stream) =>
          error === null ? created(null, stream) : failed(error),
        );
      }, failed);
    } catch (error) {
      (created as (error: unknown) => void)(error);
    }
    return undefined;
  }
}
