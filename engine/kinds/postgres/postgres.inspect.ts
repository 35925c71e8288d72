import { Instant } from '../../base/instant.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { optionalText } from '../context/members.ts';
import { nameOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';
import { psql } from './client/by-hand.ts';
import { openDatabase } from './client/connection.ts';
import { quoteIdentifier, quoteTable } from './client/identifiers.ts';
import { findTable, rowsOf } from './client/server.ts';
import type { Session } from './client/session.ts';

type Args = With['postgres.inspect'];
type Result = Output['postgres.inspect'];
type Found = Result['tables'][number];
type Heartbeat = NonNullable<Args['heartbeat']>;

/** What PostgreSQL says of a page, an index or a large value that is damaged on disk. */
const DAMAGED = /^XX/;

/** Looks at an application's tables. That one is missing, empty or damaged is an answer, and no error. */
export const postgresInspect: StepKind<Args, Result> = {
  name: 'postgres.inspect',
  outputs: ['sound'],
  effect: () => 'read',
  describe: (args) => `Look at ${inWords(namesIn(args))} of ${nameOf(args.database)}`,
  byHand: (args, environment) =>
    namesIn(args)
      .map((table) =>
        psql({
          environment,
          target: args.database,
          text: `select count(length(r::text)) from {table} r`,
          params: [],
          identifiers: { table },
          readOnly: true,
        }),
      )
      // What ends the text of one must stand alone on its line.
      .join('\n'),
  targets: (args) => [targetUse('databases', args.database, 'read')],

  async run(args, context) {
    if (namesIn(args).length === 0) {
      throw new StepError('neither tables nor a heartbeat are named', { code: 'usage' });
    }
    const session = await openDatabase(args.database, context);
    try {
      await session.command('set default_transaction_read_only = on');
      return await inspect(session, args, context);
    } finally {
      await session.close();
    }
  },
};

const namesIn = ({ tables = {}, heartbeat = null }: Args): readonly string[] => [
  ...Object.keys(tables),
  ...(heartbeat === null ? [] : [heartbeat.table]),
];

const inWords = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;

async function inspect(session: Session, args: Args, context: StepContext): Promise<Result> {
  const { tables: asked = {}, heartbeat = null, before, read = true } = args;
  const clock = await clockOf(session);
  const look = new Look(session, before ?? clock);
  const tables: Found[] = [];
  for (const [table, { time }] of Object.entries(asked).toSorted(([one], [other]) =>
    one < other ? -1 : 1,
  )) {
    if (read) context.log(`Reading ${table}`);
    tables.push(await look.at({ table, ...(time !== undefined && { time }), read }));
  }
  const beat = heartbeat === null ? undefined : await look.at({ ...heartbeat, read: false });
  const trouble = tables.filter(({ state }) => state !== 'fine').map((each) => problemOf(each, asked));
  const newest = newestOf([
    ...tables.map(({ table, newest: at }) => ({ place: `${table}.${asked[table]?.time ?? ''}`, at })),
    ...(beat === undefined ? [] : [{ place: `${beat.table}.${heartbeat?.time ?? ''}`, at: beat.newest }]),
  ]);
  return {
    sound: trouble.length === 0,
    trouble: trouble.join('; '),
    tables,
    heartbeat: heartbeat === null || beat === undefined ? null : beatOf(beat, heartbeat, clock),
    newest: newest?.at ?? null,
    newestIn: newest?.place ?? null,
    clock,
  };
}

function beatOf(
  { table, state, newest }: Found,
  { within }: Heartbeat,
  clock: Instant,
): NonNullable<Result['heartbeat']> {
  const alive = newest !== null && clock.epochMicros - newest.epochMicros <= (within?.micros ?? 0);
  return { table, state, newest, alive: within === undefined ? null : alive };
}

function problemOf({ table, state, error }: Found, asked: NonNullable<Args['tables']>): string {
  switch (state) {
    case 'missing':
      return `there is no table ${table}`;
    case 'empty':
      return `${table} is empty`;
    case 'noTime':
      return `${table} has no column ${asked[table]?.time ?? ''} that holds a time`;
    default:
      return `${table} cannot be read to the last row: ${error ?? ''}`;
  }
}

interface Dated {
  readonly place: string;
  readonly at: Instant;
}

function newestOf(
  places: readonly { readonly place: string; readonly at: Instant | null }[],
): Dated | undefined {
  let newest: Dated | undefined;
  for (const { place, at } of places) {
    if (at !== null && (newest === undefined || at.epochMicros > newest.at.epochMicros)) {
      newest = { place, at };
    }
  }
  return newest;
}

/** What is asked of one table. */
interface Question {
  readonly table: string;
  readonly time?: string;
  readonly read: boolean;
}

/** How one database is looked at: each table in a statement of its own, so that a damaged one hides no other. */
class Look {
  readonly #session: Session;
  readonly #until: Instant;

  /** `until`: what is dated later was not written by then. */
  constructor(session: Session, until: Instant) {
    this.#session = session;
    this.#until = until;
  }

  async at({ table, time, read }: Question): Promise<Found> {
    const unknown = { table, rows: null, newest: null, error: null };
    const found = await findTable(this.#session, table);
    if (found === undefined) return { ...unknown, state: 'missing' };
    const name = quoteTable(found);
    const moment = time === undefined ? undefined : await this.#moment(name, time);
    try {
      const [row = {}] = await rowsOf(this.#session, read ? reading(name, moment) : glancing(name, moment), [
        this.#until,
      ]);
      const isFilled = read ? row['rows'] !== 0 : row['filled'] === true;
      return {
        ...unknown,
        state: time !== undefined && moment === undefined ? 'noTime' : isFilled ? 'fine' : 'empty',
        rows: typeof row['rows'] === 'number' ? row['rows'] : null,
        newest: instantIn(row['newest']) ?? null,
      };
    } catch (error) {
      if (!(error instanceof StepError) || !DAMAGED.test(error.code)) throw error;
      return { ...unknown, state: 'damaged', error: error.message };
    }
  }

  /** The column of a time as a moment; undefined where there is none, or it holds something else. */
  async #moment(table: string, column: string): Promise<string | undefined> {
    const [row = {}] = await rowsOf(
      this.#session,
      `select atttypid::regtype::text as type from pg_attribute
       where attrelid = $1::regclass and attname = $2 and attnum > 0 and not attisdropped`,
      [table, column],
    );
    // Without a zone it is that of the session, which is UTC.
    return TIMES.includes(optionalText(row, 'type') ?? '')
      ? `${quoteIdentifier(column)}::timestamptz`
      : undefined;
  }
}

const TIMES: readonly string[] = ['timestamp with time zone', 'timestamp without time zone', 'date'];

const NO_MOMENT = 'null::timestamptz';

/** What is dated later than the clock was planned, and not written. */
const isWritten = (moment: string): string => `${moment} <= $1 and ${moment} > '-infinity'`;

/** Each row as a text: for that no index is enough, and what is stored beside the table is read as well. */
const reading = (table: string, moment = NO_MOMENT): string =>
  `select count(length(r::text)) as rows, max(${moment}) filter (where ${isWritten(moment)}) as newest from ${table} r`;

const glancing = (table: string, moment = NO_MOMENT): string =>
  `select exists (select from ${table}) as filled, (select max(${moment}) from ${table} where ${isWritten(moment)}) as newest`;

async function clockOf(session: Session): Promise<Instant> {
  const [row] = await rowsOf(session, 'select clock_timestamp() as clock');
  const clock = instantIn(row?.['clock']);
  if (clock === undefined) throw new TypeError('a server always has a clock');
  return clock;
}

const instantIn = (value: unknown): Instant | undefined => (value instanceof Instant ? value : undefined);
