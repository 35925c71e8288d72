import { messageOf } from '../ground/text.ts';

const CONNECT_MS = 2000;

/** Sends commands to a server, one after the other: what it said to each. */
export type Ask = (...words: readonly string[]) => Promise<unknown>;

/** Does something with a connection of its own. */
export async function withRedis<T>(url: string, work: (ask: Ask) => Promise<T>): Promise<T> {
  const { createClient } = await import('@redis/client');
  const client = createClient({
    ...{ url, RESP: 2, disableClientInfo: true },
    socket: { connectTimeout: CONNECT_MS, socketTimeout: CONNECT_MS, reconnectStrategy: false },
  });
  // What is lost under way is told by the command that waits for it.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work((...words) => client.sendCommand([...words]));
  } finally {
    if (client.isOpen) client.destroy();
  }
}

/** Why a server does not answer to this address, in words; undefined when it does. */
export async function troubleAt(url: string): Promise<string | undefined> {
  try {
    await withRedis(url, (ask) => ask('PING'));
    return undefined;
  } catch (error) {
    return `Redis does not answer at ${new URL(url).host}: ${messageOf(error)}`;
  }
}
