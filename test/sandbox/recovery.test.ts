import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { Instant } from '../../engine/base/instant.ts';
import type { ValueMap } from '../../engine/base/value.ts';
import type { World } from '../../engine/sandbox/world.ts';
import type { Render, SandboxEnvironment } from './rig.ts';
import { environmentOf, query, renderOf, request, startWith, until } from './rig.ts';

/** One world, broken and recovered as a drill does it; the tests follow one another. */
describe('a database whose pages are overwritten', () => {
  let world: World;
  let environment: SandboxEnvironment;
  let render: Render;
  let main: string;
  let fault: ValueMap;
  let recovered: string;

  beforeAll(async () => {
    // The recovery is asked for until its moment is old enough: more often than Render allows.
    world = await startWith({ reads: 10_000, writes: 10_000 });
    environment = await environmentOf(world);
    render = await renderOf(environment);
    main = environment.databases.main.renderId;
    await world.baseline();
  });
  afterAll(() => world.stop());

  const connection = async (id: string): Promise<string> =>
    (await render<{ externalConnectionString: string }>('GET', `/postgres/${id}/connection-info`)).body
      .externalConnectionString;
  const health = () => request<{ status: string; reason?: string }>(`${environment.publicUrl}/api/health/`);

  test('before it breaks the application is healthy and loses nothing', async () => {
    expect(await health()).toMatchObject({ status: 200, body: { status: 'ok' } });
    const loss = await world.loss();
    expect(loss.acknowledged).toBeGreaterThanOrEqual(10);
    expect(loss).toMatchObject({ lost: 0, newestKept: expect.any(Number) as number });
    expect(loss.oldestLost).toBeUndefined();
  });

  test('its environment is valid, and holds the place of the key but not the key', async () => {
    const text = await world.environmentText();
    const file = new URL('../../schemas/environment.schema.json', import.meta.url);
    const schema = JSON.parse(await readFile(file, 'utf8')) as object;
    const validate = new Ajv2020({ strict: false, allErrors: true }).compile(schema);
    validate(parse(text));
    expect(validate.errors ?? []).toEqual([]);
    expect(text).not.toContain(await readFile(environment.render.key.file, 'utf8'));
    expect(environment.render.recovery).toEqual({ targetableAfter: '3s', realTargetableAfter: '10m' });
  });

  test('the server is the one that the environment describes', async () => {
    const [row] = await query<{ id: string; checksums: string }>(
      await connection(main),
      "select system_identifier::text as id, current_setting('data_checksums') as checksums from pg_control_system()",
    );
    expect(row).toEqual({ id: environment.databases.main.fingerprint.systemIdentifier, checksums: 'on' });
  });

  test('arguments that the schema refuses break nothing', async () => {
    await expect(world.inject('postgres.corrupt-pages', { table: 'inspections' })).rejects.toThrow(/share/);
    await expect(world.inject('postgres.corrupt-pages', { table: 'nothing', share: 1 })).rejects.toThrow(
      /no table/,
    );
    await expect(world.inject('postgres.set-on-fire', {})).rejects.toThrow(
      /none of its parts can be broken so/,
    );
    expect((await health()).status).toBe(200);
  });

  test('readers get «invalid page», and the health page turns red', async () => {
    const injection = await world.inject('postgres.corrupt-pages', { table: 'inspections', share: 0.2 });
    fault = injection.output;
    expect(injection.description).toMatch(/^\d+ of \d+ pages of the table inspections/);
    expect(fault['at']).toBeInstanceOf(Instant);
    expect(Number(fault['pages']) / Number(fault['totalPages'])).toBeCloseTo(0.2, 1);
    expect(fault['error']).toMatch(/invalid page in block/);
    const red = await health();
    expect(red.status).toBe(503);
    expect(red.body.reason).toMatch(/invalid page in block/);
  });

  test('a moment before the recovery window, or too young, is refused', async () => {
    const recover = (restoreTime: string) => render('POST', `/postgres/${main}/recovery`, { restoreTime });
    expect(await recover('2020-01-01T00:00:00Z')).toMatchObject({ status: 400 });
    expect(await recover(new Date().toISOString())).toMatchObject({ status: 400 });
  });

  test('a recovery makes a new database, with the rows up to the moment and none after it', async () => {
    const at = fault['at'] as Instant;
    const accepted = await until(
      'the moment can be recovered to',
      () =>
        render<{ id: string; status: string; name: string }>('POST', `/postgres/${main}/recovery`, {
          restoreTime: at.toString(),
          restoreName: 'peakops-drill',
        }),
      ({ status }) => status === 200,
    );
    expect(accepted.body).toMatchObject({ status: 'recovery_in_progress', name: 'peakops-drill' });
    recovered = accepted.body.id;
    expect(recovered).not.toBe(main);
    const ended = await until(
      'the recovery ends',
      () => render<{ status: string }>('GET', `/postgres/${recovered}`),
      ({ body }) => body.status !== 'recovery_in_progress' && body.status !== 'creating',
    );
    expect(ended.body.status).toBe('available');

    const rows = `select count(*)::int as before, count(*) filter (where created_at > $1)::int as after from inspections
                  where length(notes) > 0`;
    const [held] = await query<{ before: number; after: number }>(await connection(recovered), rows, [
      at.toString(),
    ]);
    expect(held?.before).toBeGreaterThan(5000);
    expect(held?.after).toBe(0);
    expect(await connection(recovered)).not.toBe(await connection(main));
  });

  test('the original is left as it was: broken', async () => {
    await expect(query(await connection(main), 'select sum(length(notes)) from inspections')).rejects.toThrow(
      /invalid page/,
    );
  });

  test('a variable takes effect with the next deploy, and the application is healthy on the new database', async () => {
    const api = environment.services.api.renderId;
    const value = await connection(recovered);
    expect(await render('PUT', `/services/${api}/env-vars/DATABASE_URL`, { value })).toMatchObject({
      status: 200,
      body: { key: 'DATABASE_URL', value },
    });
    expect((await health()).status).toBe(503);
    const deploy = await render<{ id: string }>('POST', `/services/${api}/deploys`, {
      deployMode: 'deploy_only',
    });
    expect(deploy.status).toBe(201);
    await until(
      'the deploy is live',
      () => render<{ status: string }>('GET', `/services/${api}/deploys/${deploy.body.id}`),
      ({ body }) => body.status === 'live',
    );
    await until('the application is healthy', health, ({ status }) => status === 200);
  });

  test('what was acknowledged after the moment counts as lost', async () => {
    const at = (fault['at'] as Instant).epochMillis;
    const loss = await world.loss();
    expect(loss.lost).toBeGreaterThan(0);
    expect(loss.oldestLost).toBeGreaterThan(at);
    expect(loss.newestKept).toBeLessThanOrEqual(at);
  });

  test('the recovered database has backups of its own', async () => {
    await until(
      'its first backup',
      () => render<{ recoveryStatus: string }>('GET', `/postgres/${recovered}/recovery`),
      ({ body }) => body.recoveryStatus === 'AVAILABLE',
    );
  });
});
