import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface RelayRig {
  readonly port: number;
  /** From now on nothing comes through what is connected, and nobody is told; who connects anew is let through. */
  stall(): void;
  close(): Promise<void>;
}

/** What lies between two machines: passes bytes on to a port of loopback. */
export async function serveRelay(to: number): Promise<RelayRig> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer((near) => {
    const far = connect(to, '127.0.0.1');
    pairs.add([near, far]);
    for (const socket of [near, far]) socket.on('error', () => undefined);
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stall() {
      for (const socket of [...pairs].flat()) socket.unpipe().pause();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of [...pairs].flat()) socket.destroy();
      }),
  };
}
