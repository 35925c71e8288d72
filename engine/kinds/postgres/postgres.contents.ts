import type { StepKind } from '../../model/kind.ts';
import { nameOf, targetUse } from '../context/target.ts';
import { text } from '../context/members.ts';
import { openDatabase } from './client/connection.ts';
import { quoteTable } from './client/identifiers.ts';
import type { TableName } from './client/server.ts';
import { allTables, findTables, rowsOf, tableText } from './client/server.ts';
import type { Session } from './client/session.ts';
import type { Output, With } from '../types.ts';
import { databaseInShell } from './client/by-hand.ts';

type Result = Output['postgres.contents'];

/** Counts the rows of tables, and gives checksums of those that are named. Reads all of them, and changes nothing. */
export const postgresContents: StepKind<With['postgres.contents'], Result> = {
  name: 'postgres.contents',
  outputs: ['rows'],
  effect: () => 'read',
  describe: (args) =>
    `Count the rows of ${args.tables?.join(', ') ?? 'every table'} of ${nameOf(args.database)}`,
  byHand: ({ database }, environment) =>
    `psql "${databaseInShell(database, environment)}" -c 'select relname, n_live_tup from pg_stat_user_tables'`,
  targets: (args) => [targetUse('databases', args.database, 'read')],
  async run(args, context) {
    const session = await openDatabase(args.database, context);
    try {
      await session.command('set default_transaction_read_only = on');
      const checked = new Set((await findTables(session, args.checksums ?? [])).map(tableText));
      const tables: Result['tables'][number][] = [];
      const asked = args.tables === undefined ? allTables(session) : findTables(session, args.tables);
      for (const table of await asked) {
        context.log(`Reading ${tableText(table)}`);
        tables.push(await contentOf(session, table, checked.has(tableText(table))));
      }
      return { rows: tables.reduce((sum, { rows }) => sum + rows, 0), tables };
    } finally {
      await session.close();
    }
  },
};

/** Sums of the rows' digests: in which order the rows lie does not count, and two equal rows count twice. */
const CHECKSUM = `md5(concat_ws(' ', count(*),
  sum(('x' || substr(md5(r::text), 1, 16))::bit(64)::bigint::numeric),
  sum(('x' || substr(md5(r::text), 17, 16))::bit(64)::bigint::numeric)))`;

async function contentOf(
  session: Session,
  table: TableName,
  checked: boolean,
): Promise<Result['tables'][number]> {
  const [row = {}] = await rowsOf(
    session,
    // Each row as a text: for that no index is enough, so that damage shows.
    `select count(length(r::text)) as rows${checked ? `, ${CHECKSUM} as checksum` : ''} from ${quoteTable(table)} r`,
  );
  return {
    table: tableText(table),
    rows: Number(row['rows']),
    checksum: checked ? text(row, 'checksum') : null,
  };
}
