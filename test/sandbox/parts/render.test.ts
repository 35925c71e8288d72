import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Instant } from '../../../engine/base/instant.ts';
import type { Json, JsonObject } from '../../../engine/base/json.ts';
import type { World } from '../../../engine/sandbox/world.ts';
import { deployed } from '../../rig/shop.ts';
import { desk, environmentOf, open, secretIn, stateOf } from '../parts-rig.ts';
import { query, request, start, until } from '../rig.ts';

interface DeployedEnvironment {
  readonly render: {
    readonly api: string;
    readonly statusPage: string;
    readonly key: { readonly file: string };
  };
  readonly services: Readonly<Record<'app' | 'standby', { readonly renderId: string; readonly url: string }>>;
  readonly databases: { readonly main: { readonly renderId: string } };
  readonly channels: { readonly support: { readonly slack: { readonly url: { readonly file: string } } } };
  readonly values: { readonly support: string };
}

interface Health {
  readonly orders?: number;
  readonly greeting?: string;
  readonly reason?: string;
}

const textOf = (json: Json | undefined): string => (typeof json === 'string' ? json : expect.fail('no text'));

const environment = (world: World): Promise<DeployedEnvironment> => environmentOf(world);

/** Asks Render of a world. */
async function render(world: World, method: string, path: string, body?: unknown): Promise<JsonObject> {
  const { api, key } = (await environment(world)).render;
  const authorization = `Bearer ${secretIn(key)}`;
  const answer = await request(`${api}${path}`, method, body, { authorization });
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
  return answer.body;
}

/** What users get of a service. */
async function users(world: World, name: 'app' | 'standby' = 'app') {
  const { services } = await environment(world);
  return await request<Health>(`${services[name].url}/health`);
}

const untilUsers = (
  world: World,
  what: string,
  holds: (answer: { status: number; body: Health }) => boolean,
) => until(what, () => users(world), holds);

/** What drillbook asks of a service, by its name. */
async function ask(world: World, method: string, path: string, body?: unknown): Promise<JsonObject> {
  const { services } = await environment(world);
  return await render(world, method, `/services/${services.app.renderId}${path}`, body);
}

describe('services of a part of the kind render', () => {
  let world: World;
  beforeAll(async () => (world = await start({ plan: deployed() })));
  afterAll(() => world.stop());

  test('are programs of the world, which run at an address of their own; one that waits is suspended', async () => {
    expect(await users(world)).toMatchObject({ status: 200, body: { greeting: 'hello' } });
    expect(await users(world, 'standby')).toMatchObject({
      status: 503,
      body: { reason: 'the service is suspended' },
    });
    expect(await ask(world, 'GET', '')).toMatchObject({
      name: 'shop-app',
      type: 'web_service',
      suspended: 'not_suspended',
      serviceDetails: { envSpecificDetails: { startCommand: 'node app.js --port $PORT' } },
    });
    expect(await ask(world, 'GET', '/deploys')).toMatchObject([{ deploy: { status: 'live' } }]);
  });

  test('are told their variables, and not the port that each copy has of its own', async () => {
    const variables = (await ask(world, 'GET', '/env-vars')) as unknown as readonly {
      envVar: { key: string };
    }[];
    expect(variables.map(({ envVar }) => envVar.key).sort()).toEqual(['DATABASE_URL']);
  });

  test('run on with the variables of their deploy, until they are deployed anew', async () => {
    await ask(world, 'PUT', '/env-vars/GREETING', { value: 'good morning' });
    expect((await users(world)).body).toMatchObject({ greeting: 'hello' });
    const before = await stateOf(world, 'app');
    await ask(world, 'POST', '/deploys', {});
    await untilUsers(world, 'the deploy is live', ({ body }) => body.greeting === 'good morning');
    expect(await stateOf(world, 'app')).toMatchObject({ running: true });
    expect((await stateOf(world, 'app'))['pid']).not.toBe(before['pid']);
  });

  test('go on serving while a deploy does not come up, which is told', async () => {
    await ask(world, 'PUT', '/env-vars/NODE_OPTIONS', { value: '--no-such-option' });
    const id = textOf((await ask(world, 'POST', '/deploys', {}))['id']);
    await until(
      'the deploy has failed',
      () => ask(world, 'GET', `/deploys/${id}`),
      ({ status }) => status === 'update_failed',
    );
    expect(await users(world)).toMatchObject({ status: 200 });
    await ask(world, 'PUT', '/env-vars/NODE_OPTIONS', { value: '' });
  });

  test('stop when they are suspended, and customers with them; they come back when they are resumed', async () => {
    await ask(world, 'POST', '/suspend');
    await untilUsers(world, 'it is suspended', ({ status }) => status === 503);
    await until(
      'nobody writes',
      () => stateOf(world, 'orders'),
      ({ error }) => error === 'app does not run',
    );
    expect(await stateOf(world, 'app')).toMatchObject({ running: false });
    await ask(world, 'POST', '/resume');
    await untilUsers(world, 'it is back', ({ status }) => status === 200);
  });

  test('are not started and stopped at the desk', async () => {
    const answer = await desk(world, 'app', '/stop');
    expect(answer.status).toBe(422);
    expect(answer.body).toEqual({
      message: 'app is a service of the part cloud, which starts and stops it: ask there',
    });
    expect(await users(world)).toMatchObject({ status: 200 });
  });

  test('answer 503 in maintenance, to those as well who are connected', async () => {
    await ask(world, 'PATCH', '', { serviceDetails: { maintenanceMode: { enabled: true, uri: '' } } });
    expect(await users(world)).toMatchObject({
      status: 503,
      body: { reason: 'the service is in maintenance mode' },
    });
    await ask(world, 'PATCH', '', { serviceDetails: { maintenanceMode: { enabled: false, uri: '' } } });
    expect(await users(world)).toMatchObject({ status: 200 });
  });
});

describe('databases of a part of the kind render', () => {
  test('are told as they were ordered, and recovered into new ones, to which customers go with the service', async () => {
    const world = await open(deployed());
    await world.baseline();
    const { databases, services } = await environment(world);
    expect(await render(world, 'GET', `/postgres/${databases.main.renderId}`)).toMatchObject({
      ...{ name: 'shop-db', plan: 'pro_4gb', diskSizeGB: 20, diskAutoscalingEnabled: true },
      parameterOverrides: { work_mem: '8MB' },
    });
    const { output } = await world.inject('postgres.drop-table', { table: 'orders' });
    await untilUsers(world, 'the application notices', ({ status }) => status === 503);
    await ask(world, 'POST', '/suspend');
    const main = `/postgres/${databases.main.renderId}`;
    const at = output['at'] instanceof Instant ? output['at'] : expect.fail('it has a moment');
    // As render.recover-postgres does: Render recovers to no moment that is younger.
    await until(
      'the moment is old enough',
      () => Date.now() - at.epochMillis,
      (age) => age > 3500,
    );
    const recovery = await render(world, 'POST', `${main}/recovery`, {
      restoreTime: at.toString(),
      restoreName: 'new',
    });
    const recovered = `/postgres/${textOf(recovery['id'])}`;
    await until(
      'it is recovered',
      () => render(world, 'GET', recovered),
      ({ status }) => status === 'available',
    );
    const info = await render(world, 'GET', `${recovered}/connection-info`);
    const url = textOf(info['internalConnectionString']);
    await render(world, 'PUT', `/services/${services.app.renderId}/env-vars/DATABASE_URL`, { value: url });
    await ask(world, 'POST', '/resume');
    await untilUsers(world, 'it is back', ({ status, body }) => status === 200 && (body.orders ?? 0) >= 500);
    const before = Number((await stateOf(world, 'orders'))['acknowledged']);
    await until(
      'customers are back',
      () => stateOf(world, 'orders'),
      ({ acknowledged }) => Number(acknowledged) > before,
    );
    // Those of before are in it, and so are those of now.
    expect(await world.loss()).toMatchObject({ lost: 0 });
    const [counted] = await query<{ n: number }>(url, 'select count(*)::int as n from orders');
    expect(counted?.n).toBeGreaterThan(500 + before);
  });
});

describe('a part of the kind render is broken', () => {
  test('by an outage: all that it runs is stopped, and its status page says so', async () => {
    const world = await open(deployed());
    const { output } = await world.inject('render.outage', {});
    expect(output).toMatchObject({ down: ['shop-app', 'shop-db'] });
    expect(await users(world)).toMatchObject({ status: 503 });
    const { statusPage } = (await environment(world)).render;
    expect((await request(`${statusPage}/api/v2/summary.json`)).body).toMatchObject({
      status: { indicator: 'critical' },
    });
    expect(await stateOf(world, 'db')).toMatchObject({ running: false });
  });

  test('and mended by its support, where the fault says so', async () => {
    const world = await open(deployed());
    await world.inject('render.outage', { support: 'restored', supportAfter: '100ms' });
    const { channels, values } = await environment(world);
    expect((await request(values.support)).body).toMatchObject({ status: 'none', answer: null });
    expect((await request(secretIn(channels.support.slack.url), 'POST', { text: 'Help!' })).status).toBe(200);
    await until(
      'it has answered',
      () => request(values.support),
      ({ body }) => body['answer'] === 'restored',
    );
    await untilUsers(world, 'the shop is back', ({ status }) => status === 200);
  });

  test('by calls that fail', async () => {
    const world = await open(deployed());
    await world.inject('render.fail', { status: 503, calls: 'writes', times: 1 });
    await expect(ask(world, 'POST', '/suspend')).rejects.toThrow(/told to fail/);
    await ask(world, 'POST', '/suspend');
  });
});
