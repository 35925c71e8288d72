import { createAdaptorServer } from '@hono/node-server';
import type { AddressInfo } from 'node:net';
import type { Board } from './app.ts';
import { createBoard } from './app.ts';
import type { BoardOptions } from './ports.ts';

export interface Served {
  /** `http://127.0.0.1:41233` */
  readonly address: string;
  readonly board: Board;
  close(): Promise<void>;
}

/** Listens on an address of this machine. Rejects where it is taken. */
export async function serveBoard(host: string, port: number, options: BoardOptions): Promise<Served> {
  const board = createBoard(options);
  const server = createAdaptorServer({ fetch: board.app.fetch });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    address: `http://${host.includes(':') ? `[${host}]` : host}:${String(taken)}`,
    board,
    close: () =>
      new Promise((resolve) => {
        board.close();
        server.close(() => resolve());
        // Streams are never idle.
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}
