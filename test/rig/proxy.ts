import { createServer, request as begin } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { vi } from 'vitest';

export interface ProxyRig {
  /** `127.0.0.1:<port>` */
  readonly host: string;
  /** What it was asked for, in order: `CONNECT api.test:443`, `GET http://api.test/x`. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/** What the machine of the test says of the way outside is not what is tried. */
export function forgetNetworkOfMachine(): void {
  for (const name of ['https_proxy', 'http_proxy', 'all_proxy', 'no_proxy']) {
    vi.stubEnv(name, '');
    vi.stubEnv(name.toUpperCase(), '');
  }
  vi.stubEnv('SSL_CERT_FILE', '');
  vi.stubEnv('NODE_EXTRA_CA_CERTS', '');
}

/** How it behaves; it lets everybody through unless told otherwise. */
export interface ProxyManners {
  /** `user:password`; nobody else is let through. */
  readonly user?: string;
  /** Takes requests and never says anything. */
  readonly silent?: boolean;
  /** Answers all with this status. */
  readonly refusing?: number;
}

/**
 * A proxy on a free loopback port, for tunnels and for plain requests, which finds every name at the port of
 * loopback that `ports` says: so that there are names only it can reach.
 */
export async function serveProxy(
  ports: Readonly<Record<string, number>>,
  { user, silent = false, refusing }: ProxyManners = {},
): Promise<ProxyRig> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const wanted = user === undefined ? undefined : `Basic ${Buffer.from(user).toString('base64')}`;
  const refusal = ({ headers }: IncomingMessage): number | undefined =>
    wanted !== undefined && headers['proxy-authorization'] !== wanted ? 407 : refusing;
  const portOf = (hostname: string): number => ports[hostname] ?? 1;

  const server = createServer((request, response) => {
    asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
    if (silent) return;
    const status = refusal(request);
    if (status !== undefined) {
      response.writeHead(status).end('says the proxy');
      return;
    }
    const { hostname, pathname, search } = new URL(request.url ?? '');
    const headers = { ...request.headers };
    delete headers['proxy-authorization'];
    const onward = begin(
      { host: '127.0.0.1', port: portOf(hostname), path: pathname + search, method: request.method, headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on('error', () => response.writeHead(502).end());
    request.pipe(onward);
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  server.on('connect', (request: IncomingMessage, client: Socket, head: Buffer) => {
    asked.push(`CONNECT ${request.url ?? ''}`);
    if (silent) return;
    const status = refusal(request);
    if (status !== undefined) {
      client.end(`HTTP/1.1 ${status} No\r\n\r\n`);
      return;
    }
    const target = connect(portOf((request.url ?? '').replace(/:\d+$/, '')), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.write(head);
      target.pipe(client).pipe(target);
    });
    sockets.add(target);
    target.on('error', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
