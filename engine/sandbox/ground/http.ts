import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Json } from '../../base/json.ts';
import { Silence } from './silence.ts';
import { messageOf } from './text.ts';

const BODY_LIMIT = 1024 * 1024;

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Undefined when there was none. */
  readonly body: Json | undefined;
}

export interface Reply {
  readonly status: number;
  readonly body?: Json;
  /** A file as the body, instead. */
  readonly file?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Listener {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string;
  /** From now on requests come in and nobody answers, as when packets are lost; undefined: as before. */
  hang(millis: number | undefined): void;
  /** Frees the port and cuts the connections that are still open. */
  close(): Promise<void>;
}

/** Serves JSON over HTTP on a free loopback port. What the handler throws becomes a 500 with its message. */
export async function listen(handle: (request: Request) => Promise<Reply>): Promise<Listener> {
  const silence = new Silence();
  const server = createServer((incoming, response) => {
    if (silence.lasts) silence.hold(response);
    else respond(incoming, response, handle).catch(() => response.destroy());
  });
  const { url, close } = await onFreePort(server);
  return {
    url,
    hang: (millis) => silence.begin(millis),
    close: () => {
      silence.begin(undefined);
      return close();
    },
  };
}

/** Lets a server listen on a free loopback port; `close` ends its connections too. */
export async function onFreePort(
  server: Server,
): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Whether the request carries this bearer token. */
export function hasBearer(request: Request, token: string): boolean {
  return request.headers['authorization'] === `Bearer ${token}`;
}

async function respond(
  incoming: IncomingMessage,
  response: ServerResponse,
  handle: (request: Request) => Promise<Reply>,
): Promise<void> {
  const reply = await answer(incoming, handle);
  if (reply.file !== undefined) {
    response.writeHead(reply.status, { 'content-type': 'application/gzip', ...reply.headers });
    await pipeline(createReadStream(reply.file), response);
    return;
  }
  const text = reply.body === undefined ? '' : JSON.stringify(reply.body);
  response.writeHead(reply.status, {
    ...(reply.body !== undefined && { 'content-type': 'application/json' }),
    ...reply.headers,
  });
  await new Promise<void>((resolve) => response.end(text, resolve));
}

async function answer(
  incoming: IncomingMessage,
  handle: (request: Request) => Promise<Reply>,
): Promise<Reply> {
  const url = new URL(incoming.url ?? '/', 'http://127.0.0.1');
  try {
    const text = await bodyText(incoming);
    const body = text === '' ? undefined : parseJson(text);
    if (body === INVALID) return { status: 400, body: { message: 'the body is not JSON' } };
    return await handle({
      method: incoming.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
      headers: incoming.headers,
      body,
    });
  } catch (error) {
    return { status: 500, body: { message: messageOf(error) } };
  }
}

async function bodyText(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_LIMIT) throw new Error(`the body is larger than ${String(BODY_LIMIT)} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const INVALID = Symbol('not JSON');

function parseJson(text: string): Json | typeof INVALID {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return INVALID;
  }
}
