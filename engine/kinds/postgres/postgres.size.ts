import type { StepKind } from '../../model/kind.ts';
import { openDatabase } from './client/connection.ts';
import { rowsOf } from './client/server.ts';
import { nameOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';
import { databaseInShell } from './client/by-hand.ts';

type Result = Output['postgres.size'];

const LARGEST = 10;

const SIZE = `select pg_database_size(current_database()) as bytes,
  pg_size_pretty(pg_database_size(current_database())) as size`;

/** Partitions count for themselves: the table that they are parts of holds nothing. */
const TABLES = `select n.nspname || '.' || c.relname as table, pg_total_relation_size(c.oid) as bytes,
    case when c.reltuples >= 0 then c.reltuples::bigint end as rows
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'm') and n.nspname not in ('pg_catalog', 'information_schema')
    and n.nspname !~ '^pg_(toast|temp)'
  order by bytes desc, 1 limit $1`;

/** How large a database is. Reads sizes, and no row. */
export const postgresSize: StepKind<With['postgres.size'], Result> = {
  name: 'postgres.size',
  effect: () => 'read',
  describe: (args) => `Read the size of ${nameOf(args.database)}`,
  byHand: ({ database }, environment) =>
    `psql "${databaseInShell(database, environment)}" -c "select pg_size_pretty(pg_database_size(current_database()))"`,
  targets: (args) => [targetUse('databases', args.database, 'read')],
  async run(args, context) {
    const session = await openDatabase(args.database, context);
    try {
      const [size = {}] = await rowsOf(session, SIZE);
      const largest = args.largest ?? LARGEST;
      // The form of both is that of the queries above.
      const tables = (await rowsOf(session, TABLES, [largest + 1])) as unknown as Result['tables'];
      return {
        ...(size as Pick<Result, 'bytes' | 'size'>),
        tables: tables.slice(0, largest),
        complete: tables.length <= largest,
      };
    } finally {
      await session.close();
    }
  },
};
