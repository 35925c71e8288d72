import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below all that Linux and macOS give to outgoing connections, any of which could take a port before its owner does. */
const LOWEST = 16_384;
const COUNT = 8_192;
const ATTEMPTS = 200;

/**
 * A port of loopback for a server that will listen at it, now or later, once or again: no other process that asks
 * here gets it before this one has ended, and nobody listens at it now. Rejects where none is found.
 */
export async function reservePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = LOWEST + Math.floor(Math.random() * COUNT);
    const sign = await reserve(port);
    if (sign === undefined) continue;
    if (await isFree(port)) return port;
    sign.close();
  }
  throw new Error(`no port of loopback from ${String(LOWEST)} to ${String(LOWEST + COUNT - 1)} is free`);
}

/**
 * The sign that a port is reserved is a socket of UDP at another that stands for it: the system gives it to one
 * process only, and takes it back when that ends, however it ends.
 */
async function reserve(port: number): Promise<Socket | undefined> {
  const sign = createSocket('udp4').unref();
  sign.bind({ port: port + COUNT, address: '127.0.0.1', exclusive: true });
  try {
    await once(sign, 'listening');
    return sign;
  } catch {
    sign.close();
    return undefined;
  }
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  probe.listen(port, '127.0.0.1');
  try {
    await once(probe, 'listening');
  } catch {
    return false;
  }
  probe.close();
  await once(probe, 'close');
  return true;
}
