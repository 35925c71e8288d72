/** @module-tag needs/openssl */
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import type { CertificatesRig } from '../../rig/certificates.ts';
import { makeCertificates } from '../../rig/certificates.ts';
import { temporaryFolder } from '../../rig/drillbook.ts';
import type { HttpServerRig } from '../../rig/http-server.ts';
import { serveHttp } from '../../rig/http-server.ts';
import type { ProxyManners, ProxyRig } from '../../rig/proxy.ts';
import { forgetNetworkOfMachine, serveProxy } from '../../rig/proxy.ts';
import { failureOf, kindOf, stepRig } from '../../rig/step.ts';

/** Names that only the proxy can find: `db.internal` is in the certificate. */
const SECURE = 'https://db.internal/x?y=1';
const PLAIN = 'http://api.test/x?y=1';

const httpRequest = await kindOf('http.request');
const notify = await kindOf('notify');
const renderService = await kindOf('render.service');
let certificates: CertificatesRig;
let plain: HttpServerRig;
let secure: ReturnType<typeof createServer>;
let proxy: ProxyRig;

const portOf = (url: string): number => Number(new URL(url).port);

beforeAll(async () => {
  certificates = await makeCertificates();
  plain = await serveHttp((_request, response) => response.end('plain'));
  secure = createServer(certificates.server, (_request, response) => response.writeHead(202).end('{}'));
  await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await plain.close();
  secure.closeAllConnections();
  await new Promise((resolve) => secure.close(resolve));
});

beforeEach(async () => {
  forgetNetworkOfMachine();
  proxy = await start();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await proxy.close();
});

async function start(manners: ProxyManners = {}): Promise<ProxyRig> {
  const ports = { 'db.internal': (secure.address() as AddressInfo).port, 'api.test': portOf(plain.url) };
  const rig = await serveProxy(ports, manners);
  useProxy(`http://${rig.host}`);
  return rig;
}

function useProxy(url: string): void {
  vi.stubEnv('HTTPS_PROXY', url);
  vi.stubEnv('HTTP_PROXY', url);
}

async function behaving(manners: ProxyManners): Promise<void> {
  await proxy.close();
  proxy = await start(manners);
}

async function trustTheTestsAuthority(): Promise<void> {
  const file = join(temporaryFolder(), 'authorities.pem');
  await writeFile(file, certificates.ca);
  vi.stubEnv('SSL_CERT_FILE', file);
}

const run = (args: ValueMap): Promise<ValueMap> => httpRequest.run(args, stepRig().context);
const ca = (): ValueMap => {
  vi.stubEnv('DRILLBOOK_TEST_CA', certificates.ca);
  return { ca: { $ref: 'env', name: 'DRILLBOOK_TEST_CA' } };
};

describe('a request to a name that only the proxy can find', () => {
  test('goes through a tunnel where it is encrypted', async () => {
    expect(await run({ url: SECURE, tls: ca() })).toMatchObject({ status: 202 });
    expect(proxy.asked).toEqual(['CONNECT db.internal:443']);
  });

  test('is asked of the proxy where it is not, with its whole address and its body', async () => {
    expect(await run({ url: PLAIN, method: 'POST', body: 'a body' })).toMatchObject({
      status: 200,
      body: 'plain',
    });
    expect(proxy.asked).toEqual([`POST ${PLAIN}`]);
    expect(plain.received.at(-1)).toMatchObject({ body: 'a body', headers: { host: 'api.test' } });
  });

  test('NO_PROXY keeps it from the proxy', async () => {
    vi.stubEnv('NO_PROXY', 'api.test');
    expect(await failureOf(run({ url: PLAIN }))).toMatchObject({ code: 'dns' });
    expect(proxy.asked).toEqual([]);
  });

  test('this machine itself is asked without it', async () => {
    expect(await run({ url: plain.url })).toMatchObject({ status: 200 });
    expect(proxy.asked).toEqual([]);
  });

  test('another Host header cannot be had of a proxy, which is said before anything is sent', async () => {
    const error = await failureOf(run({ url: PLAIN, host: 'www.test' }));
    expect(error).toMatchObject({ code: 'usage', changed: 'nothing' });
    expect(proxy.asked).toEqual([]);
  });
});

describe('each client', () => {
  beforeEach(trustTheTestsAuthority);

  test('Slack and PagerDuty', async () => {
    vi.stubEnv('DRILLBOOK_TEST_HOOK', 'http://api.test/hook');
    const channel = {
      slack: { url: { $ref: 'env', name: 'DRILLBOOK_TEST_HOOK' } },
      pagerduty: {
        url: 'https://db.internal/v2/enqueue',
        routingKey: { $ref: 'env', name: 'DRILLBOOK_TEST_HOOK' },
      },
    };
    expect(await notify.run({ channel, text: 'news' }, stepRig().context)).toMatchObject({
      delivered: ['slack', 'pagerduty'],
    });
    expect([...proxy.asked].sort()).toEqual(['CONNECT db.internal:443', 'POST http://api.test/hook']);
  });

  test('Render', async () => {
    vi.stubEnv('DRILLBOOK_TEST_KEY', 'rnd_key');
    const environment = {
      render: { api: 'https://db.internal/v1', key: { $ref: 'env', name: 'DRILLBOOK_TEST_KEY' } },
    };
    const { context } = stepRig({ environment });
    // The server knows no service: it was asked, and that is what counts here.
    await renderService.run({ service: { renderId: 'srv-1' } }, context).catch(() => undefined);
    expect(proxy.asked).toEqual(['CONNECT db.internal:443']);
  });
});

describe('a proxy that does not do it', () => {
  test.each([
    [SECURE, 'db.internal'],
    [PLAIN, 'api.test'],
  ])('wants a user and a password, and gets them: %s', async (url, host) => {
    await behaving({ user: 'ann:p@ss' });
    const args = { url, ...(url === SECURE && { tls: ca() }) };
    const unknown = await failureOf(run(args));
    expect(unknown).toMatchObject({ code: 'unreachable', changed: 'nothing', retryable: false });
    expect(unknown.message).toBe(
      `the proxy http://${proxy.host} (${url === SECURE ? 'HTTPS' : 'HTTP'}_PROXY) wants a user and a password, on the way to ${host}`,
    );
    useProxy(`http://ann:wrong@${proxy.host}`);
    const wrong = await failureOf(run(args));
    expect(wrong.message).toContain('does not accept its user and password');
    expect(wrong.message).not.toContain('wrong');
    useProxy(`http://ann:p%40ss@${proxy.host}`);
    expect(await run(args)).toMatchObject({ status: url === SECURE ? 202 : 200 });
  });

  test('does not let through', async () => {
    await behaving({ refusing: 403 });
    const error = await failureOf(run({ url: SECURE, method: 'POST', body: 'x' }));
    expect(error).toMatchObject({ code: 'unreachable', changed: 'nothing', retryable: false });
    expect(error.message).toBe(
      `the proxy http://${proxy.host} (HTTPS_PROXY) does not let through to db.internal (HTTP 403)`,
    );
  });

  test('never answers: the time limit holds', async () => {
    await behaving({ silent: true });
    const error = await failureOf(run({ url: SECURE, timeout: '100ms' }));
    expect(error).toMatchObject({ code: 'timeout', changed: 'nothing' });
    expect(error.message).toContain(
      `could not be reached through the proxy http://${proxy.host} (HTTPS_PROXY)`,
    );
  });

  test.each([SECURE, PLAIN])('does not run: %s', async (url) => {
    const gone = await start();
    await gone.close();
    const error = await failureOf(run({ url, method: 'POST', body: 'x' }));
    expect(error).toMatchObject({ code: 'unreachable', changed: 'nothing' });
    expect(error.message).toContain(`the proxy http://${gone.host}`);
    expect(error.message).toContain('refuses the connection, on the way to');
  });

  test.each([SECURE, PLAIN])('has a name that nobody knows: %s', async (url) => {
    useProxy('http://nobody.invalid:3128');
    const error = await failureOf(run({ url }));
    expect(error.code).toBe('dns');
    expect(error.message).toContain('the host name of the proxy http://nobody.invalid:3128');
  });
});

describe('an authority of one’s own', () => {
  test('is trusted beside the public ones when SSL_CERT_FILE names it', async () => {
    expect(await failureOf(run({ url: SECURE }))).toMatchObject({ code: 'tls', changed: 'nothing' });
    await trustTheTestsAuthority();
    expect(await run({ url: SECURE })).toMatchObject({ status: 202 });
  });

  test('is not trusted by a step that names its own', async () => {
    await trustTheTestsAuthority();
    const other = await makeCertificates();
    vi.stubEnv('DRILLBOOK_TEST_OTHER', other.ca);
    const tls = { ca: { $ref: 'env', name: 'DRILLBOOK_TEST_OTHER' } };
    expect(await failureOf(run({ url: SECURE, tls }))).toMatchObject({ code: 'tls' });
  });

  test.each(['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS'])(
    'a file of %s that is no such file is refused',
    async (name) => {
      const file = join(temporaryFolder(), 'none.pem');
      vi.stubEnv(name, file);
      expect(await failureOf(run({ url: SECURE }))).toMatchObject({
        code: 'notConfigured',
        message: `${name} names ${file}, which cannot be read (ENOENT): nothing was sent`,
      });
      await writeFile(file, 'not a certificate');
      expect(await failureOf(run({ url: SECURE }))).toMatchObject({
        message: `${name} names ${file}, which holds no certificate in PEM: nothing was sent`,
      });
      expect(proxy.asked).toEqual([]);
    },
  );
});
