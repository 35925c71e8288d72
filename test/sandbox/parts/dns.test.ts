import { expect, test } from 'vitest';
import { deployed } from '../../rig/shop.ts';
import { kindOf, stepRig } from '../../rig/step.ts';
import { environmentOf, open, planOf, secretIn, stateOf } from '../parts-rig.ts';
import { request, until } from '../rig.ts';

interface Named {
  readonly publicUrl: string;
  readonly dns: { readonly name: string; readonly resolver: string };
  readonly channels: { readonly dns: { readonly slack: { readonly url: { readonly file: string } } } };
  readonly values: {
    readonly blue: string;
    readonly green: string;
    readonly record: { readonly url: string; readonly token: { readonly file: string } };
  };
}

const lookup = await kindOf('dns.lookup');

const NAMED = (sites: string, provider = 'byHand'): string => `
parts:
  blue: { uses: http, with: { answers: [{ path: /, json: { site: blue } }] } }
  green: { uses: http, with: { answers: [{ path: /, json: { site: green } }] } }
  cloud: { uses: render }
  name:
    uses: dns
    with: { name: shop.test, provider: ${provider}, sites: [${sites}] }
environment:
  publicUrl: \${{ parts.name.url }}
  dns: \${{ parts.name.dns }}
  channels: { dns: { slack: { url: "\${{ parts.name.webhook }}" } } }
  values:
    blue: \${{ parts.blue.url }}
    green: \${{ parts.green.url }}
    record: { url: "\${{ parts.name.recordUrl }}", token: "\${{ parts.name.recordToken }}" }
`;
const BOTH = '{ url: "${{ parts.blue.url }}" }, { url: "${{ parts.green.url }}" }';

test('leads users and whoever asks its resolver to the first site, until somebody is asked to lead it to another', async () => {
  const world = await open(planOf(NAMED(BOTH)));
  const { publicUrl, dns, channels, values } = await environmentOf<Named>(world);
  const users = () => request<{ site: string }>(publicUrl);
  const answers = async () =>
    (await lookup.run({ name: dns.name, resolver: dns.resolver }, stepRig().context))['cnames'];
  const ask = (text: string) => request(secretIn(channels.dns.slack.url), 'POST', { text });

  expect(await users()).toMatchObject({ status: 200, body: { site: 'blue' } });
  expect(await answers()).toEqual([new URL(values.blue).host]);
  expect((await ask('Please lead shop.test to http://127.0.0.1:1')).status).toBe(400);
  expect((await ask(`Please lead shop.test to ${values.green}.`)).status).toBe(200);
  await until('the record is changed', users, ({ body }) => body.site === 'green');
  expect(await answers()).toEqual([new URL(values.green).host]);
  expect(await stateOf(world, 'name')).toMatchObject({ leadsTo: values.green });
});

test('is led to another site by an API of its own, too, which demands its token', async () => {
  const { publicUrl, values } = await environmentOf<Named>(await open(planOf(NAMED(BOTH))));
  const { url, token } = values.record;
  const change = (target: string, bearer = secretIn(token)) =>
    request(url, 'PUT', { target }, { authorization: `Bearer ${bearer}` });
  expect((await request(url)).body).toMatchObject({ name: 'shop.test', target: values.blue });
  expect((await change(values.green, 'another')).status).toBe(401);
  expect(await change('http://127.0.0.1:1')).toMatchObject({
    status: 400,
    body: { message: `the record can point at ${values.blue}, ${values.green}` },
  });
  expect((await change(values.green)).body).toMatchObject({ target: values.green });
  expect((await request(publicUrl)).body).toEqual({ site: 'green' });
});

test('one at a provider keeps what it is asked with in files', async () => {
  for (const [provider, section] of [
    ['cloudflare', { cloudflare: { token: { file: expect.any(String) as string } } }],
    [
      'route53',
      {
        route53: {
          credentials: {
            accessKeyId: { file: expect.any(String) as string },
            secretAccessKey: { file: expect.any(String) as string },
          },
        },
      },
    ],
  ] as const) {
    const { dns } = await environmentOf<Named>(await open(planOf(NAMED(BOTH, provider))));
    expect(dns).toMatchObject({ name: 'shop.test', ...section });
  }
});

test('a service that its provider does not have is told, and nothing is left running', async () => {
  const plan = planOf(NAMED('{ of: "${{ parts.cloud }}", service: app }'));
  await expect(open(plan)).rejects.toThrow(/the part cloud has no web service app: it has none/);
});

/** The shop at Render behind a name, with a standby that has a database of its own. */
const WITH_STANDBY = deployed((text) =>
  text
    .replace('  app:\n', '  other: { uses: postgres, with: { seed: ../shop/worlds/seed.sql } }\n  app:\n')
    .replace(/(waiting:[^]*?)parts\.db\.url/, '$1parts.other.url')
    .replace('through: ${{ parts.app }}', 'through: ${{ parts.name }}')
    .replace(
      '  help:',
      "  name: { uses: dns, with: { name: shop.test, provider: byHand, sites: [{ of: '${{ parts.cloud }}', service: app }, { of: '${{ parts.cloud }}', service: standby }] } }\n  help:",
    )
    .replace('channels: {', "channels: { dns: { slack: { url: '${{ parts.name.webhook }}' } },"),
);

interface AtRender extends Pick<Named, 'channels'> {
  readonly render: { readonly api: string; readonly key: { readonly file: string } };
  readonly services: Readonly<Record<'standby', { readonly renderId: string; readonly url: string }>>;
}

test('customers who come through it follow it to another service, and write into the database of that one', async () => {
  const world = await open(WITH_STANDBY);
  await world.baseline();
  const { channels, render, services } = await environmentOf<AtRender>(world);
  const { renderId, url } = services.standby;
  const orders = () => stateOf(world, 'orders');
  await request(secretIn(channels.dns.slack.url), 'POST', { text: `Please lead shop.test to ${url}` });
  await until('nobody comes in any more', orders, ({ error }) => error === 'name does not run');
  const before = Number((await orders())['acknowledged']);

  const authorization = `Bearer ${secretIn(render.key)}`;
  await request(`${render.api}/services/${renderId}/resume`, 'POST', undefined, { authorization });
  await until('they are there', orders, ({ acknowledged }) => Number(acknowledged) > before);
  // What they wrote before lies in the other database, where nobody looks any more.
  const { lost, acknowledged } = await world.loss();
  expect(lost).toBe(before);
  expect(acknowledged).toBeGreaterThan(before);
});

test('customers cannot come through one that leads to nothing of which a part knows what it is told', async () => {
  const plan = planOf(
    NAMED(BOTH).replace(
      'environment:',
      `  db: { uses: postgres }
  orders: { uses: writer, with: { database: "\${{ parts.db }}", through: "\${{ parts.name }}", sql: "select $1", find: "select 1" } }
environment:`,
    ),
  );
  await expect(open(plan)).rejects.toThrow(/nobody can come to db through name: none of its variables names/);
});
