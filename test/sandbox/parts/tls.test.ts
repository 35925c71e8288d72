/** @module-tag needs/openssl */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { Agent, get } from 'node:https';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import type { WorldPlan } from '../../../engine/model/world.ts';
import type { World } from '../../../engine/sandbox/world.ts';
import { temporaryFolder } from '../../rig/drillbook.ts';
import { desk, environmentOf, open, planOf, stateOf } from '../parts-rig.ts';
import { until } from '../rig.ts';

/** A stand-in behind a door, and a program that asks it every now and then and notes what it hears. */
const doors = (): WorldPlan =>
  planOf(
    `
parts:
  pay: { uses: http, with: { answers: [{ path: /status, json: { ok: true } }] } }
  front: { uses: tls, with: { to: "\${{ parts.pay.url }}" } }
  other: { uses: tls, with: { to: "\${{ parts.pay.url }}" } }
  asks:
    uses: process
    with:
      command: [node, asks.js, "\${{ port }}"]
      env: { URL: "\${{ parts.front.url }}/status", NODE_EXTRA_CA_CERTS: "\${{ parts.front.caFile }}" }
environment:
  publicUrl: "\${{ parts.front.url }}"
  values:
    other: "\${{ parts.other.url }}"
    asks: "\${{ parts.asks.url }}"
    ca: "\${{ parts.other.ca }}"
    desk: { front: "\${{ parts.front.control }}", token: "\${{ desk.token }}" }
`,
    {
      // Answers with what it hears itself: a word, or why it hears nothing.
      'asks.js': `require('node:http').createServer((_, answer) =>
        fetch(process.env.URL).then(({ status }) => answer.end(String(status)), ({ cause }) => answer.end(cause.code)))
        .listen(Number(process.argv[2]), '127.0.0.1');`,
    },
  );

interface DoorsEnvironment {
  readonly publicUrl: string;
  readonly values: { readonly other: string; readonly asks: string; readonly ca: string };
}

/** As a client that keeps connections and sessions for as long as it can. */
const agent = new Agent({ keepAlive: true });
afterEach(() => {
  agent.destroy();
});

/** The status that is answered, or why there is none. A connection that was kept may have ended unheard: then it comes anew. */
const ask = (url: string, ca?: string): Promise<number | string | undefined> =>
  new Promise((resolve) => {
    const request = get(`${url}/status`, { agent, ...(ca !== undefined && { ca }) }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode));
    });
    request.once('error', ({ code }: NodeJS.ErrnoException) => {
      resolve(request.reusedSocket && code === 'ECONNRESET' ? ask(url, ca) : code);
    });
  });

const heardBy = async (url: string): Promise<string> => (await fetch(url)).text();

/** What is shown to whoever comes, in PEM. */
async function shownAt(url: string, ca: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port), ca });
  await new Promise((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('error', reject);
  });
  const { raw } = socket.getPeerCertificate();
  socket.destroy();
  return `-----BEGIN CERTIFICATE-----\n${raw.toString('base64')}\n-----END CERTIFICATE-----\n`;
}

test('whoever trusts the authority of the world comes in, and nobody else', async () => {
  const { publicUrl, values } = await environmentOf<DoorsEnvironment>(await open(doors()));
  expect(await ask(publicUrl, values.ca)).toBe(200);
  expect(await ask(values.other, values.ca)).toBe(200);
  expect(await ask(publicUrl)).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  expect(await heardBy(values.asks)).toBe('200');
});

test('its certificates are right in the eyes of openssl too', async () => {
  const { publicUrl, values } = await environmentOf<DoorsEnvironment>(await open(doors()));
  const folder = temporaryFolder();
  await writeFile(join(folder, 'ca.pem'), values.ca);
  await writeFile(join(folder, 'shown.pem'), await shownAt(publicUrl, values.ca));
  const { stdout } = await promisify(execFile)(
    'openssl',
    [
      'verify',
      '-x509_strict',
      '-purpose',
      'sslserver',
      '-verify_ip',
      '127.0.0.1',
      '-CAfile',
      'ca.pem',
      'shown.pem',
    ],
    { cwd: folder },
  );
  expect(stdout).toBe('shown.pem: OK\n');
});

test('certificate.expired keeps out whoever looks at certificates, at this door alone, until it is renewed', async () => {
  const world: World = await open(doors());
  const { publicUrl, values } = await environmentOf<DoorsEnvironment>(world);
  expect(await ask(publicUrl, values.ca)).toBe(200);
  const { description, output } = await world.inject('certificate.expired', { ago: '2h' }, 'front');
  expect(description).toMatch(/^the certificate of front ran out at 20/);
  expect(output['expired']).toBeDefined();
  expect(await ask(publicUrl, values.ca)).toBe('CERT_HAS_EXPIRED');
  expect(await heardBy(values.asks)).toBe('CERT_HAS_EXPIRED');
  expect(await ask(values.other, values.ca)).toBe(200);
  await expect(world.inject('certificate.expired', {})).rejects.toThrow(
    /say part beside uses: front or other/,
  );
  const before = (await desk(world, 'front')).body;
  for (let time = 1; time <= 2; time += 1) {
    expect(await desk(world, 'front', '/renew-certificate')).toMatchObject({ status: 200 });
    expect(await ask(publicUrl, values.ca)).toBe(200);
  }
  expect((await stateOf(world, 'front'))['certificate']).not.toEqual(before);
  expect(
    await until(
      'the program comes in',
      () => heardBy(values.asks),
      (heard) => heard === '200',
    ),
  ).toBe('200');
  await world.baseline();
});
