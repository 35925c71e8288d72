import { access } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { Instant } from '../../engine/base/instant.ts';
import type { ValueMap } from '../../engine/base/value.ts';
import { loadEnvironment } from '../../engine/load/environment.ts';
import { isAlive } from '../../engine/sandbox/ground/process.ts';
import { inFolder, readObject, worldFolders } from '../../engine/sandbox/ground/folder.ts';
import type { World } from '../../engine/sandbox/world.ts';
import { attachWorld } from '../../engine/sandbox/world.ts';
import { SourceFile } from '../../engine/source/file.ts';
import { shop } from '../rig/shop.ts';
import { desk, environmentOf, folderOf, open as openPlan, secretIn, stateOf } from './parts-rig.ts';
import { processesOf, query, request, start, until } from './rig.ts';
import type { Answer } from './rig.ts';

interface ShopEnvironment {
  readonly publicUrl: string;
  readonly databases: { readonly main: { readonly url: { readonly file: string } } };
  readonly values: { readonly desk: { readonly app: string } };
}

const open = (plan = shop()): Promise<World> => openPlan(plan);

const environment = (world: World): Promise<ShopEnvironment> => environmentOf<ShopEnvironment>(world);

const health = async (world: World): Promise<Answer> =>
  request(`${(await environment(world)).publicUrl}/health`);

const databaseOf = async (world: World): Promise<string> =>
  secretIn((await environment(world)).databases.main.url);

const pidOf = async (world: World): Promise<number> => Number((await stateOf(world, 'app'))['pid']);

const acknowledgedIn = async (world: World): Promise<number> =>
  Number((await stateOf(world, 'orders'))['acknowledged']);

const there = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** What the application started and let go of has its port among its arguments. */
const helperOf = async (world: World): Promise<string> =>
  `shop-helper-${new URL((await environment(world)).publicUrl).port}`;

describe('a world that a file describes', () => {
  test('makes an environment like any other, in which secrets are named and not written', async () => {
    const world = await open();
    const text = await world.environmentText();
    const { value, diagnostics } = await loadEnvironment(new SourceFile('sandbox.yaml', text));
    expect(diagnostics).toEqual([]);
    expect(value).toMatchObject({ name: 'sandbox', kind: 'sandbox' });
    expect(text).not.toMatch(/postgresql:/);
    const [row] = await query<{ orders: number }>(
      await databaseOf(world),
      "select count(*)::int as orders from orders where note like 'order %'",
    );
    expect(row).toEqual({ orders: 500 });
    expect(await health(world)).toMatchObject({ status: 200 });
  });

  test('is worth breaking when its parts answer, and the writer has something to lose', async () => {
    const world = await open();
    await world.baseline();
    expect(await acknowledgedIn(world)).toBeGreaterThanOrEqual(10);
    expect(await world.loss()).toMatchObject({ lost: 0 });
    expect(await world.lostUploads()).toBeUndefined();
  });

  test('counts no loss where nobody writes: none would be a claim', async () => {
    const world = await open(shop((text) => text.replace(/ {2}orders:\n(?: {4}.*\n)+/, '')));
    await expect(world.loss()).rejects.toThrow(/the world shop has no part of the kind writer/);
  });

  test('does not meet another', async () => {
    const [one, other] = await Promise.all([open(), open()]);
    await query(await databaseOf(one), 'drop table orders');
    expect((await health(one)).status).toBe(503);
    expect((await health(other)).status).toBe(200);
  });
});

describe('its desk', () => {
  test('stops, starts and changes a program, for whoever has the token', async () => {
    const world = await open();
    const pid = await pidOf(world);
    expect((await desk(world, 'app', '/stop')).body).toMatchObject({ running: false });
    expect(isAlive(pid)).toBe(false);
    await expect(health(world)).rejects.toThrow();
    const { body } = await desk(world, 'app', '/start', { env: { GREETING: 'good evening' } });
    expect(body).toMatchObject({ running: true });
    expect((await health(world)).body).toMatchObject({ greeting: 'good evening' });
    expect((await request((await environment(world)).values.desk.app)).status).toBe(401);
  });

  test('says what a part knows, and why something cannot be done', async () => {
    const world = await open();
    expect(await desk(world, 'app', '/recover')).toMatchObject({
      status: 404,
      body: {
        message:
          'the part app knows POST reconnect, POST free-space, POST set-clock, POST start, POST stop, POST restart, POST roll-back',
      },
    });
    expect(await desk(world, 'db', '/recover', { to: '2020-01-01T00:00:00Z' })).toMatchObject({
      status: 422,
      body: { message: expect.stringMatching(/^db can be put back to moments from .* until now/) as string },
    });
    expect(await desk(world, 'app', '/restart', { env: { NODE_OPTIONS: '--no-such-option' } })).toMatchObject(
      {
        status: 422,
        body: { message: expect.stringMatching(/^the part app does not come up/) as string },
      },
    );
  });
});

describe('a fault', () => {
  const refused: readonly [
    why: string,
    uses: string,
    args: ValueMap,
    part: string | undefined,
    said: RegExp,
  ][] = [
    [
      'a part that is not there',
      'postgres.drop-table',
      { table: 'orders' },
      'bd',
      /has no part bd: it has db, app, orders/,
    ],
    [
      'a part of another kind',
      'postgres.drop-table',
      { table: 'orders' },
      'app',
      /the part app is a process/,
    ],
    ['what no part offers', 'render.outage', {}, 'db', /which only postgres.corrupt-pages.* can break/],
    ['a part and a database', 'postgres.drop-table', { table: 'orders', database: 'main' }, 'db', /not both/],
    [
      'a database that is none',
      'postgres.drop-table',
      { table: 'orders', database: 'other' },
      undefined,
      /is its database other/,
    ],
    ['a table that is not there', 'postgres.drop-table', { table: 'order' }, 'db', /there is no table order/],
    [
      'older backups',
      'postgres.drop-table',
      { table: 'orders', outsideWindow: true },
      'db',
      /there is no older backup to restore from/,
    ],
  ];

  test('that cannot be made is refused in words, and nothing is broken', async () => {
    const world = await open();
    for (const [why, uses, args, part, said] of refused) {
      await expect(world.inject(uses, args, part), why).rejects.toThrow(said);
    }
    expect((await health(world)).status).toBe(200);
  });

  test('breaks the part that is named, and the database of the environment where none is', async () => {
    const world = await open();
    await world.baseline();
    const half = { table: 'orders', where: "note like 'order %'", share: 0.5 };
    expect((await world.inject('postgres.delete-rows', half)).output).toMatchObject({
      database: 'main',
      rows: 250,
    });
    const dropped = await world.inject('postgres.drop-table', { table: 'orders' }, 'db');
    expect(dropped.output).toMatchObject({ database: 'main', table: 'orders' });
    expect((await health(world)).status).toBe(503);
    await expect(world.loss()).rejects.toThrow(/orders/);
  });
});

describe('a database that keeps its WAL', () => {
  test('is put back to the moment before, at its own address, and what was written since is counted as lost', async () => {
    const world = await open();
    await world.baseline();
    const all = { table: 'orders', where: "note like 'order %'" };
    const { output } = await world.inject('postgres.delete-rows', all, 'db');
    const acknowledged = await acknowledgedIn(world);
    await until(
      'the writer goes on',
      () => acknowledgedIn(world),
      (now) => now >= acknowledged + 5,
    );
    const to = (output['at'] as Instant).toString();
    const answer = await desk(world, 'db', '/recover', { to });
    expect(answer).toMatchObject({ status: 200, body: { running: true, recoveredTo: to } });
    await until(
      'the shop reads its orders',
      () => health(world),
      ({ status, body }) => status === 200 && Number(body['orders']) >= 500,
    );
    const loss = await world.loss();
    expect(loss.lost).toBeGreaterThanOrEqual(5);
    expect(loss.acknowledged).toBeGreaterThanOrEqual(loss.lost + 10);
    expect(loss.newestKept).toBeLessThan(loss.oldestLost ?? 0);
    // Whoever lost the answer asks again: nothing is done twice.
    expect((await desk(world, 'db', '/recover', { to })).body).toEqual(answer.body);
  });

  test('is as it was when it cannot be put back', async () => {
    const world = await open();
    await world.baseline();
    const soon = new Date(Date.now() + 3_600_000).toISOString();
    expect((await desk(world, 'db', '/recover', { to: soon })).status).toBe(422);
    expect((await desk(world, 'db', '/recover', { to: 'yesterday' })).status).toBe(422);
    expect((await health(world)).body).toMatchObject({ orders: expect.any(Number) as number });
  });
});

describe('the end of a world', () => {
  test('leaves no program behind, what one let go of included', async () => {
    const world = await open();
    const helper = await helperOf(world);
    const pid = await pidOf(world);
    expect(await processesOf(helper)).toHaveLength(1);
    await world.stop();
    expect(await processesOf(helper)).toEqual([]);
    expect(isAlive(pid)).toBe(false);
    expect(await there(folderOf(world))).toBe(false);
    expect(await attachWorld(world.address)).toBeUndefined();
  });

  test('leaves nothing behind when it is killed either', async () => {
    const world = await open();
    const helper = await helperOf(world);
    const folder = folderOf(world);
    process.kill(Number(world.address['pid']), 'SIGKILL');
    await until(
      'the watchdog has ended the programs',
      () => processesOf(helper),
      (lines) => lines.length === 0,
    );
    await until(
      'the folder is gone',
      () => there(folder),
      (isThere) => !isThere,
    );
    await until(
      'the watchdog has ended itself',
      () => processesOf(folder),
      (lines) => lines.length === 0,
    );
  });
});

describe('a world that cannot be started', () => {
  const begun = async (): Promise<readonly string[]> => {
    const leases = await Promise.all(
      (await worldFolders()).map(
        async (folder) => [folder, await readObject(inFolder(folder).lease)] as const,
      ),
    );
    return leases.filter(([, lease]) => lease?.['starter'] === process.pid).map(([folder]) => folder);
  };

  test.each([
    [
      'a program that ends',
      (text: string) => text.replace('app.js', 'nothing.js'),
      /the part app does not come up: it ended with 1\n[\s\S]*MODULE_NOT_FOUND/,
    ],
    [
      'a program that is not there',
      (text: string) => text.replace('[node,', '[no-such-program,'),
      /there is no program no-such-program here/,
    ],
    [
      'a page that never answers well',
      (text: string) => text.replace("/health', timeout: 30s", "/nothing', timeout: 1s"),
      /it is not ready after 1 s: http/,
    ],
  ])('says of %s what it was, and leaves nothing behind', async (_, change, said) => {
    await expect(start({ plan: shop(change) })).rejects.toThrow(said);
    expect(await begun()).toEqual([]);
  });
});
