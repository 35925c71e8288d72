import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { World } from '../../engine/sandbox/world.ts';
import { needing } from '../rig/needed-programs.ts';
import type { Render, SandboxEnvironment } from './rig.ts';
import { environmentOf, renderOf, request, startWith, until } from './rig.ts';

interface Thing {
  readonly suspended: string;
  readonly suspenders: readonly string[];
}

interface Page {
  readonly status: { readonly indicator: string };
  readonly incidents: readonly { readonly impact: string }[];
}

describe('a Render that fails', () => {
  let world: World;
  let environment: SandboxEnvironment;
  let render: Render;
  let api: string;
  let main: string;

  beforeAll(async () => {
    world = await startWith({ reads: 10_000, writes: 10_000, serviceActions: 100 });
    environment = await environmentOf(world);
    render = await renderOf(environment);
    api = `/services/${environment.services.api.renderId}`;
    main = `/postgres/${environment.databases.main.renderId}`;
  });
  afterAll(() => world.stop());

  const page = () => request<Page>(`${environment.render.statusPage}/api/v2/summary.json`);

  test('answers with an error so many times, and only to what it was told', async () => {
    const { description } = await world.inject('render.fail', { status: 500, calls: 'writes', times: 2 });
    expect(description).toBe('Render answers 500 to writes 2 times');
    expect((await render('GET', api)).status).toBe(200);
    const writes = [];
    for (let call = 0; call < 3; call += 1) writes.push((await render('POST', '/nothing')).status);
    expect(writes).toEqual([404, 404, 404]);
    const statuses = [];
    for (let call = 0; call < 3; call += 1) statuses.push((await render('POST', `${api}/resume`)).status);
    expect(statuses).toEqual([500, 500, 202]);
  });

  test('asks to wait', async () => {
    const operation = 'retrieve-postgres';
    await world.inject('render.fail', { status: 429, operation, times: 1, retryAfter: 7 });
    expect((await render('GET', api)).status).toBe(200);
    const answer = await render('GET', main);
    expect(answer.status).toBe(429);
    expect(answer.headers.get('retry-after')).toBe('7');
    expect((await render('GET', main)).status).toBe(200);
  });

  test('a fault that says neither how often nor how long is refused', async () => {
    await expect(world.inject('render.fail', { status: 500 })).rejects.toThrow('"times" or "for"');
  });

  test('does not answer at all, and then does again', async () => {
    await world.inject('network.hang', { for: '10m' }, 'cloud');
    const asked = render('GET', api).then(
      () => 'answered',
      () => 'cut',
    );
    expect(await Promise.race([asked, delay(300, 'silence')])).toBe('silence');
    // The next silence takes the place of this one.
    await world.inject('network.hang', { for: '1ms' }, 'cloud');
    expect(await asked).toBe('cut');
    expect((await render('GET', api)).status).toBe(200);
    expect((await request(`${environment.publicUrl}/api/health/`)).status).toBe(200);
  });

  test(
    'makes databases in other regions, changes and deletes them, and exports',
    needing('pg_dump'),
    async () => {
      const { body: own } = await render<{ version: string; owner: { id: string } }>('GET', main);
      const order = { name: 'second', ownerId: own.owner.id, plan: 'basic_1gb', version: own.version };
      expect(await render('POST', '/postgres', { ...order, version: '11' })).toMatchObject({ status: 400 });
      const made = await render<{ id: string; region: string; status: string }>('POST', '/postgres', {
        ...order,
        region: 'virginia',
      });
      expect(made).toMatchObject({ status: 201, body: { region: 'virginia', status: 'creating' } });
      const second = `/postgres/${made.body.id}`;
      await until(
        'it is available',
        () => render<{ status: string }>('GET', second),
        ({ body }) => body.status === 'available',
      );
      const ipAllowList = [{ cidrBlock: '203.0.113.7/32', description: 'me' }];
      expect(await render('PATCH', second, { ipAllowList })).toMatchObject({
        status: 200,
        body: { ipAllowList },
      });
      expect(await render('POST', `${second}/export`)).toMatchObject({ status: 202 });
      const exported = await until(
        'it is exported',
        () => render<{ url?: string }[]>('GET', `${second}/export`),
        ({ body }) => body[0]?.url !== undefined,
      );
      const link = exported.body[0]?.url ?? '';
      expect(new URL(link).pathname).toMatch(/\/\d{4}-\d\d-\d\dT\d\d_\d\dZ\.dir\.tar\.gz$/);
      expect((await fetch(link)).status).toBe(200);
      expect((await fetch(link.replace(/token=.*/, 'token=guess'))).status).toBe(403);
      expect(await render('DELETE', second)).toMatchObject({ status: 204 });
      expect(await render('GET', second)).toMatchObject({ status: 404 });
    },
  );

  const untilHealthy = () =>
    until(
      'it is healthy',
      () => request(`${environment.publicUrl}/api/health/`),
      ({ status }) => status === 200,
    );

  test('an outage stops everything, says so, and cannot be resumed from outside', async () => {
    // Its end is asked for when all else has been looked at, however long that took.
    const ends = { support: 'restored', supportAfter: '1ms' };
    const { output } = await world.inject('render.outage', { region: 'oregon', ...ends });
    expect(output['down']).toEqual(['peakops-api', 'peakops-worker', 'peakops-main', 'peakops-staging']);
    expect(await render<Thing>('GET', api)).toMatchObject({
      body: { suspended: 'suspended', suspenders: ['admin'] },
    });
    expect(await render<Thing>('GET', main)).toMatchObject({ body: { suspended: 'suspended' } });
    expect(await render('POST', `${api}/resume`)).toMatchObject({ status: 400 });
    expect((await request(`${environment.publicUrl}/api/health/`)).status).toBe(503);
    expect((await page()).body).toMatchObject({
      status: { indicator: 'critical' },
      incidents: [{ impact: 'critical' }],
    });
    const { body: own } = await render<{ version: string; owner: { id: string } }>('GET', main);
    const order = { name: 'third', ownerId: own.owner.id, plan: 'basic_1gb', version: own.version };
    expect(await render('POST', '/postgres', order)).toMatchObject({ status: 503 });

    const support = (await readFile(environment.channels.support.slack.url.file, 'utf8')).trim();
    await request(support, 'POST', { text: 'Our services are down' });
    await untilHealthy();
    expect((await page()).body).toMatchObject({ status: { indicator: 'none' }, incidents: [] });
    expect(await render<Thing>('GET', api)).toMatchObject({ body: { suspended: 'not_suspended' } });
  });

  test('an outage ends by itself, where it is said when', async () => {
    await world.inject('render.outage', { only: ['services.api'], for: '500ms' });
    await untilHealthy();
    expect(await render<Thing>('GET', api)).toMatchObject({ body: { suspended: 'not_suspended' } });
  });
});
