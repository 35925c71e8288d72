import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Gate } from '../../../engine/sandbox/postgres/gate.ts';

/** Stands behind the door while `isThere`, and greets. */
const server = createServer((socket) => socket.end('hello'));
let isThere = true;
let gate: Gate;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  gate = await Gate.open({ port: () => (isThere ? port : undefined), admits: () => true });
});
afterAll(async () => {
  await gate.close();
  server.close();
});

interface Visit {
  readonly socket: Socket;
  /** What is heard until the connection ends: nothing by whoever is turned away. */
  readonly heard: Promise<string>;
}

/** Resolves when the door has been reached. */
async function visit(): Promise<Visit> {
  const socket = connect(gate.port, '127.0.0.1');
  let said = '';
  socket.on('data', (chunk: Buffer) => (said += chunk.toString()));
  socket.on('error', () => undefined);
  const heard = new Promise<string>((resolve) => socket.once('close', () => resolve(said)));
  await Promise.race([new Promise((resolve) => socket.once('connect', resolve)), heard]);
  return { socket, heard };
}

/** The server goes away, and comes back, or not, when the last is called. */
function away(): { readonly over: Promise<unknown>; readonly end: (back: boolean) => void } {
  let end: (back: boolean) => void = () => undefined;
  const work = new Promise<boolean>((resolve) => (end = resolve));
  isThere = false;
  const over = gate.holding(async () => {
    isThere = await work;
  });
  return { over, end };
}

test('who comes while the server is away is turned away', async () => {
  isThere = false;
  expect(await (await visit()).heard).toBe('');
  isThere = true;
  expect(await (await visit()).heard).toBe('hello');
});

test('who comes while it is being brought back waits, and is let in', async () => {
  const { over, end } = away();
  const waiting = [await visit(), await visit()];
  end(true);
  await over;
  expect(await Promise.all(waiting.map(({ heard }) => heard))).toEqual(['hello', 'hello']);
});

test('and is turned away where it does not come back', async () => {
  const { over, end } = away();
  const { heard } = await visit();
  end(false);
  await over;
  expect(await heard).toBe('');
  isThere = true;
});

test('one that waits no longer is nobody’s matter', async () => {
  const { over, end } = away();
  const { socket } = await visit();
  socket.destroy();
  end(true);
  await over;
  expect(await (await visit()).heard).toBe('hello');
});

test('a door that closes cuts those before it', async () => {
  const { end } = away();
  const { heard } = await visit();
  await gate.close();
  expect(await heard).toBe('');
  end(true);
});
