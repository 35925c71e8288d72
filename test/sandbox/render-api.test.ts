import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { World } from '../../engine/sandbox/world.ts';
import { stateOf } from './parts-rig.ts';
import type { Render, SandboxEnvironment } from './rig.ts';
import { environmentOf, query, renderOf, request, startWith, until } from './rig.ts';

interface Service {
  readonly suspended: string;
  readonly suspenders: readonly string[];
}

interface Deploy {
  readonly id: string;
  readonly status: string;
  readonly trigger: string;
}

describe('the Render service, and the application that it runs', () => {
  let world: World;
  let environment: SandboxEnvironment;
  let render: Render;
  let api: string;
  let worker: string;
  let main: string;

  beforeAll(async () => {
    world = await startWith({ reads: 10_000, writes: 10_000, serviceActions: 6 });
    environment = await environmentOf(world);
    render = await renderOf(environment);
    api = `/services/${environment.services.api.renderId}`;
    worker = `/services/${environment.services.worker.renderId}`;
    main = `/postgres/${environment.databases.main.renderId}`;
  });
  afterAll(() => world.stop());

  const newestDeploy = async (service: string): Promise<Deploy | undefined> =>
    (await render<{ deploy: Deploy }[]>('GET', `${service}/deploys?limit=1`)).body[0]?.deploy;
  const isSuspended = (service: string) =>
    until(
      'it is suspended',
      () => render<Service>('GET', service),
      ({ body }) => body.suspended === 'suspended',
    );

  test('the application lets a user in, and nobody else', async () => {
    const logIn = (body: object) => request(`${environment.publicUrl}/api/auth/login/`, 'POST', body);
    expect(await logIn(environment.application.login.json)).toMatchObject({
      status: 200,
      body: { token: expect.any(String) as string },
    });
    expect(await logIn({ ...environment.application.login.json, password: 'wrong' })).toMatchObject({
      status: 401,
    });
    expect(
      await logIn({ ...environment.application.login.json, email: 'nobody@peakops.test' }),
    ).toMatchObject({
      status: 401,
    });
    expect(await logIn([])).toMatchObject({ status: 401 });
  });

  test('the application shows the newest inspections', async () => {
    await world.baseline();
    const { body } = await request<{ id: number; createdAt: string }[]>(
      `${environment.publicUrl}/api/inspections/recent/`,
    );
    expect(body).toHaveLength(20);
    expect(body[0]!.id).toBeGreaterThan(5000);
  });

  test('refuses whoever has no key', async () => {
    expect(await render('GET', '/services', undefined, {})).toMatchObject({ status: 401 });
    expect(await render('GET', '/services', undefined, { authorization: 'Bearer guess' })).toMatchObject({
      status: 401,
    });
  });

  test('answers 404 to what does not exist', async () => {
    expect(await render('GET', '/nothing')).toMatchObject({ status: 404 });
    expect(await render('GET', '/services/srv-00000000000000000000')).toMatchObject({ status: 404 });
    expect(await render('GET', `${api}/env-vars/NOTHING`)).toMatchObject({ status: 404 });
    expect(await render('GET', '/services/%')).toMatchObject({ status: 404 });
  });

  test('answers 400 to a request that is not as documented', async () => {
    expect(await render('GET', '/services?limit=101')).toMatchObject({ status: 400 });
    expect(await render('POST', `${api}/deploys`)).toMatchObject({ status: 400 });
    expect(await render('POST', `${api}/deploys`, { deployMode: 'sideways' })).toMatchObject({ status: 400 });
    expect(await render('PUT', `${api}/env-vars/KEY`, {})).toMatchObject({ status: 400 });
    expect(await render('POST', `${main}/recovery`, { restoreTime: 'yesterday' })).toMatchObject({
      status: 400,
    });
  });

  test('says so when it does not offer a call', async () => {
    expect(await render('POST', `${main}/failover`)).toMatchObject({ status: 503 });
  });

  test('lists in pages, filtered', async () => {
    const first = await render<{ cursor: string; service: { name: string } }[]>('GET', '/services?limit=1');
    expect(first.body.map(({ service }) => service.name)).toEqual(['peakops-api']);
    const second = await render<{ service: { name: string } }[]>(
      'GET',
      `/services?limit=1&cursor=${first.body[0]?.cursor ?? ''}`,
    );
    expect(second.body.map(({ service }) => service.name)).toEqual(['peakops-worker']);
    const named = await render<unknown[]>('GET', '/services?name=peakops-worker,other');
    expect(named.body).toHaveLength(1);
    const databases = await render<{ postgres: { id: string } }[]>(
      'GET',
      '/postgres?suspended=not_suspended',
    );
    expect(databases.body[0]?.postgres.id).toBe(environment.databases.main.renderId);
  });

  test('counts what writes, refused requests too', async () => {
    const writes = async (): Promise<unknown> =>
      ((await stateOf(world, 'cloud'))['requests'] as { writes: number }).writes;
    const before = Number(await writes());
    await render('GET', '/services');
    expect(await writes()).toBe(before);
    await render('POST', '/services/srv-00000000000000000000/suspend');
    expect(await writes()).toBe(before + 1);
  });

  test('suspends and resumes: 202 without a body, then a deploy of its own', async () => {
    const suspended = await render('POST', `${api}/suspend`);
    expect(suspended.status).toBe(202);
    expect(suspended.body).toBeUndefined();
    expect((await isSuspended(api)).body.suspenders).toEqual(['user']);

    const health = () => request<{ reason?: string }>(`${environment.publicUrl}/api/health/`);
    expect(await health()).toMatchObject({ status: 503, body: { reason: 'the service is suspended' } });
    const rows = (await stateOf(world, 'inspectors'))['acknowledged'];
    expect(await render('POST', `${api}/deploys`, {})).toMatchObject({ status: 409 });
    expect((await stateOf(world, 'inspectors'))['acknowledged']).toBe(rows);

    expect((await render('POST', `${api}/resume`)).status).toBe(202);
    const deploy = await until(
      'the deploy is live',
      () => newestDeploy(api),
      (newest) => newest?.status === 'live',
    );
    expect(deploy?.trigger).toBe('service_resumed');
    await until('the application is healthy', health, ({ status }) => status === 200);
  });

  test('a deploy on a database that does not answer fails, and what ran goes on running', async () => {
    await render('PUT', `${api}/env-vars/DATABASE_URL`, { value: 'postgresql://nobody@127.0.0.1:1/nothing' });
    const { body } = await render<Deploy>('POST', `${api}/deploys`, {});
    const states = new Set<string>();
    await until(
      'the deploy ends',
      async () => {
        const { status } = (await render<Deploy>('GET', `${api}/deploys/${body.id}`)).body;
        states.add(status);
        return status;
      },
      (status) => status === 'update_failed',
    );
    expect([...states]).toEqual(
      expect.arrayContaining(['build_in_progress', 'update_in_progress', 'update_failed']),
    );
    expect((await request(`${environment.publicUrl}/api/health/`)).status).toBe(200);
  });

  test('suspending the worker stops its heartbeat', async () => {
    const { body } = await render<{ internalConnectionString: string }>('GET', `${main}/connection-info`);
    const beat = () => query<{ at: Date }>(body.internalConnectionString, 'select at from worker_heartbeats');
    await until('the worker beats', beat, (rows) => rows.length === 1);
    await render('POST', `${worker}/suspend`);
    await isSuspended(worker);
    const last = await beat();
    expect(Date.now() - last[0]!.at.getTime()).toBeLessThan(5000);
    await render('POST', `${worker}/resume`);
    await until('the worker beats again', beat, (rows) => rows[0]!.at > last[0]!.at);
  });

  test('suspends a database for real, and brings it back', async () => {
    const { body } = await render<{ internalConnectionString: string }>('GET', `${main}/connection-info`);
    expect((await render('POST', `${main}/suspend`)).status).toBe(202);
    await expect(query(body.internalConnectionString, 'select 1')).rejects.toThrow(/ECONNRESET|terminated/);
    expect((await request(`${environment.publicUrl}/api/health/`)).status).toBe(503);
    expect((await render('POST', `${main}/resume`)).status).toBe(202);
    await until(
      'the application is healthy',
      () => request(`${environment.publicUrl}/api/health/`),
      ({ status }) => status === 200,
    );
  });

  test('sends whoever asks too often away, and says for how long', async () => {
    const answers = [];
    for (let call = 0; call < 7; call += 1) answers.push(await render('POST', `${worker}/resume`));
    const last = answers.at(-1);
    expect(last?.status).toBe(429);
    expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(last?.headers.get('ratelimit-remaining')).toBe('0');
    expect((await render('GET', worker)).status).toBe(200);
  });

  test('has a status page on which nothing is wrong', async () => {
    const page = await request<{ status: { indicator: string } }>(
      `${environment.render.statusPage}/api/v2/summary.json`,
    );
    expect(page).toMatchObject({ status: 200, body: { status: { indicator: 'none' } } });
  });
});
