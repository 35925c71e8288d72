import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { StepError } from '../../model/kind.ts';
import { trustOfMachine } from './authorities.ts';
import { proxyRefused, transportError } from './errors.ts';
import { routeTo } from './route.ts';

/** How the other side is held to be who it says, and how this side shows who it is. All PEM. */
export interface TlsSettings {
  /** Authorities in place of the public ones. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** The name that the certificate has to bear, when it is not that of the address. */
  readonly servername?: string;
  /** Any certificate will do: the connection is encrypted, and nobody knows to whom. */
  readonly insecure?: boolean;
}

export interface HttpRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** For the whole exchange, from the look-up of the name to the end of the body. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Of the body; what lies beyond is not read. */
  readonly maxBytes: number;
  readonly tls?: TlsSettings;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in small letters; several lines of one name joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The body was longer than `maxBytes`. */
  readonly truncated: boolean;
}

/**
 * One request on a connection of its own, so that no connection that died unseen is met.
 * Redirects are answers like any other.
 *
 * Throws `StepError` when there was no answer, with code `dns`, `unreachable`, `timeout` or `tls`,
 * and the signal's reason when it aborted.
 */
export async function exchange(request: HttpRequest): Promise<HttpResponse> {
  const timeout = AbortSignal.timeout(request.timeoutMs);
  return open(request, timeout, async (response) => {
    const { body, truncated } = await readBody(response, request.maxBytes);
    return { status: response.statusCode ?? 0, headers: flatten(response.headers), body, truncated };
  });
}

/**
 * The same for a body that is too long to be held: `use` reads it as it comes. The time limit is for a silence, not
 * for the whole. Whatever `use` throws as a `StepError` stays as it is.
 */
export async function stream<T>(
  request: Omit<HttpRequest, 'maxBytes'>,
  use: (response: IncomingMessage) => Promise<T>,
): Promise<T> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), request.timeoutMs);
  const heard = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), request.timeoutMs);
  };
  try {
    return await open(request, silence.signal, (response) => {
      heard();
      response.on('data', heard);
      response.pause();
      return use(response);
    });
  } finally {
    clearTimeout(timer);
  }
}

async function open<T>(
  request: Omit<HttpRequest, 'maxBytes'>,
  timeout: AbortSignal,
  use: (response: IncomingMessage) => Promise<T>,
): Promise<T> {
  request.signal.throwIfAborted();
  const signal = AbortSignal.any([request.signal, timeout]);
  const { proxy, isTls, options, headers } = await routeTo(request.url, signal);
  // What a proxy is asked for is the address; it puts that in the place of the header.
  if (headers !== undefined && 'host' in request.headers) {
    throw new StepError(
      `"host" cannot be another than the address's: ${request.url.host} is asked through a proxy`,
      {
        code: 'usage',
        hint: 'Name it in NO_PROXY where it is reached without.',
      },
    );
  }
  const { request: begin } = await (isTls ? import('node:https') : import('node:http'));
  let connected = false;
  try {
    const outgoing = begin(request.url, {
      method: request.method,
      headers: { 'user-agent': 'drillbook', 'accept-encoding': 'identity', ...request.headers, ...headers },
      agent: false,
      signal,
      ...(isTls && { ...tlsOptions(request.tls ?? {}), ...(await trustOfMachine(request.tls)) }),
      ...options,
    });
    outgoing.once('socket', (socket: Socket) => {
      socket.once(isTls ? 'secureConnect' : 'connect', () => (connected = true));
    });
    const response = await send(outgoing, request.body);
    if (proxy !== undefined && response.statusCode === 407) throw proxyRefused(proxy, request.url, 407);
    return await use(response);
  } catch (cause) {
    request.signal.throwIfAborted();
    if (cause instanceof StepError) throw cause;
    throw transportError(cause, request, { timedOut: timeout.aborted, connected, proxy });
  }
}

const tlsOptions = ({ insecure, ...settings }: TlsSettings): object => ({
  ...settings,
  ...(insecure === true && { rejectUnauthorized: false }),
});

function send(outgoing: ClientRequest, body: string | Uint8Array | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.once('response', resolve);
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

async function readBody(
  response: IncomingMessage,
  maxBytes: number,
): Promise<{ body: Buffer; truncated: boolean }> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    // Leaving the loop destroys the response, and with it the connection.
    if (length > maxBytes) break;
  }
  return { body: Buffer.concat(chunks).subarray(0, maxBytes), truncated: length > maxBytes };
}

/** Several lines of one name as one. */
export const flatten = (headers: IncomingMessage['headers']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
