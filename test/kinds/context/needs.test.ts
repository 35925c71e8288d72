import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Value, ValueMap } from '../../../engine/base/value.ts';
import { shownText } from '../../../engine/interpret/life/text.ts';
import type { Need } from '../../../engine/model/need.ts';
import { STEP_KINDS } from '../../../engine/kinds/index.ts';
import { lookFor, needsOf } from '../../../engine/kinds/context/needs.ts';
import { createSecretResolver } from '../../../engine/kinds/environment/secrets.ts';
import { temporaryFolder } from '../../rig/drillbook.ts';
import { environmentWith } from '../../rig/step.ts';

const secret = (name: string) => ({ $ref: 'env', name });
const ENVIRONMENT = {
  render: { key: secret('RENDER_KEY') },
  aws: { credentials: { accessKeyId: secret('AWS_ID'), secretAccessKey: secret('AWS_SECRET') } },
};

const S3_ASKED = ['s3.test', 'AWS_ID', 'AWS_SECRET', 'address in AWS_ID', 'address in AWS_SECRET'];

async function needs(name: string, args: ValueMap): Promise<readonly string[]> {
  const load = STEP_KINDS[name];
  if (load === undefined) throw new Error(`no kind ${name}`);
  return needsOf(await load(), args, environmentWith(ENVIRONMENT)).map((need) =>
    need.type === 'program'
      ? need.name
      : need.type === 'address'
        ? need.host
        : `${need.type === 'addressIn' ? 'address in ' : ''}${shownText(need.handle['name'] ?? null)}`,
  );
}

describe('what a step needs', () => {
  it.each<[string, ValueMap, readonly string[]]>([
    ['shell', { script: 'true', env: { T: secret('TOKEN') } }, ['bash', 'TOKEN', 'address in TOKEN']],
    ['shell', { command: ['true'] }, []],
    [
      'shell',
      { script: 'true', host: { $target: 'hosts.db', address: 'db.test', identity: secret('ID') } },
      ['ssh', 'ID', 'db.test', 'address in ID'],
    ],
    ['http.request', { url: 'https://api.test/x', auth: { bearer: secret('T') } }, ['T', 'api.test']],
    [
      'http.request',
      { url: secret('HOOK'), json: { seen: 'https://app.test' } },
      ['HOOK', 'address in HOOK'],
    ],
    ['http.request', { url: '‹steps.x.output.url›' }, []],
    ['postgres.dump', { database: { url: secret('URL') } }, ['pg_dump', 'URL', 'address in URL']],
    ['postgres.restore', { to: { url: secret('URL') } }, ['pg_restore', 'URL', 'address in URL']],
    [
      'render.suspend',
      { service: { renderId: 'srv-1', url: 'https://app.test' } },
      ['RENDER_KEY', 'address in RENDER_KEY'],
    ],
    ['s3.list', { bucket: { name: 'b', endpoint: 'http://s3.test:9000' } }, S3_ASKED],
    // What it only passes on is for others to go to.
    [
      's3.configure',
      {
        bucket: { name: 'b', endpoint: 'http://s3.test:9000' },
        cors: [{ AllowedOrigins: ['https://app.test'] }],
      },
      S3_ASKED,
    ],
    [
      'render.set-env',
      { service: { renderId: 'srv-1' }, key: 'URL', value: 'redis://inside.test:6379' },
      ['RENDER_KEY', 'address in RENDER_KEY'],
    ],
    [
      'render.set-env',
      { service: {}, key: 'TOKEN', value: secret('TOKEN') },
      ['TOKEN', 'RENDER_KEY', 'address in RENDER_KEY'],
    ],
    ['wait', { for: '1s' }, []],
    // Born in the run, or asked of a provider when it is used.
    ['shell', { command: ['a'], env: { T: { $ref: 'run.output', step: 'a', path: 'b' } } }, []],
  ])('%s %j: %j', async (name, args, expected) => {
    expect(await needs(name, args)).toEqual(expected);
  });
});

/** Members whose addresses a step goes to. Whatever else it is given it writes, compares, asks or passes on. */
const GOES_TO: ReadonlySet<string> = new Set([
  'http.request url',
  'notify channel',
  'shell command',
  'shell env',
]);

interface Field {
  readonly 'x-target'?: string;
  readonly type?: string | readonly string[];
}

const fieldsOf = (kind: string): Readonly<Record<string, Field>> => {
  const path = new URL(`../../../schemas/steps/${kind}.schema.json`, import.meta.url);
  const schema = JSON.parse(readFileSync(path, 'utf8')) as Schema;
  return schema.properties.with.properties ?? {};
};

interface Schema {
  readonly properties: { readonly with: { readonly properties?: Readonly<Record<string, Field>> } };
}

/** Each member of each kind that is no target, with the other ones as they may be. */
const VALUES = Object.keys(STEP_KINDS).flatMap((kind) => {
  const fields = Object.entries(fieldsOf(kind));
  const others = Object.fromEntries(
    fields.map(([name, field]) => [
      name,
      'x-target' in field
        ? { name: 'own' }
        : field.type === 'array'
          ? []
          : field.type === 'object'
            ? {}
            : 'text',
    ]),
  );
  return fields.flatMap(([member, field]) => ('x-target' in field ? [] : [{ kind, member, others }]));
});

describe('an address that a step is given as a value', () => {
  const inside = secret('ADDRESS');
  const forms: readonly Value[] = [
    'https://passed-on.test',
    ['https://passed-on.test'],
    inside,
    { a: inside },
  ];

  it.each(VALUES)('$kind, $member', async ({ kind, member, others }) => {
    const told: string[] = [];
    for (const value of forms) {
      const args = Object.entries({ ...others, [member]: value });
      // A shell step on a host leaves names to that one.
      const here = kind === 'shell' ? args.filter(([name]) => name !== 'host') : args;
      told.push(...(await needs(kind, Object.fromEntries(here))));
    }
    const isLookedFor = told.includes('passed-on.test') || told.includes('address in ADDRESS');
    expect(isLookedFor).toBe(GOES_TO.has(`${kind} ${member}`));
    // The secret has to be there, whatever becomes of it.
    expect(told).toContain('ADDRESS');
  });

  it('is for the host to resolve where a shell step works on one', async () => {
    const host = { $target: 'hosts.db', address: 'db.test' };
    expect(await needs('shell', { command: ['curl', 'https://inside.test'], host })).toEqual([
      'ssh',
      'db.test',
    ]);
  });
});

describe('looking for it', () => {
  const secrets = createSecretResolver(
    () => environmentWith({}),
    () => undefined,
  );
  const look = (need: Need) => lookFor(need, secrets, new AbortController().signal);

  it('finds what is there', async () => {
    const path = join(temporaryFolder(), 'url');
    await writeFile(path, 'postgres://ada:pw@127.0.0.1/db');
    expect(await look({ type: 'program', name: 'bash' })).toBeUndefined();
    expect(await look({ type: 'address', host: '127.0.0.1' })).toBeUndefined();
    const handle = { $ref: 'file', path };
    expect(await look({ type: 'secret', handle })).toBeUndefined();
    expect(await look({ type: 'addressIn', handle })).toBeUndefined();
  });

  it('says what is not, and what to do', async () => {
    const handle = secret('DRILLBOOK_TEST_NEVER_SET');
    expect(await look({ type: 'secret', handle })).toMatchObject({
      what: 'the environment variable DRILLBOOK_TEST_NEVER_SET is not set',
      hint: expect.stringContaining('export') as string,
    });
    // Reserved: no resolver may answer for it (RFC 6761).
    expect(await look({ type: 'address', host: 'nowhere.invalid' })).toMatchObject({
      what: expect.stringMatching(/^the name nowhere\.invalid cannot be resolved/) as string,
    });
    const path = join(temporaryFolder(), 'url');
    await writeFile(path, 'postgres://ada:pw@nowhere.invalid/db');
    const inside = await look({ type: 'addressIn', handle: { $ref: 'file', path } });
    expect(inside?.what).toContain('nowhere.invalid');
    expect(inside?.what).not.toContain('pw');
    // The secret itself is there. One that is not is told once.
    expect(await look({ type: 'secret', handle: { $ref: 'file', path } })).toBeUndefined();
    expect(await look({ type: 'addressIn', handle })).toBeUndefined();
  });
});
