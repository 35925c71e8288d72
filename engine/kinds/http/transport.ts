import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { humanDuration } from '../../base/human.ts';
import { StepError } from '../../model/kind.ts';

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

/** Methods that change nothing by their definition (RFC 9110, 9.2.1). */
export const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Methods that are there to change something (RFC 9110, 9.3; RFC 5789). What POST does is the receiver's to say. */
export const CHANGING_METHODS: ReadonlySet<string> = new Set(['PUT', 'PATCH', 'DELETE']);

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
  const isTls = request.url.protocol === 'https:';
  const { request: begin } = await (isTls ? import('node:https') : import('node:http'));
  request.signal.throwIfAborted();
  let connected = false;
  try {
    const outgoing = begin(request.url, {
      method: request.method,
      headers: { 'user-agent': 'drillbook', 'accept-encoding': 'identity', ...request.headers },
      agent: false,
      signal: AbortSignal.any([request.signal, timeout]),
      ...(isTls && tlsOptions(request.tls ?? {})),
    });
    outgoing.once('socket', (socket: Socket) => {
      socket.once(isTls ? 'secureConnect' : 'connect', () => (connected = true));
    });
    return await use(await send(outgoing, request.body));
  } catch (cause) {
    request.signal.throwIfAborted();
    if (cause instanceof StepError) throw cause;
    throw transportError(cause, request, { timedOut: timeout.aborted, connected });
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

function transportError(
  cause: unknown,
  request: Omit<HttpRequest, 'maxBytes'>,
  state: { readonly timedOut: boolean; readonly connected: boolean },
): StepError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const reason = cause instanceof Error ? cause.message : String(cause);
  const { code: word, message, hint } = explain(code, reason, request, state);
  return new StepError(message, {
    code: word,
    changed: state.connected && !SAFE_METHODS.has(request.method) ? 'maybe' : 'nothing',
    retryable: true,
    cause,
    ...(hint !== undefined && { hint }),
  });
}

function explain(
  code: string,
  reason: string,
  { url, timeoutMs }: Omit<HttpRequest, 'maxBytes'>,
  { timedOut, connected }: { readonly timedOut: boolean; readonly connected: boolean },
): { code: string; message: string; hint?: string } {
  if (timedOut) {
    const what = connected ? 'did not answer' : 'could not be reached';
    return { code: 'timeout', message: `${url.host} ${what} within ${humanDuration(timeoutMs)}` };
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return {
      code: 'dns',
      message: `the host name ${url.hostname} cannot be resolved`,
      hint: 'Check the name in the environment, and the DNS of this machine.',
    };
  }
  if (code === 'ECONNREFUSED') return { code: 'unreachable', message: `${url.host} refuses the connection` };
  if (/CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO|EPROTO/.test(code)) {
    return {
      code: 'tls',
      message: `no secure connection to ${url.host}: ${reason}`,
      hint: 'Check that the address is the right one, and its certificate.',
    };
  }
  return { code: 'unreachable', message: `the connection to ${url.host} broke: ${reason}` };
}
