import { afterEach, describe, expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import type { Identity, TargetGroup, TargetUse } from '../../../engine/model/environment.ts';
import { identify } from '../../../engine/kinds/environment/identity.ts';
import { createSecretResolver } from '../../../engine/kinds/environment/secrets.ts';
import { refusal, renderWithDatabase } from '../../rig/render.ts';
import { environmentWith } from '../../rig/step.ts';

const { render, rig: main } = await renderWithDatabase();

afterEach(() => render.intercept(() => undefined));

function ask(
  group: TargetGroup,
  target: ValueMap,
  by?: TargetUse['by'],
  settings: ValueMap = {},
): Promise<Identity> {
  const environment = environmentWith({ render: { ...render.settings, ...settings } });
  const secrets = createSecretResolver(
    () => environment,
    () => undefined,
  );
  const use: TargetUse = { group, target, effect: 'write', ...(by !== undefined && { by }) };
  return identify(use, environment, secrets, new AbortController().signal);
}

const withPrint = (target: ValueMap, print: ValueMap): ValueMap => ({ ...target, fingerprint: print });
const silence = (): void => render.intercept(() => refusal(500, 'down'));
const elsewhere = { $ref: 'env', name: 'DRILLBOOK_TEST_IDENTITY_URL' };

describe('a service', () => {
  test('that Render knows by that id, in that workspace', async () => {
    expect(await ask('services', render.target)).toEqual({
      verdict: 'match',
      facts: {
        name: 'peakops-api',
        id: render.service.id,
        type: 'web_service',
        region: 'oregon',
        workspace: render.workspace.id,
        state: 'not suspended',
      },
    });
  });

  test('of another workspace, or under another id', async () => {
    const workspace = withPrint(render.target, { renderId: render.service.id, workspace: 'tea-other' });
    expect(await ask('services', workspace)).toMatchObject({
      verdict: 'mismatch',
      reason: `expected in the workspace tea-other, found in ${render.workspace.id}`,
    });
    expect(await ask('services', withPrint(render.target, { renderId: 'srv-other' }))).toMatchObject({
      verdict: 'mismatch',
    });
    const entry = withPrint(render.target, { renderId: render.service.id });
    expect(await ask('services', entry, undefined, { workspace: 'tea-other' })).toMatchObject({
      verdict: 'mismatch',
    });
  });

  test('without a fingerprint', async () => {
    expect(await ask('services', withPrint(render.target, {}))).toMatchObject({
      verdict: 'absent',
      facts: { name: 'peakops-api' },
    });
  });

  test('that is known by its address alone: a gate asks, and a drill does not write there', async () => {
    const service = { name: 'shop', url: 'http://shop.example.com' };
    expect(await ask('services', service)).toMatchObject({
      verdict: 'absent',
      reason: expect.stringContaining('by its address alone') as string,
    });
    // What says that it is at Render is asked there, whatever else is known.
    const meant = { ...service, fingerprint: { renderId: 'srv-other' } };
    expect(await ask('services', meant)).toMatchObject({ verdict: 'unreachable' });
  });

  test('that cannot be asked', async () => {
    silence();
    expect(await ask('services', render.target)).toMatchObject({
      verdict: 'unreachable',
      reason: expect.stringContaining('500') as string,
    });
    expect(await ask('services', { name: 'nameless' })).toMatchObject({ verdict: 'unreachable' });
  });
});

describe('a database', () => {
  test('whose server says that it is the one', async () => {
    const identity = await ask('databases', main.target);
    expect(identity).toMatchObject({
      verdict: 'match',
      facts: {
        name: 'peakops-main',
        id: main.database.id,
        region: 'oregon',
        state: 'available',
        'system identifier': main.systemIdentifier,
        role: 'primary',
        size: expect.stringMatching(/[kM]B$/) as string,
      },
    });
    expect(identity.facts['reached at']).toMatch(/^127\.0\.0\.1:\d+\/peakops as peakops_user$/);
    expect(JSON.stringify(identity)).not.toContain(main.database.password);
  });

  test('whose server says that it is another one', async () => {
    const print = { systemIdentifier: '7300000000000000000', renderId: main.database.id };
    expect(await ask('databases', withPrint(main.target, print))).toMatchObject({
      verdict: 'mismatch',
      reason: `expected system identifier 7300000000000000000, found ${main.systemIdentifier}`,
    });
  });

  test('whose server is right, and whose provider says otherwise', async () => {
    const print = { systemIdentifier: main.systemIdentifier, renderId: 'dpg-other' };
    expect(await ask('databases', withPrint(main.target, print))).toMatchObject({ verdict: 'mismatch' });
  });

  test('that the provider does not host is known by its server alone', async () => {
    process.env['DRILLBOOK_TEST_IDENTITY_URL'] = main.database.url;
    const { host } = new URL(main.database.url);
    const { systemIdentifier } = main;
    const own = (fingerprint: ValueMap) => ask('databases', { name: 'own', url: elsewhere, fingerprint });
    const whole = { systemIdentifier, host, database: 'peakops' };
    expect(await own(whole)).toMatchObject({ verdict: 'match' });
    expect(await own({ host, database: 'peakops' })).toMatchObject({ verdict: 'match' });
    for (const other of [{ host: 'db.example.com' }, { database: 'other' }, { systemIdentifier: '7' }]) {
      expect(await own({ ...whole, ...other })).toMatchObject({ verdict: 'mismatch', fingerprint: whole });
    }
  });

  test.each([
    ['nothing', []],
    ['a system identifier, which the whole server and its copies share', ['systemIdentifier']],
    [
      'an id of the provider’s, which says nothing of where the address leads',
      ['systemIdentifier', 'renderId'],
    ],
    ['a host, which may have many', ['host']],
    ['a name, which many have', ['database', 'systemIdentifier']],
  ])('is not known by %s', async (_, members: readonly string[]) => {
    process.env['DRILLBOOK_TEST_IDENTITY_URL'] = main.database.url;
    const { systemIdentifier, database } = main;
    const whole = { systemIdentifier, host: new URL(database.url).host, database: 'peakops' };
    const known = Object.entries({ ...whole, renderId: database.id });
    const fingerprint = Object.fromEntries(known.filter(([name]) => members.includes(name)));
    const entry = { name: 'own', url: elsewhere, renderId: database.id, fingerprint };
    expect(await ask('databases', entry)).toMatchObject({ verdict: 'absent', fingerprint: whole });
  });

  test('without an address of its own is known by the provider’s id and the system identifier', async () => {
    const print = { systemIdentifier: main.systemIdentifier, renderId: main.database.id };
    expect(await ask('databases', withPrint(main.target, print))).toMatchObject({ verdict: 'match' });
  });

  test('whose server is gone: the provider’s facts are shown, and do not make it a match', async () => {
    process.env['DRILLBOOK_TEST_IDENTITY_URL'] = 'postgres://u:p@127.0.0.1:1/db';
    const identity = await ask('databases', { ...main.target, url: elsewhere });
    expect(identity).toMatchObject({
      verdict: 'unreachable',
      facts: { id: main.database.id, state: 'available' },
    });
    expect(identity.reason).toMatch(/refused; Render knows peakops-main by the expected id$/);
  });

  test('for a step that only speaks to the provider, whose word then counts', async () => {
    process.env['DRILLBOOK_TEST_IDENTITY_URL'] = 'postgres://u:p@127.0.0.1:1/db';
    expect(await ask('databases', { ...main.target, url: elsewhere }, 'provider')).toMatchObject({
      verdict: 'match',
    });
    expect(await ask('databases', { name: 'own', url: elsewhere }, 'provider')).toMatchObject({
      verdict: 'unreachable',
    });
  });

  test('that a step of this run created exists, in the workspace of the environment', async () => {
    const created = { $ref: 'render.postgres', id: main.database.id, name: 'copy', created: 'restore' };
    expect(await ask('databases', created)).toMatchObject({
      verdict: 'match',
      facts: { id: main.database.id },
    });
    expect(await ask('databases', created, undefined, { workspace: 'tea-other' })).toMatchObject({
      verdict: 'mismatch',
    });
    expect(await ask('databases', { ...created, id: 'dpg-00000000000000000000' })).toMatchObject({
      verdict: 'unreachable',
    });
  });

  test('an entry cannot pass for something that was created', async () => {
    const posing = { name: 'x', renderId: main.database.id, created: 'restore', $target: 'databases.x' };
    expect(await ask('databases', posing)).toMatchObject({ verdict: 'absent' });
  });
});

test('what nobody here can ask is unreachable', async () => {
  expect(await ask('buckets', { name: 'videos' })).toMatchObject({ verdict: 'unreachable' });
});
