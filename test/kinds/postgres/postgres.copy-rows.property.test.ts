import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import fc from '../../rig/fast-check.ts';
import type { PostgresRig } from '../../rig/postgres.ts';
import { startPostgres } from '../../rig/postgres.ts';
import { kindOf, stepRig } from '../../rig/step.ts';

/*
 * A copy is held against a model: what is in the target afterwards is what was there before, and of the selected
 * rows those whose key was not there.
 */

const TABLES = ['people', 'notes', 'marks', 'visits'] as const;
type Table = (typeof TABLES)[number];
type Contents = Readonly<Record<Table, readonly string[]>>;

const SCHEMA = `
  create type mood as enum ('calm', 'it''s "odd"');
  create domain positive as int check (value > 0);
  create table people (id bigint generated always as identity primary key, name text, born date,
    boss bigint references people on delete cascade, mood mood, shout text generated always as (upper(name)) stored);
  create table notes (id serial primary key, person bigint not null references people on delete cascade,
    tags text[], counts int[], extra jsonb, amount numeric, at timestamptz, raw bytea);
  create table marks (note int references notes on delete cascade, place positive, moods mood[], primary key (note, place));
  create table visits (id uuid primary key, person bigint references people on delete set null, span interval);`;

const text = fc.string({ unit: 'binary', maxLength: 8 }).filter((value) => !value.includes('\0'));
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { nil: null });
const person = fc.nat({ max: 7 });

const rows = fc.record({
  people: fc.array(
    fc.record({
      name: maybe(text),
      boss: maybe(person),
      mood: maybe(fc.constantFrom('calm', 'it\'s "odd"')),
    }),
    { minLength: 8, maxLength: 8 },
  ),
  notes: fc.array(
    fc.record({
      person,
      tags: maybe(fc.array(maybe(text), { maxLength: 3 })),
      counts: maybe(fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 3 })),
      extra: maybe(
        fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.stringify(value).replaceAll(/\\u0000/g, '')),
      ),
      amount: maybe(fc.constantFrom('0.1', '-12345678901234567890.5', 'NaN')),
      at: maybe(fc.constantFrom('2025-11-01 12:00:00.123456Z', 'infinity', '0044-03-15 BC')),
      raw: maybe(fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes))),
    }),
    { minLength: 1, maxLength: 8 },
  ),
  marks: fc.uniqueArray(fc.record({ note: fc.nat(), place: fc.integer({ min: 1, max: 3 }) }), {
    maxLength: 10,
    selector: ({ note, place }) => `${note % 8}/${place}`,
  }),
  visits: fc.array(maybe(person), { maxLength: 4 }),
  lost: fc.uniqueArray(person, { maxLength: 4 }),
  changed: fc.uniqueArray(person, { maxLength: 3 }),
  written: fc.nat({ max: 3 }),
  emptied: fc.boolean(),
});
type Rows = typeof rows extends fc.Arbitrary<infer T> ? T : never;

const kind = await kindOf('postgres.copy-rows');
let postgres: PostgresRig;
let folder: string;
let good: pg.Client;
let live: pg.Client;
let from: ValueMap;
let to: ValueMap;

beforeAll(async () => {
  postgres = await startPostgres();
  folder = await mkdtemp(join(tmpdir(), 'drillbook-test-'));
  [good, live] = (await Promise.all(['good', 'live'].map(database))) as [pg.Client, pg.Client];
  process.env['DRILLBOOK_TEST_GOOD_URL'] = postgres.url('good');
  process.env['DRILLBOOK_TEST_LIVE_URL'] = postgres.url('live');
  from = { name: 'good', url: { $ref: 'env', name: 'DRILLBOOK_TEST_GOOD_URL' } };
  to = { name: 'live', url: { $ref: 'env', name: 'DRILLBOOK_TEST_LIVE_URL' } };
});
afterAll(async () => {
  await Promise.all([good.end(), live.end()]);
  await postgres.close();
  await rm(folder, { recursive: true, force: true });
});

async function database(name: string): Promise<pg.Client> {
  await postgres.sql(`create database ${name} owner peakops_user`, 'postgres');
  const client = new pg.Client({ connectionString: postgres.url(name) });
  await client.connect();
  await client.query(SCHEMA);
  return client;
}

async function fill(client: pg.Client, { people, notes, marks, visits }: Rows): Promise<void> {
  await client.query('truncate people, notes, marks, visits restart identity');
  for (const [index, { name, mood }] of people.entries()) {
    await client.query('insert into people (name, mood, born) values ($1, $2, $3)', [
      name,
      mood,
      `2000-01-0${index + 1}`,
    ]);
  }
  for (const [index, { boss }] of people.entries()) {
    if (boss !== null) await client.query('update people set boss = $1 where id = $2', [boss + 1, index + 1]);
  }
  for (const { person: of, tags, counts, extra, amount, at, raw } of notes) {
    await client.query(
      'insert into notes (person, tags, counts, extra, amount, at, raw) values ($1, $2, $3, $4, $5, $6, $7)',
      [of + 1, tags, counts, extra, amount, at, raw],
    );
  }
  for (const { note, place } of marks) {
    await client.query(
      `insert into marks values ($1, $2, array['calm', null]::mood[]) on conflict do nothing`,
      [1 + (note % notes.length), place],
    );
  }
  for (const [index, visitor] of visits.entries()) {
    await client.query(`insert into visits values ($1, $2, '1 mon 2 days')`, [
      `00000000-0000-0000-0000-00000000000${index}`,
      visitor === null ? null : visitor + 1,
    ]);
  }
}

/** Every row as PostgreSQL writes it, by its key. */
async function contents(client: pg.Client): Promise<Contents> {
  const read = async (table: Table): Promise<readonly string[]> =>
    (await client.query<{ row: string }>(`select t::text as row from ${table} t order by 1`)).rows.map(
      ({ row }) => row,
    );
  return {
    people: await read('people'),
    notes: await read('notes'),
    marks: await read('marks'),
    visits: await read('visits'),
  };
}

const KEYS: Readonly<Record<Table, number>> = { people: 1, notes: 1, marks: 2, visits: 1 };
const keyOf = (table: Table, row: string): string => row.slice(1).split(',').slice(0, KEYS[table]).join();

const run = (args: ValueMap): Promise<ValueMap> => {
  const rig = stepRig();
  return kind.run({ from, to, ...args }, { ...rig.context, run: { ...rig.context.run, folder } });
};

/** Takes rows away, changes others and writes new ones, as a mistake and the time after it do. */
async function damage(rows: Rows): Promise<void> {
  if (rows.emptied) await live.query('truncate marks');
  await live.query('delete from people where id = any($1)', [rows.lost.map((id) => id + 1)]);
  await live.query("update people set name = 'changed since' where id = any($1)", [
    rows.changed.map((id) => id + 1),
  ]);
  for (let each = 0; each < rows.written; each++) {
    await live.query(
      "insert into people (name, boss) select 'written since', min(id) from people where name is not null",
    );
    await live.query(
      'insert into notes (person, extra) select max(id), \'{"written": "since"}\' from people',
    );
    await live.query("insert into marks select max(id), 1, array['calm']::mood[] from notes");
  }
}

test('what was there stays, what was missing comes back, and the summary says so', async () => {
  await fc.assert(
    fc.asyncProperty(rows, async (drawn) => {
      await fill(good, drawn);
      await fill(live, drawn);
      await damage(drawn);
      const before = await contents(live);
      const source = await contents(good);
      const args = { tables: TABLES.map((name) => ({ name, where: 'true' })) };
      const preview = await run({ ...args, preview: true });
      expect(await contents(live)).toEqual(before);
      const output = await run(args);
      const after = await contents(live);
      let inserted = 0;
      for (const table of TABLES) {
        const kept = new Set(before[table].map((row) => keyOf(table, row)));
        const missing = source[table].filter((row) => !kept.has(keyOf(table, row)));
        expect([...after[table]].sort()).toEqual([...before[table], ...missing].sort());
        inserted += missing.length;
      }
      const counts = {
        inserted,
        selected: TABLES.reduce((sum, table) => sum + source[table].length, 0),
        conflicts: 0,
        missingParents: 0,
      };
      expect(preview).toMatchObject(counts);
      expect(output).toMatchObject(counts);
      // Once more changes nothing: no row is doubled.
      expect(await run(args)).toMatchObject({ inserted: 0, conflicts: 0 });
      // The next rows get numbers of their own.
      await live.query('insert into people (name) values (null)');
      await live.query('insert into notes (person) select max(id) from people');
    }),
    { numRuns: 25 },
  );
});

test('following cascades brings back exactly what a deletion took', async () => {
  await fc.assert(
    fc.asyncProperty(rows, async (drawn) => {
      await fill(good, drawn);
      await fill(live, drawn);
      const before = await contents(live);
      await live.query('delete from people where id = any($1)', [drawn.lost.map((id) => id + 1)]);
      await run({
        tables: [{ name: 'people', where: 'id = any($1)', params: [drawn.lost.map((id) => id + 1)] }],
        follow: 'cascade',
      });
      const { people, notes, marks } = await contents(live);
      expect({ people, notes, marks }).toEqual({
        people: before.people,
        notes: before.notes,
        marks: before.marks,
      });
    }),
    { numRuns: 25 },
  );
});
