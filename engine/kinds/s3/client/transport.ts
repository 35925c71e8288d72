import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import type { Agent as TlsAgent } from 'node:https';

export interface WireRequest {
  readonly origin: URL;
  readonly method: string;
  /** Path and query, encoded. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly message: IncomingMessage;
  /** To be called when a part of the body has come: the limit of silence begins anew. */
  readonly alive: () => void;
}

/** Nothing came for so long. */
export class SilenceError extends Error {
  override readonly name = 'SilenceError';
  readonly connected: boolean;

  constructor(millis: number, connected: boolean) {
    super(`${connected ? 'no answer' : 'no connection'} within ${millis / 1000} s`);
    this.connected = connected;
  }
}

/**
 * Connections to one service, kept open between requests, without Nagle's delay (Node's agents have
 * none). How many are under way at once is the caller's business.
 */
export class Transport {
  readonly #silenceMs: number;
  #agent: Agent | TlsAgent | undefined;

  constructor(silenceMs: number) {
    this.#silenceMs = silenceMs;
  }

  /** Sends a request; the body of the answer has not been read. Throws what Node throws, or `SilenceError`. */
  async send({ origin, method, target, headers, body }: WireRequest): Promise<WireResponse> {
    const isSecure = origin.protocol === 'https:';
    const http = isSecure ? await import('node:https') : await import('node:http');
    this.#agent ??= new http.Agent({ keepAlive: true, scheduling: 'lifo' });
    const agent = this.#agent;
    const { hostname, port } = origin;
    return new Promise((resolve, reject) => {
      const request: ClientRequest = http.request({
        agent,
        host: hostname.replace(/^\[(.*)\]$/, '$1'),
        ...(port !== '' && { port }),
        method,
        path: target,
        headers: body === undefined ? headers : { ...headers, 'content-length': Buffer.byteLength(body) },
      });
      const timer = setTimeout(() => {
        const connected = request.socket !== null && !request.socket.connecting;
        (incoming ?? request).destroy(new SilenceError(this.#silenceMs, connected));
      }, this.#silenceMs);
      let incoming: IncomingMessage | undefined;
      request.once('error', (error) => {
        clearTimeout(timer);
        reject(error);
      });
      request.once('response', (message) => {
        incoming = message;
        message.once('close', () => clearTimeout(timer));
        resolve({
          status: message.statusCode ?? 0,
          headers: flatten(message.headers),
          message,
          alive: () => timer.refresh(),
        });
      });
      request.end(body);
    });
  }

  /** Cuts all connections; what is under way fails. */
  close(): void {
    this.#agent?.destroy();
  }
}

/** The body as text. Throws when the connection broke before its end. */
export const readText = async (response: WireResponse): Promise<string> =>
  (await readBytes(response)).toString('utf8');

export function readBytes({ message, alive }: WireResponse): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    message.on('data', (chunk: Buffer) => {
      alive();
      chunks.push(chunk);
    });
    message.once('end', () => resolve(Buffer.concat(chunks)));
    message.once('error', reject);
    message.once('close', () => reject(new Error('the connection broke in the middle of the answer')));
  });
}

const flatten = (headers: IncomingMessage['headers']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
