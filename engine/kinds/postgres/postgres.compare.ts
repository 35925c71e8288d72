import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import type { Sides } from './comparison/compare-rows.ts';
import { compareTable } from './comparison/compare-rows.ts';
import { compareSchemas } from './comparison/compare-schema.ts';
import type { Difference } from './comparison/differences.ts';
import { compareSurroundings } from './comparison/surroundings.ts';
import { openDatabase } from './client/connection.ts';
import type { TableName } from './client/server.ts';
import { allTables, findTables, tableText } from './client/server.ts';
import type { Session } from './client/session.ts';
import { nameOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

type Args = With['postgres.compare'];
type Result = Output['postgres.compare'];

const MODES: Readonly<Record<string, string>> = {
  counts: 'the row counts',
  checksums: 'the rows',
  schema: 'the definitions',
  surroundings: 'the surroundings',
};

/** Compares two databases, each as one state of it. The servers do the work: of rows that are equal only sums travel. */
export const postgresCompare: StepKind<Args, Result> = {
  name: 'postgres.compare',
  effect: () => 'read',
  describe: (args) =>
    `Compare ${MODES[modeOf(args)] ?? ''} of ${nameOf(args.left)} and ${nameOf(args.right)}`,
  targets: (args) => [targetUse('databases', args.left, 'read'), targetUse('databases', args.right, 'read')],
  async run(args, context) {
    const left = await openDatabase(args.left, context);
    try {
      const right = await openDatabase(args.right, context);
      try {
        await Promise.all([left, right].map(readOneState));
        return await (COMPARISONS[modeOf(args)] ?? rows)(args, { left, right }, context);
      } finally {
        await right.close();
      }
    } finally {
      await left.close();
    }
  },
};

const modeOf = (args: Args): string => args.mode ?? 'checksums';

const readOneState = (session: Session): Promise<void> =>
  session.command(
    'set idle_in_transaction_session_timeout = 0; set row_security = off; begin isolation level repeatable read read only',
  );

async function rows(args: Args, sides: Sides, context: StepContext): Promise<Result> {
  const tolerance = args.tolerance ?? 0;
  const keys = args.key ?? {};
  const names = await tablesOf(args, sides);
  const tables: Result['tables'][number][] = [];
  const totals = { onlyLeft: 0, onlyRight: 0, differing: 0 };
  for (const [index, name] of names.entries()) {
    const label = tableText(name);
    const found = await compareTable(sides, name, {
      counted: modeOf(args) === 'counts',
      key: keys[label] ?? keys[name.name] ?? [],
    });
    const differences = found.onlyLeft + found.onlyRight + found.differing;
    const equal = found.left !== null && found.right !== null && differences <= tolerance;
    if (!equal) context.log(`${label}: ${differences} rows differ`);
    tables.push({
      table: label,
      ...found,
      examples: found.examples.map((example) => ({ ...example })),
      equal,
    });
    totals.onlyLeft += found.onlyLeft;
    totals.onlyRight += found.onlyRight;
    totals.differing += found.differing;
    context.progress(index + 1, names.length, 'tables');
  }
  return { equal: tables.every((table) => table.equal), ...totals, tables, differences: [] };
}

async function schemas(args: Args, sides: Sides): Promise<Result> {
  const only = namesTables(args) ? (await tablesOf(args, sides)).map(tableText) : undefined;
  return differing(args, await compareSchemas(sides, only));
}

async function surroundings(args: Args, sides: Sides): Promise<Result> {
  if (namesTables(args)) {
    throw new StepError('the surroundings of a database are not those of some tables', {
      code: 'usage',
      hint: 'Leave "tables" out.',
    });
  }
  return differing(args, await compareSurroundings(sides));
}

const COMPARISONS: Readonly<Record<string, typeof rows>> = { schema: schemas, surroundings };

const namesTables = ({ tables = [] }: Args): boolean => tables.length > 0;

function differing(args: Args, differences: readonly Difference[]): Result {
  return {
    equal: differences.length <= (args.tolerance ?? 0),
    onlyLeft: differences.filter(({ right }) => right === null).length,
    onlyRight: differences.filter(({ left }) => left === null).length,
    differing: differences.filter(({ left, right }) => left !== null && right !== null).length,
    tables: [],
    differences: differences.map((difference) => ({ ...difference })),
  };
}

/** The tables of both, or those named, which must be in one of them. */
async function tablesOf(args: Args, { left, right }: Sides): Promise<readonly TableName[]> {
  const named = args.tables ?? [];
  const both = [...(await allTables(left)), ...(await allTables(right))];
  const known = [...new Map(both.map((table) => [tableText(table), table])).values()];
  if (named.length === 0) {
    return known.sort((a, b) => (tableText(a) < tableText(b) ? -1 : 1));
  }
  const found: TableName[] = [];
  for (const name of named) {
    const table = known.find((each) => tableText(each) === name || tableText(each) === `public.${name}`);
    found.push(table ?? (await findTables(left, [name]))[0] ?? { schema: 'public', name });
  }
  return found;
}
