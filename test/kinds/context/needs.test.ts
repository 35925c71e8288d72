import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
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

async function needs(name: string, args: ValueMap): Promise<readonly string[]> {
  const load = STEP_KINDS[name];
  if (load === undefined) throw new Error(`no kind ${name}`);
  return needsOf(await load(), args, environmentWith(ENVIRONMENT)).map((need) =>
    need.type === 'program'
      ? need.name
      : need.type === 'address'
        ? need.host
        : shownText(need.handle['name'] ?? null),
  );
}

describe('what a step needs', () => {
  it.each<[string, ValueMap, readonly string[]]>([
    ['shell', { script: 'true', env: { T: secret('TOKEN') } }, ['bash', 'TOKEN']],
    ['shell', { command: ['true'] }, []],
    [
      'shell',
      { script: 'true', host: { $target: 'hosts.db', address: 'db.test', identity: secret('ID') } },
      ['ssh', 'db.test', 'ID'],
    ],
    ['http.request', { url: 'https://api.test/x', auth: { bearer: secret('T') } }, ['api.test', 'T']],
    ['http.request', { url: '‹steps.x.output.url›' }, []],
    ['postgres.dump', { database: { url: secret('URL') } }, ['pg_dump', 'URL']],
    ['postgres.restore', { to: { url: secret('URL') } }, ['pg_restore', 'URL']],
    ['render.suspend', { service: { renderId: 'srv-1' } }, ['RENDER_KEY']],
    [
      's3.list',
      { bucket: { name: 'b', endpoint: 'http://s3.test:9000' } },
      ['s3.test', 'AWS_ID', 'AWS_SECRET'],
    ],
    // What it only passes on is for others to go to.
    [
      's3.configure',
      {
        bucket: { name: 'b', endpoint: 'http://s3.test:9000' },
        cors: [{ AllowedOrigins: ['https://app.test'] }],
      },
      ['s3.test', 'AWS_ID', 'AWS_SECRET'],
    ],
    [
      'render.set-env',
      { service: { renderId: 'srv-1' }, key: 'URL', value: 'redis://inside.test:6379' },
      ['RENDER_KEY'],
    ],
    ['render.set-env', { service: {}, key: 'TOKEN', value: secret('TOKEN') }, ['TOKEN', 'RENDER_KEY']],
    ['wait', { for: '1s' }, []],
    // Born in the run, or asked of a provider when it is used.
    ['shell', { command: ['a'], env: { T: { $ref: 'run.output', step: 'a', path: 'b' } } }, []],
  ])('%s %j: %j', async (name, args, expected) => {
    expect(await needs(name, args)).toEqual(expected);
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
    expect(await look({ type: 'secret', handle: { $ref: 'file', path } })).toBeUndefined();
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
    const inside = await look({ type: 'secret', handle: { $ref: 'file', path } });
    expect(inside?.what).toContain('nowhere.invalid');
    expect(inside?.what).not.toContain('pw');
  });
});
