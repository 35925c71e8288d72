import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadEnvironment } from '../../../engine/load/environment.ts';
import { identify } from '../../../engine/kinds/environment/identity.ts';
import type { ValueMap } from '../../../engine/base/value.ts';
import { withConnection } from '../../../engine/sandbox/postgres/client.ts';
import type { World } from '../../../engine/sandbox/world.ts';
import { SourceFile } from '../../../engine/source/file.ts';
import { shop } from '../../rig/shop.ts';
import { stepRig } from '../../rig/step.ts';
import { desk, environmentOf, open, planOf, secretIn, stateOf } from '../parts-rig.ts';
import { until } from '../rig.ts';

interface ShopEnvironment {
  readonly publicUrl: string;
  readonly databases: { readonly main: { readonly url: { readonly file: string } } };
}

const urlOf = async (world: World): Promise<string> =>
  secretIn((await environmentOf<ShopEnvironment>(world)).databases.main.url);

/** What the shop says of itself, and how long that took. */
async function health(world: World): Promise<{ readonly status: number; readonly millis: number }> {
  const { publicUrl } = await environmentOf<ShopEnvironment>(world);
  const from = performance.now();
  const { status } = await fetch(`${publicUrl}/health`).catch(() => ({ status: 0 }));
  return { status, millis: performance.now() - from };
}

const becomes = (world: World, status: number): Promise<unknown> =>
  until(
    `the shop answers ${String(status)}`,
    () => health(world),
    (answer) => answer.status === status,
  );

describe('network.partition', () => {
  test.each(['drop', 'reset'])(
    'by %s keeps the application from its database, and nobody else, until it is reconnected',
    async (by) => {
      const world = await open(shop());
      await becomes(world, 200);
      const { description, output } = await world.inject('network.partition', { to: 'db', by }, 'app');
      expect(description).toMatch(/^app is cut off from databases\.main: /);
      expect(output).toMatchObject({ to: ['db'] });
      let answered = false;
      const asked = health(world).finally(() => (answered = true));
      if (by === 'reset') expect((await asked).status).toBe(503);
      expect((await desk(world, 'app')).body).toMatchObject({ running: true, network: { db: 'cut' } });
      const rows = await withConnection(await urlOf(world), (client) => client.query('select 1'));
      expect(rows.rowCount).toBe(1);
      const before = Number((await stateOf(world, 'orders'))['acknowledged']);
      await until(
        'customers go on',
        async () => Number((await stateOf(world, 'orders'))['acknowledged']),
        (count) => count > before + 3,
      );
      // Who is connected goes on waiting.
      expect(answered).toBe(by === 'reset');
      const mended = await desk(world, 'app', '/reconnect', { to: 'db' });
      expect(mended.body).not.toHaveProperty('network');
      if (by === 'drop') expect((await asked).status).toBe(200);
      await becomes(world, 200);
    },
  );

  test('outlasts a restart of either side, and is over after a restart when it was mended', async () => {
    // It is ready when it listens, whether it has its database or not.
    const world = await open(shop((text) => text.replace(/url: 'http:.*\/health', /, '')));
    await becomes(world, 200);
    await world.inject('network.partition', { by: 'reset' }, 'app');
    await desk(world, 'db', '/restart');
    expect(await desk(world, 'app', '/restart')).toMatchObject({ status: 200 });
    expect((await health(world)).status).not.toBe(200);
    await desk(world, 'app', '/reconnect');
    await becomes(world, 200);
    await desk(world, 'db', '/restart');
    await becomes(world, 200);
  });

  test('is over after the time that it was given', async () => {
    const world = await open(shop());
    await becomes(world, 200);
    await world.inject('network.partition', { by: 'reset', for: '1s' }, 'app');
    expect((await health(world)).status).toBe(503);
    await becomes(world, 200);
  });

  test('breaks nothing where the part does not name the other', async () => {
    const world = await open(shop());
    await expect(world.inject('network.partition', { to: 'orders' }, 'app')).rejects.toThrow(
      'network.partition: app does not name the address of orders, only that of db',
    );
    await expect(world.inject('network.partition', { to: 'db' }, 'db')).rejects.toThrow(
      /the part db is a postgres, which only .* can break/,
    );
  });

  test('keeps customers from the database that come to it through the application', async () => {
    const through = shop((text) =>
      text.replace('database: ${{ parts.db }}', 'database: ${{ parts.db }}\n      through: ${{ parts.app }}'),
    );
    const world = await open(through);
    await world.baseline();
    await world.inject('network.partition', { by: 'reset' }, 'app');
    await until(
      'customers cannot write',
      () => stateOf(world, 'orders'),
      ({ error }) => error !== undefined,
    );
    // What they had is counted all the same.
    expect(await world.loss()).toMatchObject({ lost: 0 });
    await desk(world, 'app', '/reconnect');
    await until(
      'customers write again',
      () => stateOf(world, 'orders'),
      ({ error }) => error === undefined,
    );
  });
});

test('network.slow delays what the application asks of its database, until it is reconnected', async () => {
  const world = await open(shop());
  await becomes(world, 200);
  const { description } = await world.inject('network.slow', { delay: '300ms' }, 'app');
  expect(description).toBe('the network between app and databases.main takes 300ms each way');
  const slow = await health(world);
  expect(slow.status).toBe(200);
  expect(slow.millis).toBeGreaterThanOrEqual(598);
  await desk(world, 'app', '/reconnect');
  expect((await desk(world, 'app')).body).not.toHaveProperty('network');
  await becomes(world, 200);
  await expect(world.inject('network.slow', {}, 'app')).rejects.toThrow(/say how slow it is/);
});

test('a part reaches another by a link of its own, however it names the address, and the environment does not', async () => {
  const plan = planOf(`
parts:
  db: { uses: postgres }
  said:
    uses: process
    with:
      command: [sh, -c, 'echo "$URL $PORT $1" > said.txt; exec sleep 600', sh, "host=\${{ parts.db.host }} port=\${{ parts.db.port }}"]
      env: { URL: "\${{ parts.db.url }}", PORT: "\${{ parts.db.port }}" }
environment:
  databases: { main: "\${{ parts.db }}" }
  values: { port: "\${{ parts.db.port }}", desk: { token: "\${{ desk.token }}" } }
`);
  const world = await open(plan);
  const { values } = await environmentOf<{ readonly values: { readonly port: number } }>(world);
  const own = String(values.port);
  const said = await until(
    'the program has said what it was told',
    () => readFile(join(plan.folder, 'said.txt'), 'utf8').catch(() => ''),
    (text) => text.endsWith('\n'),
  );
  const [, link = ''] = /^postgresql:\/\/app:\S+@127\.0\.0\.1:(\d+)\/app /.exec(said) ?? [];
  expect(link).not.toBe(own);
  expect(said.trim().split(' ').slice(1)).toEqual([link, 'host=127.0.0.1', `port=${link}`]);
  expect(await urlOf(world)).toContain(`127.0.0.1:${own}/`);
  const { value } = await loadEnvironment(new SourceFile('sandbox.yaml', await world.environmentText()));
  const { environment, secrets, signal } = stepRig().context;
  const target = (value?.data['databases'] as { readonly main: ValueMap }).main;
  const use = { group: 'databases', path: 'databases.main', target, effect: 'write' } as const;
  expect(await identify(use, environment, secrets, signal)).toMatchObject({ verdict: 'match' });
});
