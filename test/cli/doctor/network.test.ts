import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { networkFindings } from '../../../engine/cli/doctor/network.ts';
import { createSecretResolver } from '../../../engine/kinds/environment/secrets.ts';
import type { HttpServerRig } from '../../rig/http-server.ts';
import { serveHttp } from '../../rig/http-server.ts';
import type { ProxyRig } from '../../rig/proxy.ts';
import { forgetNetworkOfMachine, serveProxy } from '../../rig/proxy.ts';
import { environmentWith } from '../../rig/step.ts';

let server: HttpServerRig;
let proxy: ProxyRig;

beforeEach(async () => {
  forgetNetworkOfMachine();
  server = await serveHttp((_request, response) => response.writeHead(404).end());
  proxy = await serveProxy({ 'render.test': Number(new URL(server.url).port) });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all([server.close(), proxy.close()]);
});

const environment = environmentWith({
  publicUrl: 'http://www.test/',
  render: { api: 'http://render.test/v1', key: { $ref: 'env', name: 'NONE' } },
  services: { api: { url: 'http://inside.test/' } },
  aws: { region: 'eu-central-1' },
  buckets: { videos: { name: 'videos' }, dumps: { endpoint: 'http://s3.inside.test' } },
  channels: { ops: { slack: { url: { $ref: 'env', name: 'DRILLBOOK_TEST_HOOK' } } } },
});
const look = async (): Promise<readonly string[]> => {
  const revealed: string[] = [];
  const secrets = createSecretResolver(
    () => environment,
    (text) => revealed.push(text),
  );
  const findings = await networkFindings(environment, secrets);
  return findings.map(({ what, verdict, detail, hint }) =>
    `${verdict} ${what}: ${detail} ${hint ?? ''}`.trim(),
  );
};

describe('doctor on the way outside', () => {
  test('says nothing where the machine says nothing', async () => {
    expect(await look()).toEqual([]);
  });

  test('tells for each address whether and how it is reached, without what is secret in it', async () => {
    vi.stubEnv('HTTP_PROXY', `http://ann:hidden@${proxy.host}`);
    vi.stubEnv('NO_PROXY', 'inside.test');
    vi.stubEnv('DRILLBOOK_TEST_HOOK', 'http://render.test/hook/secret');
    expect(await look()).toEqual([
      `ok the way to render.test: through the proxy http://${proxy.host} (HTTP_PROXY), answered with 404`,
      // The rig's proxy finds nobody of this name.
      `warning the way to www.test: through the proxy http://${proxy.host} (HTTP_PROXY), answered with 502 It may be the proxy that says so.`,
      'ok the way to inside.test: through no proxy',
      'ok the way to s3.eu-central-1.amazonaws.com: through no proxy',
      'ok the way to s3.inside.test: through no proxy',
    ]);
    expect([...proxy.asked].sort()).toEqual(['HEAD http://render.test/', 'HEAD http://www.test/']);
  });

  test('tells of a proxy that does not answer', async () => {
    vi.stubEnv('HTTP_PROXY', `http://${proxy.host}`);
    await proxy.close();
    expect((await look())[0]).toMatch(
      /^problem the way to render\.test: the proxy http:\S+ \(HTTP_PROXY\) refuses the connection/,
    );
  });

  test('tells of a file of authorities that is not there', async () => {
    vi.stubEnv('SSL_CERT_FILE', '/nonexistent/ca.pem');
    expect(await look()).toEqual([
      'problem authorities beside the public ones: SSL_CERT_FILE names /nonexistent/ca.pem, which cannot be read (ENOENT): nothing was sent Let SSL_CERT_FILE name a file of certificates in PEM, or unset it.',
    ]);
  });
});
