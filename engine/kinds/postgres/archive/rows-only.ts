import { rm } from 'node:fs/promises';
import { StepError } from '../../../model/kind.ts';
import { quoteLiteral } from '../client/literals.ts';
import { offlineEnvironment } from '../client/libpq.ts';
import { runProgram } from '../client/program.ts';
import { rowsOf } from '../client/server.ts';
import { sequenceAdvances } from '../rows/sequences.ts';
import { entriesOfTables, rowsOfTable } from './archive.ts';
import { endFormerSessions, gatherStatistics } from './load.ts';
import { committedBefore, loadInTransaction } from './load-transaction.ts';
import type { Restored, Restoring } from './plan.ts';
import { describeRestored, prepareChosen, writeList } from './plan.ts';
import { demandUnmarked } from './restore-marker.ts';
import type { TargetTables } from './target-tables.ts';
import { aroundRows, demandNoRows, findTargets } from './target-tables.ts';

const MAX_SCRIPT = 16 * 1024 * 1024;
const SETVAL = /^SELECT pg_catalog\.setval\('((?:[^']|'')+)', (-?\d+), (true|false)\);$/;

/**
 * Restores the rows of some tables into tables that are there, in one transaction: parents before children, with
 * triggers of the users' silent. Keys and checks hold throughout.
 */
export async function restoreRows(
  restoring: Restoring,
  listFile: string,
  replaces: boolean,
): Promise<Restored> {
  const { session, archive, by } = restoring;
  await demandUnmarked(session, by);
  demandSomeTables(restoring);
  const targets = await findTargets(session, restoring.tables);
  if (replaces) demandNoReferring(targets);
  const entries = targets.tables.flatMap((table) => rowsOfTable(archive, table));
  const prepared = await prepareChosen(restoring, listFile, { entries, present: [] });
  if (!(await committedBefore(restoring))) {
    await endFormerSessions(restoring, session.address.database);
    const counters = await countersOf(restoring, `${listFile}.counters`);
    await loadInTransaction(restoring, prepared, async ({ psql, feed }) => {
      const send = (statements: readonly string[]): Promise<void> =>
        psql.send(statements.map((statement) => `${statement};\n`).join(''));
      const mode = replaces ? 'access exclusive' : 'share row exclusive';
      await send([`lock table ${targets.list} in ${mode} mode`]);
      await psql.reached();
      // Nobody else can write any more.
      if (!replaces) await demandNoRows(session, targets.tables);
      const { before, after } = await aroundRows(session, targets);
      await send([...(replaces ? [`truncate ${targets.list}`] : []), ...before]);
      await feed(['--section=data']);
      await send([...counters, ...after]);
    });
  }
  const after = await restoring.reopen(restoring.context);
  try {
    await gatherStatistics(after, restoring);
    return await describeRestored(after, restoring, entries);
  } finally {
    await after.close();
  }
}

function demandSomeTables({ tables }: Restoring): void {
  if (tables.length > 0) return;
  throw new StepError('"data: only" names no tables', {
    code: 'usage',
    hint: 'Name in "tables" which rows are restored.',
  });
}

function demandNoReferring({ referring }: TargetTables): void {
  if (referring.length === 0) return;
  throw new StepError(
    `rows of ${referring.join(', ')} refer to rows that would be replaced, and are not replaced themselves`,
    { code: '2BP01', hint: 'Name those tables in "tables" as well.' },
  );
}

/** Statements that move sequences to where the dump says, or past the rows that are there then; never back. */
async function countersOf(restoring: Restoring, listFile: string): Promise<readonly string[]> {
  const { session, tables } = restoring;
  const said = await countersInDump(restoring, listFile);
  const there = await rowsOf(
    session,
    `select number::int from unnest($1::text[]) with ordinality t (name, number)
       join pg_sequence on seqrelid = to_regclass(name) where seqincrement > 0`,
    [said.map(({ sequence }) => sequence)],
  );
  const ofDump = there.flatMap((row) => {
    const { sequence, value, called } = said[Number(row['number']) - 1] ?? {};
    if (sequence === undefined) return [];
    return `select pg_catalog.setval(${quoteLiteral(sequence)}, ${value}, ${called}) from ${sequence}
      where (${value}, ${called}) > (last_value, is_called)`;
  });
  const ofRows = await Promise.all(tables.map((table) => sequenceAdvances(session, table)));
  return [...ofDump, ...ofRows.flat()];
}

interface Counter {
  /** For SQL. */
  readonly sequence: string;
  readonly value: string;
  readonly called: string;
}

async function countersInDump(restoring: Restoring, listFile: string): Promise<readonly Counter[]> {
  const { archive, tables, tools, from, context } = restoring;
  const entries = entriesOfTables(archive, tables, false).filter(({ text }) =>
    text.startsWith('SEQUENCE SET '),
  );
  try {
    await writeList(listFile, entries);
    const script = await runProgram({
      file: tools.restore,
      argv: [`--use-list=${listFile}`, '--file=-', from],
      env: offlineEnvironment(),
      context,
      maxStdout: MAX_SCRIPT,
    });
    return script.split('\n').flatMap((line) => {
      const [, sequence, value, called] = SETVAL.exec(line) ?? [];
      if (sequence === undefined || value === undefined || called === undefined) return [];
      return [{ sequence: sequence.replaceAll("''", "'"), value, called }];
    });
  } finally {
    await rm(listFile, { force: true });
  }
}
