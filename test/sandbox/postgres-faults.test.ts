import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ValueMap } from '../../engine/base/value.ts';
import { Instant } from '../../engine/base/instant.ts';
import type { World } from '../../engine/sandbox/world.ts';
import { needing } from '../rig/needed-programs.ts';
import type { Render } from './rig.ts';
import { environmentOf, query, renderOf, start } from './rig.ts';

let world: World;
let url: string;

beforeAll(async () => {
  world = await start();
  const environment = await environmentOf(world);
  const render: Render = await renderOf(environment);
  const { body } = await render<{ externalConnectionString: string }>(
    'GET',
    `/postgres/${environment.databases.main.renderId}/connection-info`,
  );
  url = body.externalConnectionString;
  await world.baseline();
});
afterAll(() => world.stop());

const inject = async (uses: string, args: ValueMap): Promise<ValueMap> =>
  (await world.inject(uses, args)).output;
const count = async (what: string): Promise<number> =>
  Number((await query<{ n: string }>(url, `select count(*) as n from ${what}`))[0]?.n);

test('rows deleted by a condition are gone, and told', async () => {
  const before = Date.now();
  const output = await inject('postgres.delete-rows', { table: 'videos', where: 'id <= 10' });
  expect(output).toMatchObject({
    database: 'main',
    table: 'videos',
    rows: 10,
    deleted: { 'public.videos': 10 },
  });
  expect(await count('videos where id <= 10')).toBe(0);
  const at = output['at'];
  expect(at instanceof Instant && at.epochMillis >= before - 1000 && at.epochMillis <= Date.now()).toBe(true);
});

test('a share is spread over the table; one row at least', async () => {
  // The application adds rows all the while: only those there before stand still.
  const [newest] = await query<{ id: string }>(url, 'select max(id) as id from videos');
  const where = `id <= ${newest!.id}`;
  const rows = await count(`videos where ${where}`);
  expect(await inject('postgres.delete-rows', { table: 'videos', where, share: 0.5 })).toMatchObject({
    rows: Math.floor(rows / 2),
  });
  expect(await count(`videos where ${where}`)).toBe(rows - Math.floor(rows / 2));
  expect(await inject('postgres.delete-rows', { table: 'public.videos', share: 0.0001 })).toMatchObject({
    rows: 1,
  });
});

test('rows that others refer to are kept by the database, unless they go too', async () => {
  await expect(inject('postgres.delete-rows', { table: 'users', where: 'id = 1' })).rejects.toThrow(
    /foreign key/,
  );
  expect(await count('users where id = 1')).toBe(1);
  const output = await inject('postgres.delete-rows', { table: 'users', where: 'id = 1', cascade: true });
  expect(output).toMatchObject({ rows: 1 });
  expect(Object.keys(output['deleted'] as object)).toEqual([
    'public.inspections',
    'public.users',
    'public.videos',
  ]);
  expect(await count('inspections where user_id = 1')).toBe(0);
});

test('what is not there, or matches nothing, is an error and breaks nothing', async () => {
  await expect(inject('postgres.delete-rows', { table: 'nothing' })).rejects.toThrow(
    /there is no table nothing/,
  );
  await expect(inject('postgres.delete-rows', { table: 'users', where: 'false' })).rejects.toThrow(/no row/);
  await expect(inject('postgres.drop-table', { table: 'nothing' })).rejects.toThrow(
    /there is no table nothing/,
  );
  await expect(inject('postgres.drop-table', { table: 'users', database: 'other' })).rejects.toThrow(
    /no part of the world peakops is its database other/,
  );
});

test(
  'an accident outside of the window cannot be recovered to, and the dumps are from before',
  needing('pg_dump'),
  async () => {
    const { at, startsAt } = await inject('postgres.delete-rows', {
      ...{ table: 'videos', where: 'id between 20 and 25', outsideWindow: true },
    });
    if (!(at instanceof Instant && startsAt instanceof Instant)) throw new TypeError('these are moments');
    expect(at.epochMicros).toBeLessThan(startsAt.epochMicros);
    const environment = await environmentOf(world);
    const { renderId } = environment.databases.main;
    const render = await renderOf(environment);
    const { body } = await render<{ startsAt: string }>('GET', `/postgres/${renderId}/recovery`);
    expect(body.startsAt).toBe(startsAt.toString());
    const restoreTime = at.toString();
    expect(await render('POST', `/postgres/${renderId}/recovery`, { restoreTime })).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('before the recovery window') as string },
    });
  },
);

test('a table is dropped for good', async () => {
  await expect(inject('postgres.drop-table', { table: 'inspections' })).rejects.toThrow(/depend/);
  const before = await count('videos');
  const { table, rows, error } = await inject('postgres.drop-table', { table: 'videos' });
  expect({ table, error }).toEqual({ table: 'videos', error: 'relation "videos" does not exist' });
  // Customers go on uploading between the two looks.
  expect(rows).toBeGreaterThanOrEqual(before);
  await expect(count('videos')).rejects.toThrow(/does not exist/);
  await inject('postgres.drop-table', { table: 'inspections', cascade: true });
});
