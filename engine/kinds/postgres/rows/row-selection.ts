import type { Value } from '../../../base/value.ts';
import { StepError } from '../../../model/kind.ts';
import { formatArray } from '../client/arrays.ts';
import { placeLiterals, quoteLiteral } from '../client/literals.ts';
import { refuseActing } from '../client/reading.ts';
import type { ForeignKey, TableShape } from './shape.ts';
import { columnList, readForeignKeys, readShape, sameColumns } from './shape.ts';
import type { TableName } from '../client/server.ts';
import { findTables, rowsOf, tableText } from '../client/server.ts';
import type { Session } from '../client/session.ts';

/** So many keys at a time: a statement of a megabyte or two. */
const BATCH = 20_000;

/** Which rows of one table are wanted, as its step says it. */
export interface Wanted {
  readonly name: string;
  readonly where: string;
  readonly params: readonly Value[];
}

/** Which rows of one table are copied. */
export interface Selection {
  readonly shape: TableShape;
  /** Conditions over the table's columns for SQL, `t.` before them; no row meets two of them. */
  readonly conditions: readonly string[];
}

/** A key's values as texts, in the order of the key's columns. */
type Key = readonly string[];

/** Looks the tables up in the database that rows are taken from. Throws `StepError` for one without a key. */
export async function selectRows(
  session: Session,
  wanted: readonly Wanted[],
  follow: boolean,
): Promise<readonly Selection[]> {
  const names = await findTables(
    session,
    wanted.map(({ name }) => name),
  );
  const selections: Selection[] = [];
  for (const [index, { where, params }] of wanted.entries()) {
    const name = names[index];
    if (name === undefined) throw new TypeError('a table was lost');
    if (selections.some(({ shape }) => shape.label === tableText(name))) {
      throw new StepError(`the table ${tableText(name)} is selected twice`, {
        code: 'usage',
        hint: 'Say both conditions in one, with "or".',
      });
    }
    const shape = await keyedShape(session, name);
    selections.push({ shape, conditions: [await conditionOf(session, shape, where, params)] });
  }
  return follow ? followCascades(session, selections) : selections;
}

/**
 * The condition, in a form that can stand in a COPY. There the server would carry out several statements; here it
 * is asked to prepare it, which it only does with one.
 */
async function conditionOf(
  session: Session,
  { quoted }: TableShape,
  where: string,
  params: readonly Value[],
): Promise<string> {
  refuseActing(where);
  // A line of its own: a comment at the end does not swallow what follows.
  const condition = `(${placeLiterals(where, params)}\n)`;
  await rowsOf(session, `select from ${quoted} t where ${condition} limit 0`);
  return condition;
}

export async function keyedShape(session: Session, table: TableName): Promise<TableShape> {
  const shape = await readShape(session, table);
  if (shape.key.length > 0) return shape;
  throw new StepError(`the table ${shape.label} has no primary key, so its rows cannot be told apart`, {
    code: 'noKey',
    hint: 'Leave it out here, and copy its rows with a statement of your own.',
  });
}

/**
 * The selected rows, and those that a deletion of them took along: over every foreign key that cascades, from
 * parents to children, until nothing new is found. Memory: the keys of all of them.
 */
async function followCascades(session: Session, roots: readonly Selection[]): Promise<readonly Selection[]> {
  const references = (await readForeignKeys(session)).filter(({ cascades }) => cascades);
  const shapes = new Map(roots.map(({ shape }) => [shape.label, shape]));
  const found = new Map<string, Map<string, Key>>();
  const queue: { readonly shape: TableShape; readonly keys: readonly Key[] }[] = [];

  const add = (shape: TableShape, keys: readonly Key[]): void => {
    const known = found.get(shape.label) ?? new Map<string, Key>();
    found.set(shape.label, known);
    const fresh = keys.filter((key) => !known.has(JSON.stringify(key)));
    for (const key of fresh) known.set(JSON.stringify(key), key);
    for (let at = 0; at < fresh.length; at += BATCH) queue.push({ shape, keys: fresh.slice(at, at + BATCH) });
  };

  for (const { shape, conditions } of roots) {
    add(shape, await keysOf(session, shape, `${shape.quoted} t where ${conditions.join(' or ')}`));
  }
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    for (const reference of references) {
      if (reference.parent !== next.shape.label) continue;
      const child = shapes.get(reference.child) ?? (await childShape(session, reference));
      shapes.set(child.label, child);
      const from = `${child.quoted} t join ${next.shape.quoted} p on ${sameColumns('t', reference.childColumns, 'p', reference.parentColumns)}
        where ${amongKeys(next.shape, next.keys, 'p')}`;
      add(child, await keysOf(session, child, from));
    }
  }
  return [...found].map(([label, keys]) => {
    const shape = shapes.get(label);
    if (shape === undefined) throw new TypeError('a table was lost');
    return { shape, conditions: inBatches(shape, [...keys.values()]) };
  });
}

function childShape(session: Session, { child }: ForeignKey): Promise<TableShape> {
  const dot = child.indexOf('.');
  return keyedShape(session, { schema: child.slice(0, dot), name: child.slice(dot + 1) });
}

async function keysOf(session: Session, shape: TableShape, from: string): Promise<readonly Key[]> {
  const columns = shape.key.map(({ name }, index) => `${columnList([{ name }], 't.')}::text as k${index}`);
  const text = `select distinct ${columns.join(', ')} from ${from}`;
  const { rows } = await session.run(text, [], { maxRows: Number.MAX_SAFE_INTEGER, writes: false });
  return rows.map((row) => Object.values(row) as readonly string[]);
}

const inBatches = (shape: TableShape, keys: readonly Key[]): readonly string[] =>
  Array.from({ length: Math.ceil(keys.length / BATCH) }, (_, batch) =>
    amongKeys(shape, keys.slice(batch * BATCH, (batch + 1) * BATCH), 't'),
  );

/** `(t."a", t."b") in (select * from unnest('{1,2}'::integer[], '{3,4}'::integer[]))`. */
function amongKeys({ key }: TableShape, keys: readonly Key[], of: string): string {
  const arrays = key.map(({ type }, index) => {
    const values = formatArray(keys.map((values) => values[index] ?? null));
    return `${quoteLiteral(values)}::${type}[]`;
  });
  return `(${columnList(key, `${of}.`)}) in (select * from unnest(${arrays.join(', ')}))`;
}
