import { expect, test } from 'vitest';
import { kindOf, stepRig } from '../../rig/step.ts';
import { environmentOf, open, planOf, secretIn, stateOf } from '../parts-rig.ts';
import { request, until } from '../rig.ts';

interface Named {
  readonly publicUrl: string;
  readonly dns: { readonly name: string; readonly resolver: string };
  readonly channels: { readonly dns: { readonly slack: { readonly url: { readonly file: string } } } };
  readonly values: { readonly blue: string; readonly green: string };
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
  values: { blue: "\${{ parts.blue.url }}", green: "\${{ parts.green.url }}" }
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
