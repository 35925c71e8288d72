import { createServer } from 'node:https';
import type { ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import type { StepContext } from '../../../engine/model/kind.ts';
import type { CertificatesRig } from '../../rig/certificates.ts';
import { makeCertificates } from '../../rig/certificates.ts';
import type { HttpServerRig } from '../../rig/http-server.ts';
import { serveHttp } from '../../rig/http-server.ts';
import { needing } from '../../rig/needed-programs.ts';
import { failureOf, kindOf, stepRig } from '../../rig/step.ts';

const kind = await kindOf('http.request');
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drillbook-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const context = (): StepContext => {
  const rig = stepRig();
  return { ...rig.context, run: { ...rig.context.run, folder } };
};
const run = (args: ValueMap): Promise<ValueMap> => kind.run(args, context());

describe('files and hosts', () => {
  let server: HttpServerRig;
  const long = 'x'.repeat(3 * 1024 * 1024);
  beforeAll(async () => {
    server = await serveHttp((request, response) => {
      if (request.url === '/cut') {
        response.writeHead(200, { 'content-length': 100 });
        response.write('begun', () => response.destroy());
      } else response.end(request.url === '/long' ? long : 'evidence');
    });
  });
  afterAll(() => server.close());

  test('an answer of any length is kept in a file of the run, with its checksum', async () => {
    const output = await run({ url: `${server.url}/long`, store: 'evidence/answer.txt' });
    expect(output).toMatchObject({
      status: 200,
      truncated: true,
      stored: { path: join(folder, 'evidence', 'answer.txt'), bytes: long.length },
    });
    expect((await readFile(join(folder, 'evidence', 'answer.txt'), 'utf8')).length).toBe(long.length);
    expect(await readdir(join(folder, 'evidence'))).toEqual(['answer.txt']);
  });

  test('an answer that breaks off is not kept', async () => {
    const error = await failureOf(run({ url: `${server.url}/cut`, store: 'answer.txt' }));
    expect(error).toMatchObject({ code: 'unreachable', retryable: true });
    expect(await readdir(folder)).toEqual([]);
  });

  test('where something else is that may not be replaced: said before anything is sent', async () => {
    const store = `${folder}.taken`;
    await writeFile(store, 'precious');
    const before = server.received.length;
    const error = await failureOf(run({ url: server.url, method: 'POST', store }));
    expect(error).toMatchObject({ code: 'exists', changed: 'nothing' });
    expect(server.received.length).toBe(before);
    await rm(store);
  });

  test('a file as the body', async () => {
    await writeFile(join(folder, 'body.bin'), 'the content');
    await run({ url: server.url, method: 'PUT', file: 'body.bin' });
    expect(server.received.at(-1)).toMatchObject({
      body: 'the content',
      headers: { 'content-type': 'application/octet-stream', 'content-length': '11' },
    });
    const error = await failureOf(run({ url: server.url, method: 'PUT', file: 'missing' }));
    expect(error).toMatchObject({ code: 'noSuchFile', changed: 'nothing' });
  });

  test('one server among several is asked by its address, with the name of all', async () => {
    await run({ url: server.url, host: 'www.example.com' });
    expect(server.received.at(-1)?.headers.host).toBe('www.example.com');
  });

  test('statuses that are good', async () => {
    expect(await run({ url: server.url, ok: [200, 204] })).toMatchObject({ status: 200 });
    expect(await failureOf(run({ url: server.url, ok: [404] }))).toMatchObject({ code: '200' });
  });
});

describe('secure connections', needing('openssl'), () => {
  let certificates: CertificatesRig;
  const closers: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    certificates = await makeCertificates();
    process.env['DRILLBOOK_TEST_CA'] = certificates.ca;
    process.env['DRILLBOOK_TEST_CERT'] = certificates.client.cert;
    process.env['DRILLBOOK_TEST_KEY'] = certificates.client.key;
  });
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });

  const secret = (name: string): ValueMap => ({ $ref: 'env', name: `DRILLBOOK_TEST_${name}` });
  const ca = secret('CA');

  async function serveTls(options: ServerOptions = {}): Promise<string> {
    let client = 'nobody';
    const server = createServer({ ...certificates.server, ...options }, (_request, response) => {
      response.end(client);
    });
    server.on('secureConnection', (socket) => {
      const { subject } = socket.getPeerCertificate();
      // Empty for a client that showed none, whatever its type says.
      client = (subject as { CN?: string } | undefined)?.CN ?? 'nobody';
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(
      () =>
        new Promise((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    );
    return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  test('a certificate of an authority of one’s own', async () => {
    const url = await serveTls();
    expect(await failureOf(run({ url }))).toMatchObject({ code: 'tls', changed: 'nothing' });
    expect(await run({ url, tls: { ca } })).toMatchObject({ status: 200, body: 'nobody' });
  });

  test('a name that the certificate bears, and one that it does not', async () => {
    const url = await serveTls();
    expect(await run({ url, tls: { ca, servername: 'db.internal' } })).toMatchObject({ status: 200 });
    const error = await failureOf(run({ url, tls: { ca, servername: 'other.internal' } }));
    expect(error).toMatchObject({ code: 'tls' });
  });

  test('a client that shows who it is', async () => {
    const url = await serveTls({ ca: certificates.ca, requestCert: true, rejectUnauthorized: true });
    const tls = { ca, cert: secret('CERT'), key: secret('KEY') };
    expect(await run({ url, tls })).toMatchObject({ body: 'client' });
    await failureOf(run({ url, tls: { ca } }));
  });

  test('no certificate is looked at only when that is said', async () => {
    const url = await serveTls();
    expect(await run({ url, tls: { insecure: true } })).toMatchObject({ status: 200 });
  });
});
