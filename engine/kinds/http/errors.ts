import { humanDuration } from '../../base/human.ts';
import { StepError } from '../../model/kind.ts';
import { SAFE_METHODS } from './methods.ts';
import type { Proxy } from './proxy.ts';
import { shownProxy } from './proxy.ts';

/** What was asked for, as far as an error speaks of it. */
interface Asked {
  readonly url: URL;
  readonly method: string;
  readonly timeoutMs: number;
}

interface State {
  readonly timedOut: boolean;
  readonly connected: boolean;
  readonly proxy: Proxy | undefined;
}

/** Why there was no answer. */
export function transportError(cause: unknown, asked: Asked, state: State): StepError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const reason = cause instanceof Error ? cause.message : String(cause);
  const status = /^Bad response: (\d+)$/.exec(reason)?.[1];
  if (state.proxy !== undefined && status !== undefined) {
    return proxyRefused(state.proxy, asked.url, Number(status));
  }
  const { code: word, message, hint } = explain(code, reason, asked, state);
  return new StepError(message, {
    code: word,
    changed: state.connected && !SAFE_METHODS.has(asked.method) ? 'maybe' : 'nothing',
    retryable: true,
    cause,
    ...(hint !== undefined && { hint }),
  });
}

/** The proxy answered for itself: what was asked for has not seen the request. */
export function proxyRefused(proxy: Proxy, url: URL, status: number): StepError {
  const hasUser = proxy.url.username !== '';
  const why =
    status !== 407
      ? `does not let through to ${url.host} (HTTP ${status})`
      : hasUser
        ? `does not accept its user and password, on the way to ${url.host}`
        : `wants a user and a password, on the way to ${url.host}`;
  return new StepError(`${shownProxy(proxy)} ${why}`, {
    code: 'unreachable',
    retryable: status >= 500,
    hint:
      status === 407
        ? `Let ${proxy.variable} hold the right ones: http://user:password@host:port.`
        : 'Ask whoever runs the proxy, or name the host in NO_PROXY where it is reached without.',
  });
}

function explain(
  code: string,
  reason: string,
  { url, timeoutMs }: Asked,
  { timedOut, connected, proxy }: State,
): { code: string; message: string; hint?: string } {
  const through = proxy === undefined ? '' : ` through ${shownProxy(proxy)}`;
  if (timedOut) {
    const what = connected ? 'did not answer' : 'could not be reached';
    return { code: 'timeout', message: `${url.host} ${what}${through} within ${humanDuration(timeoutMs)}` };
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return proxy === undefined
      ? {
          code: 'dns',
          message: `the host name ${url.hostname} cannot be resolved`,
          hint: 'Check the name in the environment, and the DNS of this machine.',
        }
      : {
          code: 'dns',
          message: `the host name of ${shownProxy(proxy)} cannot be resolved, on the way to ${url.host}`,
          hint: `Check ${proxy.variable}, and the DNS of this machine.`,
        };
  }
  if (code === 'ECONNREFUSED') {
    return proxy === undefined
      ? { code: 'unreachable', message: `${url.host} refuses the connection` }
      : {
          code: 'unreachable',
          message: `${shownProxy(proxy)} refuses the connection, on the way to ${url.host}`,
          hint: `Check ${proxy.variable}, and whether the proxy runs.`,
        };
  }
  if (/CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO|EPROTO/.test(code)) {
    return {
      code: 'tls',
      message: `no secure connection to ${url.host}${through}: ${reason}`,
      hint: 'Check that the address is the right one, and its certificate. An authority of your own is named by SSL_CERT_FILE.',
    };
  }
  return { code: 'unreachable', message: `the connection to ${url.host}${through} broke: ${reason}` };
}
