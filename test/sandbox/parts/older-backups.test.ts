// @module-tag needs/pg_dump
// @module-tag needs/pg_restore
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { Instant } from '../../../engine/base/instant.ts';
import { findClientProgram } from '../../../engine/sandbox/postgres/client-programs.ts';
import type { World } from '../../../engine/sandbox/world.ts';
import { temporaryFolder } from '../../rig/drillbook.ts';
import { environmentOf, open, planOf, secretIn, stateOf } from '../parts-rig.ts';
import { listKeys, request } from '../rig.ts';

const HOUR = 3_600_000;

const TABLES = 'create table orders (n int primary key, created_at timestamptz not null);';

/** One order in each of ten hours, half an hour after each began. */
const ROWS = `
insert into orders
select n, made
from (
  select n, current_setting('history.now')::timestamptz - n * interval '1 hour' + interval '30 minutes' as made
  from generate_series(10, 1, -1) n
) as all_orders
where made >= current_setting('history.since')::timestamptz
  and made < current_setting('history.until')::timestamptz;
`;

const WORLD = `
parts:
  db: { uses: postgres, with: { seed: tables.sql, history: { sql: rows.sql, ages: [2h, 6h] } } }
  files: { uses: s3, with: { buckets: { dumps: {} } } }
  cloud: { uses: render, with: { databases: { main: { postgres: "\${{ parts.db }}" } } } }
  dumps:
    uses: older-backups
    with:
      database: "\${{ parts.db }}"
      storage: "\${{ parts.files }}"
      bucket: dumps
      prefix: shop/
      provider: "\${{ parts.cloud }}"
      exports: [6h]
environment:
  render: "\${{ parts.cloud.render }}"
  databases: "\${{ parts.cloud.databases }}"
  aws: "\${{ parts.files.aws }}"
  buckets: "\${{ parts.files.buckets }}"
`;

interface WithBackups {
  readonly render: { readonly api: string; readonly key: { readonly file: string } };
  readonly databases: { readonly main: { readonly renderId: string } };
  readonly aws: {
    readonly endpoint: string;
    readonly credentials: Readonly<Record<'accessKeyId' | 'secretAccessKey', { readonly file: string }>>;
  };
}

async function storageOf(world: World): Promise<S3Client> {
  const { endpoint, credentials } = (await environmentOf<WithBackups>(world)).aws;
  return new S3Client({
    ...{ endpoint, region: 'us-east-1', forcePathStyle: true },
    credentials: {
      accessKeyId: secretIn(credentials.accessKeyId),
      secretAccessKey: secretIn(credentials.secretAccessKey),
    },
  });
}

/** The orders in a dump. */
async function ordersIn(dump: Uint8Array): Promise<readonly number[]> {
  const file = join(temporaryFolder(), 'orders.dump');
  writeFileSync(file, dump);
  const restore = (await findClientProgram('pg_restore', 15)) ?? '';
  const text = execFileSync(restore, ['--data-only', '--file', '-', file], { encoding: 'utf8' });
  return Array.from(text.matchAll(/^(\d+)\t/gm), ([, n]) => Number(n));
}

test('hold what there was at their age and nothing after, and are dated accordingly', async () => {
  const world = await open(planOf(WORLD, { 'tables.sql': TABLES, 'rows.sql': ROWS }));
  await world.baseline();
  expect(await stateOf(world, 'dumps')).toEqual({ running: false, made: 2 });

  const client = await storageOf(world);
  const found = await listKeys(client, 'dumps', 'shop/');
  expect(found.map(({ modified }) => Math.round((Date.now() - modified.getTime()) / HOUR))).toEqual([6, 2]);
  const held = await Promise.all(
    found.map(async ({ key, modified }) => {
      expect(key).toBe(`shop/${modified.toISOString().slice(0, 16).replace(':', '-')}Z.dump`);
      const { Body } = await client.send(new GetObjectCommand({ Bucket: 'dumps', Key: key }));
      return await ordersIn((await Body?.transformToByteArray()) ?? new Uint8Array());
    }),
  );
  expect(held).toEqual([
    [10, 9, 8, 7],
    [10, 9, 8, 7, 6, 5, 4, 3],
  ]);

  const { render, databases } = await environmentOf<WithBackups>(world);
  const authorization = `Bearer ${secretIn(render.key)}`;
  const exported = await request<readonly { readonly createdAt: string }[]>(
    `${render.api}/postgres/${databases.main.renderId}/export`,
    ...(['GET', undefined, { authorization }] as const),
  );
  expect(
    exported.body.map(({ createdAt }) => Math.round((Date.now() - Date.parse(createdAt)) / HOUR)),
  ).toEqual([6]);
});

test('are what an accident before the recovery window is recovered from', async () => {
  const world = await open(planOf(WORLD, { 'tables.sql': TABLES, 'rows.sql': ROWS }));
  const { output } = await world.inject(
    'postgres.delete-rows',
    { table: 'orders', outsideWindow: true },
    'db',
  );
  const [at, startsAt] = [output['at'], output['startsAt']];
  if (!(at instanceof Instant) || !(startsAt instanceof Instant)) expect.fail('it has its moments');
  expect(startsAt.epochMicros).toBeGreaterThan(at.epochMicros);
});

test('are those of a database that its provider keeps, in a bucket that there is', async () => {
  for (const [instead, said] of [
    ['bucket: dump', /the part files has no bucket dump/],
    ['database: "${{ parts.other }}"', /the part cloud has no database that is the part other/],
  ] as const) {
    const [key = ''] = instead.split(':');
    const text = WORLD.replace(new RegExp(`(      )${key}: .*`), `$1${instead.replaceAll('$', '$$$$')}`);
    const plan = planOf(text.replace('parts:', 'parts:\n  other: { uses: postgres }'), {
      'tables.sql': TABLES,
      'rows.sql': ROWS,
    });
    await expect(open(plan)).rejects.toThrow(said);
  }
});
