import type { ValueMap } from '../../../base/value.ts';
import { isValueMap } from '../../../base/value.ts';
import { StepError } from '../../../model/kind.ts';
import { text } from '../../context/members.ts';
import type { TableName } from '../client/server.ts';
import { rowsOf } from '../client/server.ts';
import type { Session } from '../client/session.ts';
import type { Column, TableShape } from '../rows/shape.ts';
import { columnList, keyJson, readShape } from '../rows/shape.ts';

/** Rows fall into as many groups by their key; of groups with equal sums no row is read. */
const GROUP_BITS = 12;
/** Rows of differing groups that are fetched at a time: memory stays flat. */
const FETCH = 5000;
const EXAMPLES = 20;

export interface Sides {
  readonly left: Session;
  readonly right: Session;
}

export interface TableComparison {
  /** Rows; null where the table is not there. */
  readonly left: number | null;
  readonly right: number | null;
  readonly onlyLeft: number;
  readonly onlyRight: number;
  readonly differing: number;
  readonly examples: readonly { readonly key: ValueMap; readonly is: Verdict }[];
}

type Verdict = 'onlyLeft' | 'onlyRight' | 'differing';

interface Compared {
  readonly table: string;
  readonly key: readonly Column[];
  readonly columns: readonly Column[];
}

/** `key`: what rows are recognised by; the primary key when empty, the whole row where there is none. */
export async function compareTable(
  { left, right }: Sides,
  name: TableName,
  options: { readonly counted: boolean; readonly key: readonly string[] },
): Promise<TableComparison> {
  const [leftShape, rightShape] = await Promise.all([readShape(left, name), readShape(right, name)]);
  const isIn = ({ columns }: TableShape): boolean => columns.length > 0;
  if (options.counted || !isIn(leftShape) || !isIn(rightShape)) {
    const [inLeft, inRight] = await Promise.all([
      isIn(leftShape) ? countOf(left, leftShape) : null,
      isIn(rightShape) ? countOf(right, rightShape) : null,
    ]);
    const more = (inLeft ?? 0) - (inRight ?? 0);
    const rest = { differing: 0, examples: [] };
    return {
      left: inLeft,
      right: inRight,
      onlyLeft: Math.max(0, more),
      onlyRight: Math.max(0, -more),
      ...rest,
    };
  }
  return compareRows({ left, right }, comparedOf(leftShape, rightShape, options.key));
}

async function countOf(session: Session, { quoted }: TableShape): Promise<number> {
  return Number((await rowsOf(session, `select count(*) as n from ${quoted}`))[0]?.['n']);
}

/** Columns that only one side has are not compared here, but as definitions. */
function comparedOf(left: TableShape, right: TableShape, named: readonly string[]): Compared {
  const columns = left.columns.filter(({ name }) => right.columns.some((column) => column.name === name));
  const key = named.map((name) => {
    const column = columns.find((each) => each.name === name);
    if (column !== undefined) return column;
    throw new StepError(`the table ${left.label} has no column ${name} on both sides`, { code: 'noKey' });
  });
  const own = left.key.filter(({ name }) => columns.some((column) => column.name === name));
  const fallback = own.length === left.key.length && own.length > 0 ? own : columns;
  return { table: left.quoted, key: key.length > 0 ? key : fallback, columns };
}

async function compareRows({ left, right }: Sides, compared: Compared): Promise<TableComparison> {
  const [leftSums, rightSums] = await Promise.all([groupSums(left, compared), groupSums(right, compared)]);
  const groups = [...new Set([...leftSums.keys(), ...rightSums.keys()])].filter(
    (group) => leftSums.get(group)?.sum !== rightSums.get(group)?.sum,
  );
  const total = (sums: ReadonlyMap<number, GroupSum>): number =>
    [...sums.values()].reduce((sum, { rows }) => sum + rows, 0);
  const counts = { onlyLeft: 0, onlyRight: 0, differing: 0 };
  const examples: { key: ValueMap; is: Verdict }[] = [];
  for await (const { key, is } of groups.length === 0 ? [] : differences({ left, right }, compared, groups)) {
    counts[is] += 1;
    if (examples.length < EXAMPLES) examples.push({ key, is });
  }
  return { left: total(leftSums), right: total(rightSums), ...counts, examples };
}

interface GroupSum {
  readonly rows: number;
  /** Count and sum of the rows' checksums: equal for equal rows, in whatever order. */
  readonly sum: string;
}

/** MD5 is the one digest that every server has, and it says the same on all of them. */
const hashed = ({ key, columns, table }: Compared): string =>
  `select md5(row(${columnList(key, 't.')})::text) as k, md5(row(${columnList(columns, 't.')})::text) as r,
     ${keyJson(key, 't')} as key from ${table} t`;

const GROUP = `('x' || left(k, 8))::bit(32)::int & ${2 ** GROUP_BITS - 1}`;

async function groupSums(session: Session, compared: Compared): Promise<ReadonlyMap<number, GroupSum>> {
  const rows = await rowsOf(
    session,
    `select ${GROUP} as number, count(*) as rows, sum(('x' || left(r, 15))::bit(60)::bigint)::text as sum
     from (${hashed(compared)}) h group by 1`,
  );
  return new Map(
    rows.map((row) => [
      Number(row['number']),
      { rows: Number(row['rows']), sum: `${Number(row['rows'])}/${text(row, 'sum')}` },
    ]),
  );
}

/** Walks the rows of both sides in the order of their keys' digests, like the merging of two sorted lists. */
async function* differences(
  { left, right }: Sides,
  compared: Compared,
  groups: readonly number[],
): AsyncGenerator<{ readonly key: ValueMap; readonly is: Verdict }> {
  const lefts = sorted(left, compared, groups);
  const rights = sorted(right, compared, groups);
  let [mine, other] = await Promise.all([lefts.next(), rights.next()]);
  while (mine.done !== true || other.done !== true) {
    if (other.done === true || (mine.done !== true && mine.value.k < other.value.k)) {
      if (mine.done !== true) yield { key: mine.value.key, is: 'onlyLeft' };
      mine = await lefts.next();
    } else if (mine.done === true || other.value.k < mine.value.k) {
      yield { key: other.value.key, is: 'onlyRight' };
      other = await rights.next();
    } else {
      if (mine.value.r !== other.value.r) yield { key: mine.value.key, is: 'differing' };
      [mine, other] = await Promise.all([lefts.next(), rights.next()]);
    }
  }
}

interface Hashed {
  readonly k: string;
  readonly r: string;
  readonly key: ValueMap;
}

async function* sorted(
  session: Session,
  compared: Compared,
  groups: readonly number[],
): AsyncGenerator<Hashed, undefined> {
  await session.run(
    `declare rows no scroll cursor for select k, r, key from (${hashed(compared)}) h
     where ${GROUP} = any('{${groups.join()}}'::int[]) order by k collate "C", r collate "C"`,
    [],
    { maxRows: 0, writes: false },
  );
  for (;;) {
    const batch = await rowsOf(session, `fetch ${FETCH} from rows`);
    for (const row of batch) {
      const key = row['key'];
      yield { k: text(row, 'k'), r: text(row, 'r'), key: isValueMap(key) ? key : {} };
    }
    if (batch.length < FETCH) break;
  }
  await session.command('close rows');
  return undefined;
}
