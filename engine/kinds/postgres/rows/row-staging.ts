import type { ValueMap } from '../../../base/value.ts';
import { columnList, sameColumns } from './shape.ts';
import type { RowTarget, Unique } from './row-target.ts';
import { quoteIdentifier } from '../client/identifiers.ts';
import { rowsOf } from '../client/server.ts';
import type { Session } from '../client/session.ts';

const EXAMPLES = 5;

export interface Example {
  readonly key: ValueMap;
  readonly constraint: string;
}

/** A temporary table without constraints, gone with the transaction. */
export async function makeStage(session: Session, { stage, shape, columns }: RowTarget): Promise<void> {
  const name = stage.replace('pg_temp.', '');
  await session.command(
    `create temporary table ${name} on commit drop as select ${columnList(columns)} from ${shape.quoted} with no data`,
  );
}

/** So that the planner knows how many rows wait: temporary tables are analyzed by nobody else. */
export const finishStage = (session: Session, { stage }: RowTarget): Promise<void> =>
  session.command(`analyze ${stage}`);

/** Rows of the stage that are in the table already, by the key. */
export async function countKept(session: Session, target: RowTarget): Promise<number> {
  return count(session, `select count(*) as n from ${target.stage} s where ${isThere(target, 's')}`);
}

/** Rows of the stage that are missing and that another row of the table keeps out, by any other unique key. */
export async function countConflicts(session: Session, target: RowTarget): Promise<number> {
  if (target.uniques.length === 0) return 0;
  const any = target.uniques.map((unique) => isTaken(target, unique)).join(' or ');
  return count(
    session,
    `select count(*) as n from ${target.stage} s where not ${isThere(target, 's')} and (${any})`,
  );
}

/** References of missing rows to rows that are neither in the target nor on the way there. */
export async function countOrphans(
  session: Session,
  target: RowTarget,
  stages: ReadonlyMap<string, RowTarget>,
): Promise<number> {
  let orphans = 0;
  for (const reference of target.references) {
    orphans += await count(
      session,
      `select count(*) as n from ${target.stage} s where ${isOrphan(target, reference, stages)}`,
    );
  }
  return orphans;
}

/** Some of the rows that cannot go in, and what stands in the way of each. */
export async function examplesOf(
  session: Session,
  target: RowTarget,
  stages: ReadonlyMap<string, RowTarget>,
): Promise<readonly Example[]> {
  const { uniques, references, stage, shape } = target;
  const reasons = [
    ...uniques.map((unique) => ({
      name: unique.name,
      where: `not ${isThere(target, 's')} and ${isTaken(target, unique)}`,
    })),
    ...references.map((reference) => ({
      name: reference.name,
      where: isOrphan(target, reference, stages),
    })),
  ];
  const examples: Example[] = [];
  for (const { name, where } of reasons) {
    const key = columnList(shape.key, 's.');
    const rows = await rowsOf(
      session,
      `select ${key} from ${stage} s where ${where} order by ${key} limit ${EXAMPLES}`,
    );
    examples.push(...rows.map((row) => ({ key: row, constraint: name })));
  }
  return examples.slice(0, EXAMPLES);
}

/** Is a row of the stage in the table already, by the key? */
export function isThere({ shape }: RowTarget, of: string): string {
  const key = shape.key.map(({ name }) => name);
  return `exists (select from ${shape.quoted} t where ${sameColumns('t', key, of, key)})`;
}

/** Expressions name columns without a table, so each side is computed in a query of its own. */
function isTaken(target: RowTarget, { expressions, predicate, nullsAreEqual }: Unique): string {
  const values = (prefix: string): string =>
    expressions.map((expression, index) => `${expression} as ${prefix}${index}`).join(', ');
  const equal = nullsAreEqual ? 'is not distinct from' : '=';
  const same = expressions.map((_, index) => `m.m${index} ${equal} o.o${index}`).join(' and ');
  const where = predicate === undefined ? '' : ` where ${predicate}`;
  return `exists (select from (select ${values('m')} from (select s.*) mine${where}) m
    join (select ${values('o')} from ${target.shape.quoted}${where}) o on ${same})`;
}

function isOrphan(
  target: RowTarget,
  reference: RowTarget['references'][number],
  stages: ReadonlyMap<string, RowTarget>,
): string {
  const { childColumns, parentColumns, parent } = reference;
  const dot = parent.indexOf('.');
  const quoted = `${quoteIdentifier(parent.slice(0, dot))}.${quoteIdentifier(parent.slice(dot + 1))}`;
  const among = (table: string): string =>
    `exists (select from ${table} p where ${sameColumns('p', parentColumns, 's', childColumns)})`;
  const stage = stages.get(parent)?.stage;
  return [
    `not ${isThere(target, 's')}`,
    ...childColumns.map((column) => `s.${quoteIdentifier(column)} is not null`),
    `not ${among(quoted)}`,
    ...(stage === undefined ? [] : [`not ${among(stage)}`]),
  ].join(' and ');
}

async function count(session: Session, text: string): Promise<number> {
  return Number((await rowsOf(session, text))[0]?.['n']);
}
