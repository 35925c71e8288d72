import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Link } from '../../../engine/sandbox/network/link.ts';

/** Gives back what it hears. */
let server: Server;
let port: number;
const heard: Socket[] = [];
let link: Link;
const clients: Socket[] = [];

const listenAt = async (wanted: number): Promise<Server> => {
  const listening = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    socket.on('error', () => undefined);
    heard.push(socket);
    socket.pipe(socket);
  }).listen(wanted, '127.0.0.1');
  await once(listening, 'listening');
  return listening;
};

beforeAll(async () => {
  server = await listenAt(0);
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.close();
});
beforeEach(async () => {
  link = await Link.open(port);
});
afterEach(async () => {
  for (const socket of [...clients.splice(0), ...heard.splice(0)]) socket.destroy();
  await link.close();
});

async function come(): Promise<Socket> {
  const socket = connect({ port: link.port, host: '127.0.0.1', noDelay: true });
  socket.on('error', () => undefined);
  clients.push(socket);
  await once(socket, 'connect');
  return socket;
}

/** What comes back to it. */
async function ask(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return chunk.toString();
}

/** How a connection ends, in the words of the client. */
const endOf = (socket: Socket): Promise<string> =>
  new Promise((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    socket.once('end', () => resolve('end'));
  });

/** Resolves when both sides have been asked something that does not go over the link. */
const meanwhile = async (): Promise<void> => {
  const direct = connect({ port, host: '127.0.0.1' });
  clients.push(direct);
  for (let turn = 0; turn < 5; turn += 1) await ask(direct, 'here?');
};

describe('a link that is well', () => {
  test('passes on every byte in its order, and the end of each side by itself', async () => {
    const sent = randomBytes(3_000_000);
    const client = await come();
    client.end(sent);
    expect((await buffer(client)).equals(sent)).toBe(true);
  });

  test('resets whoever comes while nobody listens behind it, and lets them in when somebody does again', async () => {
    const other = await listenAt(0);
    const { port: itsPort } = other.address() as AddressInfo;
    const way = await Link.open(itsPort);
    other.close();
    await once(other, 'close');
    const early = connect(way.port, '127.0.0.1');
    expect(await endOf(early)).toBe('ECONNRESET');
    const again = await listenAt(itsPort);
    const late = connect(way.port, '127.0.0.1');
    expect(await ask(late, 'there?')).toBe('there?');
    late.destroy();
    await way.close();
    again.close();
  });

  test('tells either side when the other was reset', async () => {
    const client = await come();
    await ask(client, 'hello');
    heard[0]?.resetAndDestroy();
    expect(await endOf(client)).toBe('ECONNRESET');
  });
});

describe('a link that drops what is sent', () => {
  test('lets those who were there wait, and goes on with them when it is mended', async () => {
    const client = await come();
    await ask(client, 'before');
    link.cut('drop');
    expect(link.trouble).toBe('cut');
    const answer = ask(client, 'during');
    await meanwhile();
    expect(client.bytesRead).toBe('before'.length);
    link.mend();
    expect(link.trouble).toBeUndefined();
    expect(await answer).toBe('during');
  });

  test('takes whoever comes and answers nothing', async () => {
    link.cut('drop');
    const client = await come();
    const answer = ask(client, 'anybody?');
    await meanwhile();
    expect(client.bytesRead).toBe(0);
    link.mend();
    expect(await answer).toBe('anybody?');
  });

  test('tells neither side that the other is gone before it is mended', async () => {
    const client = await come();
    await ask(client, 'hello');
    const [behind] = heard;
    link.cut('drop');
    const closed = new Promise((resolve) => behind?.once('close', resolve));
    client.resetAndDestroy();
    await meanwhile();
    expect(behind?.destroyed).toBe(false);
    link.mend();
    await closed;
  });

  test('is well again by itself after the time that it was given', async () => {
    link.cut('drop', 50);
    const client = await come();
    expect(await ask(client, 'patience')).toBe('patience');
    expect(link.trouble).toBeUndefined();
  });
});

test('a link that resets ends what is open on both sides, and whoever comes, until it is mended', async () => {
  const client = await come();
  await ask(client, 'hello');
  const [here, there] = [endOf(client), endOf(heard[0]!)];
  link.cut('reset');
  expect(await Promise.all([here, there])).toEqual(['ECONNRESET', 'ECONNRESET']);
  const late = connect(link.port, '127.0.0.1');
  expect(await endOf(late)).toBe('ECONNRESET');
  link.mend();
  expect(await ask(await come(), 'again')).toBe('again');
});

describe('a slow link', () => {
  test('delays each direction, and does not let what follows wait for what came before', async () => {
    const client = await come();
    await ask(client, 'hello');
    link.slow({ delayMs: 100, bytesPerSecond: undefined });
    expect(link.trouble).toBe('slow');
    const from = performance.now();
    for (const text of ['a', 'b', 'c', 'd', 'e']) client.write(text);
    let answer = '';
    while (answer.length < 5) answer += ((await once(client, 'data')) as [Buffer])[0].toString();
    expect(answer).toBe('abcde');
    // Timers of Node.js may come a millisecond early.
    expect(performance.now() - from).toBeGreaterThanOrEqual(198);
  });

  test('moves so many bytes a second', async () => {
    link.slow({ delayMs: 0, bytesPerSecond: 100_000 });
    const from = performance.now();
    const sent = randomBytes(30_000);
    const client = await come();
    client.end(sent);
    expect((await buffer(client)).equals(sent)).toBe(true);
    expect(performance.now() - from).toBeGreaterThanOrEqual(298);
  });

  test('lets all arrive at once when it is mended, in its order', async () => {
    link.slow({ delayMs: 3_600_000, bytesPerSecond: 10 });
    const sent = randomBytes(400_000);
    const client = await come();
    client.end(sent);
    await meanwhile();
    link.mend();
    expect((await buffer(client)).equals(sent)).toBe(true);
  });
});

test('a link that is closed ends what is open, whatever its state', async () => {
  const client = await come();
  await ask(client, 'hello');
  link.cut('drop');
  const end = endOf(client);
  await link.close();
  expect(await end).toBe('ECONNRESET');
});
