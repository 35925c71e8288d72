/** @module-tag needs/openssl */
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import type { Server } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import { nameOf } from '../../../engine/kinds/context/target.ts';
import { makeCertificates } from '../../rig/certificates.ts';
import { temporaryFolder } from '../../rig/drillbook.ts';
import type { ProxyManners, ProxyRig } from '../../rig/proxy.ts';
import { forgetNetworkOfMachine, serveProxy } from '../../rig/proxy.ts';
import { startS3 } from '../../rig/s3.ts';
import { failureOf } from '../../rig/step.ts';

/** Names that only the proxy can find; the certificate bears the first. */
const SECURE = 'https://db.internal';
const PLAIN = 'http://s3.test';

let s3: Awaited<ReturnType<typeof startS3>>;
let front: Server;
let authority: string;
let proxy: ProxyRig;
let bucket: ValueMap;

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

beforeAll(async () => {
  s3 = await startS3();
  const certificates = await makeCertificates();
  authority = certificates.ca;
  // The service behind TLS.
  front = createServer(certificates.server, (socket) => {
    const inner = connect(Number(new URL(s3.server.url).port), '127.0.0.1');
    for (const end of [socket, inner]) end.on('error', () => undefined);
    socket.pipe(inner).pipe(socket);
  });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  bucket = await s3.bucket();
  await s3.put(bucket, { a: 'x', b: 'y' });
});
afterAll(async () => {
  front.close();
  await s3.close();
});

beforeEach(async () => {
  forgetNetworkOfMachine();
  await start();
  const file = join(temporaryFolder(), 'authorities.pem');
  await writeFile(file, authority);
  vi.stubEnv('SSL_CERT_FILE', file);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await proxy.close();
});

async function start(manners: ProxyManners = {}): Promise<void> {
  const ports = { 'db.internal': portOf(front), 's3.test': Number(new URL(s3.server.url).port) };
  proxy = await serveProxy(ports, manners);
  vi.stubEnv('HTTPS_PROXY', `http://${proxy.host}`);
  vi.stubEnv('HTTP_PROXY', `http://${proxy.host}`);
}

const list = (endpoint: string): Promise<ValueMap> =>
  s3.run('s3.list', { bucket: { ...bucket, endpoint, pathStyle: true } });

describe('a bucket that only the proxy can reach', () => {
  test('by one tunnel for many requests, where it is encrypted', async () => {
    expect(await list(SECURE)).toMatchObject({ count: 2 });
    const inspected = await s3.run('s3.inspect', {
      bucket: { ...bucket, endpoint: SECURE, pathStyle: true },
    });
    expect(inspected).toMatchObject({ empty: false });
    expect(new Set(proxy.asked)).toEqual(new Set(['CONNECT db.internal:443']));
  });

  test('by asking the proxy for the whole address, where it is not', async () => {
    expect(await list(PLAIN)).toMatchObject({ count: 2 });
    expect(proxy.asked.length).toBeGreaterThan(0);
    expect(proxy.asked.every((asked) => asked.startsWith(`GET ${PLAIN}/${nameOf(bucket)}`))).toBe(true);
  });

  test('not through the proxy where NO_PROXY says so, nor on this machine itself', async () => {
    expect(await s3.run('s3.list', { bucket })).toMatchObject({ count: 2 });
    vi.stubEnv('NO_PROXY', 'internal');
    expect(await failureOf(list(SECURE))).toMatchObject({ code: 'dns' });
    expect(proxy.asked).toEqual([]);
  });
});

test('a proxy that does not let through is named', async () => {
  await proxy.close();
  await start({ refusing: 403 });
  const error = await failureOf(list(SECURE));
  expect(error).toMatchObject({ code: 'unreachable', changed: 'nothing' });
  expect(error.message).toBe(
    `the proxy http://${proxy.host} (HTTPS_PROXY) does not let through to db.internal (HTTP 403)`,
  );
});

test('a file of authorities that is not there is refused by name', async () => {
  vi.stubEnv('SSL_CERT_FILE', '/nonexistent/ca.pem');
  expect(await failureOf(list(SECURE))).toMatchObject({ code: 'notConfigured', changed: 'nothing' });
});
