import { beforeEach, describe, expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import { renderWithService } from '../../rig/render.ts';
import { failureOf, kindOf } from '../../rig/step.ts';

const kind = await kindOf('render.set-env');
const NEW_URL = 'postgresql://user:s3cret@new/db';
const { render, stepWith } = await renderWithService();

beforeEach(() => {
  process.env['DRILLBOOK_TEST_NEW_URL'] = NEW_URL;
  render.intercept(({ path }) =>
    path === '/v1/postgres/dpg-new/connection-info'
      ? {
          status: 200,
          body: {
            password: 's3cret',
            psqlCommand: 'psql',
            internalConnectionString: 'postgresql://user:s3cret@dpg-new-a/db',
            externalConnectionString: 'postgresql://user:s3cret@dpg-new-a.oregon-postgres.render.com/db',
          },
        }
      : undefined,
  );
});

const args = (value: ValueMap | string): ValueMap => ({ service: render.target, key: 'DATABASE_URL', value });
const set = (): string | undefined => render.service.environment.get('DATABASE_URL');
const copy = { $ref: 'render.postgres', id: 'dpg-new', name: 'the copy', created: 'restore' };

describe('the value is', () => {
  test('a text', async () => {
    const output = await kind.run(args('plain'), stepWith().context);
    expect(output).toEqual({ key: 'DATABASE_URL', changed: true, takesEffect: 'next deploy' });
    expect(set()).toBe('plain');
    expect(render.service.liveEnvironment.get('DATABASE_URL')).toBe('postgresql://old');
  });

  test('a secret of the environment, which no output and no log shows', async () => {
    const rig = stepWith();
    const output = await kind.run(args({ $ref: 'env', name: 'DRILLBOOK_TEST_NEW_URL' }), rig.context);
    expect(set()).toBe(NEW_URL);
    expect(JSON.stringify([output, rig.logs, rig.checkpoints, rig.activities])).not.toContain('s3cret');
    expect(rig.revealed).toEqual(expect.arrayContaining([NEW_URL, 's3cret']));
  });

  test('the connection of a database that a step created, seen from inside', async () => {
    await kind.run(args({ connection: copy, network: 'internal' }), stepWith().context);
    expect(set()).toBe('postgresql://user:s3cret@dpg-new-a/db');
  });

  test('the connection of an entry, seen from inside, is the provider’s and not the operator’s own', async () => {
    const entry = { name: 'main', renderId: 'dpg-new', url: { $ref: 'env', name: 'DRILLBOOK_TEST_NEW_URL' } };
    await kind.run(args({ connection: entry }), stepWith().context);
    expect(set()).toBe('postgresql://user:s3cret@dpg-new-a/db');
    await kind.run(args({ connection: entry, network: 'external' }), stepWith().context);
    expect(set()).toBe(NEW_URL);
  });

  test('nothing else', async () => {
    const error = await failureOf(kind.run(args({ no: 'connection' }), stepWith().context));
    expect(error).toMatchObject({ code: 'usage', changed: 'nothing' });
  });
});

test('an equal value is not set again', async () => {
  expect(await kind.run(args('postgresql://old'), stepWith().context)).toMatchObject({ changed: false });
  expect(render.requests.filter((request) => request.startsWith('PUT'))).toEqual([]);
});

test('a variable that is not there yet is made', async () => {
  await kind.run({ ...args('x'), key: 'NEW_ONE' }, stepWith().context);
  expect(render.service.environment.get('NEW_ONE')).toBe('x');
});

test('after a crash the variable itself tells what happened', async () => {
  expect(await kind.reconcile?.(args('new'), stepWith().context)).toEqual({ verdict: 'notHappened' });
  render.service.setVariable('DATABASE_URL', 'new');
  expect(await kind.reconcile?.(args('new'), stepWith({ setting: 'DATABASE_URL' }).context)).toEqual({
    verdict: 'happened',
    output: { key: 'DATABASE_URL', changed: true, takesEffect: 'next deploy' },
  });
});

test('says what it would do, and how to do it by hand', () => {
  const { environment } = stepWith().context;
  const switching = args({ connection: copy, network: 'internal' });
  expect(kind.describe(switching)).toBe(
    'Set DATABASE_URL of the service peakops-api to the connection of the copy',
  );
  const byHand = kind.byHand?.(switching, environment) ?? '';
  expect(byHand).toContain('/postgres/dpg-new/connection-info | jq -r .internalConnectionString');
  expect(byHand).toContain('curl -fsS -X PUT');
  expect(kind.byHand?.(args({ $ref: 'env', name: 'DRILLBOOK_TEST_NEW_URL' }), environment)).toContain(
    '"$DRILLBOOK_TEST_NEW_URL"',
  );
  expect(kind.targets(switching)).toEqual([
    { group: 'services', path: 'services.api', target: render.target, effect: 'write', by: 'provider' },
    { group: 'databases', target: copy, effect: 'read', by: 'provider' },
  ]);
});
