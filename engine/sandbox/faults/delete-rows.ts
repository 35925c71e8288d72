import type { Client } from 'pg';
import type { ValueMap } from '../../base/value.ts';
import type { Fault, FaultDatabases, Injection } from './fault.ts';
import { withConnection } from '../postgres/client.ts';
import { asText } from '../ground/text.ts';
import { clock, databaseOf, quotedTable } from './table.ts';

const FAULT = 'postgres.delete-rows';

/** Deletes rows as a mistaken statement does: in one transaction, with whatever hangs on them. */
export const deleteRows: Fault<FaultDatabases> = { inject };

async function inject(args: ValueMap, world: FaultDatabases): Promise<Injection> {
  const name = asText(args['database']) ?? '';
  const table = asText(args['table']) ?? '';
  const database = databaseOf(world, name, FAULT);
  return await withConnection(database.server.url(database.databaseName), async (client) => {
    const quoted = await quotedTable(client, table, FAULT);
    const at = await clock(client);
    await client.query('begin');
    await client.query(
      `create temporary table doomed on commit drop as select t.ctid as place from ${quoted} t
       where (${asText(args['where']) ?? 'true'}\n)
       for update`, // The application goes on writing: nothing may come to refer to a row that is to go.
    );
    await thinOut(client, Number(args['share'] ?? 1));
    if (args['cascade'] === true) await deleteChildren(client, quoted);
    const { rowCount } = await client.query(`delete from ${quoted} where ctid in (select place from doomed)`);
    if (rowCount === 0) throw new Error(`${FAULT}: no row of the table ${table} matches`);
    const deleted = await deletedRows(client);
    await client.query('commit');
    return {
      description: `${String(rowCount)} rows of the table ${table} in ${world.called} were deleted`,
      output: { at, database: name, table, rows: rowCount, deleted },
    };
  });
}

/** Keeps a share of the doomed rows, spread evenly over the table; one at least. */
async function thinOut(client: Client, share: number): Promise<void> {
  await client.query(
    `delete from doomed where place not in (
       select place from (select place, row_number() over (order by place) as n, count(*) over () as total from doomed) d
       where floor(n * $1::float8) > floor((n - 1) * $1::float8) or (n = total and total * $1::float8 < 1))`,
    [share],
  );
}

/** Deletes what refers to the doomed rows where the database would refuse, and what refers to that, as far as it goes. */
async function deleteChildren(client: Client, table: string, above: readonly string[] = []): Promise<void> {
  const { rows } = await client.query<{ child: string; condition: string }>(
    `select c.conrelid::regclass::text as child,
       (select string_agg(format('c.%I = p.%I', x.attname, y.attname), ' and ')
        from unnest(c.conkey, c.confkey) k(a, b)
          join pg_attribute x on x.attrelid = c.conrelid and x.attnum = k.a
          join pg_attribute y on y.attrelid = c.confrelid and y.attnum = k.b) as condition
     from pg_constraint c
     where c.contype = 'f' and c.confrelid = $1::regclass and c.confdeltype in ('a', 'r')`,
    [table],
  );
  const parents = `doomed_${String(above.length)}`;
  for (const { child, condition } of rows.filter((row) => ![...above, table].includes(row.child))) {
    await client.query(
      `alter table doomed rename to ${parents};
       create temporary table doomed on commit drop as select c.ctid as place from ${child} c
         join ${table} p on ${condition} where p.ctid in (select place from ${parents})
         for update of c`,
    );
    await deleteChildren(client, child, [...above, table]);
    await client.query(
      `delete from ${child} where ctid in (select place from doomed);
       drop table doomed; alter table ${parents} rename to doomed`,
    );
  }
}

/** By table, the ones that a cascade took too. */
async function deletedRows(client: Client): Promise<ValueMap> {
  const { rows } = await client.query<{ name: string; rows: number }>(
    `select schemaname || '.' || relname as name, n_tup_del::int as rows from pg_stat_xact_user_tables
     where n_tup_del > 0 and schemaname !~ '^pg_temp' order by 1`,
  );
  return Object.fromEntries(rows.map(({ name, rows: count }) => [name, count]));
}
