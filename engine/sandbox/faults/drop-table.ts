import type { ValueMap } from '../../base/value.ts';
import type { Fault, FaultDatabases, Injection } from './fault.ts';
import { withConnection } from '../postgres/client.ts';
import { messageOf, asText } from '../ground/text.ts';
import { clock, databaseOf, quotedTable } from './table.ts';

const FAULT = 'postgres.drop-table';

/** Drops a table, as a mistaken migration does. */
export const dropTable: Fault<FaultDatabases> = { inject };

async function inject(args: ValueMap, world: FaultDatabases): Promise<Injection> {
  const name = asText(args['database']) ?? '';
  const table = asText(args['table']) ?? '';
  const database = databaseOf(world, name, FAULT);
  return await withConnection(database.server.url(database.databaseName), async (client) => {
    const quoted = await quotedTable(client, table, FAULT);
    const counted = await client.query<{ rows: number }>(`select count(*)::int as rows from ${quoted}`);
    const at = await clock(client);
    await client.query(`drop table ${quoted}${args['cascade'] === true ? ' cascade' : ''}`);
    const error = await client.query(`select from ${quoted} limit 1`).then(() => undefined, messageOf);
    if (error === undefined) throw new Error(`${FAULT}: the table ${table} can still be read`);
    return {
      description: `the table ${table} in ${world.called} was dropped`,
      output: { at, database: name, table, rows: counted.rows[0]?.rows ?? 0, error },
    };
  });
}
