import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

const ERROR = 'E'.charCodeAt(0);

/** A relay of loopback in front of a server that, as poolers do, takes no settings at the start of a session. */
export interface Pooler {
  readonly port: number;
  /** How many sessions it has refused. */
  readonly refused: () => number;
  close(): Promise<void>;
}

export async function startPooler(serverPort: number): Promise<Pooler> {
  let refused = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    sockets.add(client);
    client.on('error', () => client.destroy());
    let begun = Buffer.alloc(0);
    const begin = (chunk: Buffer): void => {
      begun = Buffer.concat([begun, chunk]);
      if (begun.length < 8 || begun.length < begun.readUInt32BE(0)) return;
      client.off('data', begin);
      if (begun.subarray(8).toString('latin1').split('\0').includes('options')) {
        refused++;
        client.end(refusal('unsupported startup parameter: options'));
        return;
      }
      const upstream = connect(serverPort, '127.0.0.1');
      sockets.add(upstream);
      upstream.on('error', () => client.destroy());
      upstream.on('close', () => client.destroy());
      client.on('close', () => upstream.destroy());
      upstream.write(begun);
      client.pipe(upstream);
      upstream.pipe(client);
    };
    client.on('data', begin);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    refused: () => refused,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** An error of the wire protocol that ends a session. */
function refusal(message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C08P01\0M${message}\0\0`);
  const head = Buffer.alloc(5);
  head.writeUInt8(ERROR, 0);
  head.writeUInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}
