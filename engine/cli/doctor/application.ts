import { tmpdir } from 'node:os';
import type { Value, ValueMap } from '../../base/value.ts';
import { isValueList, isValueMap } from '../../base/value.ts';
import { shownText } from '../../kinds/context/reveal.ts';
import { placeIn } from '../../load/place.ts';
import type { Environment } from '../../model/environment.ts';
import { runStep } from '../monitor/step.ts';
import { openFolder } from '../run/store.ts';
import type { Finding } from './finding.ts';
import { explained, PATIENCE_MS } from './finding.ts';

/** Asks the live application for all that its environment says of it. Logs in once, and changes nothing else. */
export async function applicationFindings(environment: Environment): Promise<readonly Finding[]> {
  const { application } = environment.data;
  if (!isValueMap(application)) return [];
  const ask: Ask = (uses, args) => {
    const bench = {
      environment,
      folder: tmpdir(),
      store: openFolder(tmpdir()),
      onReveal: () => undefined,
      signal: AbortSignal.timeout(PATIENCE_MS),
    };
    return runStep(bench, { name: 'doctor', uses, args });
  };
  // The form of it is that of the schema, by which the environment was read.
  const questions = questionsOf(application as unknown as Application, environment.data);
  return Promise.all(
    questions.map(async ({ what, at, look }): Promise<Finding> => {
      try {
        return { what, verdict: 'ok', detail: await look(ask) };
      } catch (error) {
        const { detail, hint } = explained(error);
        const place = `application.${at.join('.')} is at ${placeIn(environment.file, ['application', ...at])}.`;
        return { what, verdict: 'problem', detail, hint: hint === undefined ? place : `${hint} ${place}` };
      }
    }),
  );
}

interface Question {
  readonly what: string;
  /** Which part of the section says it. */
  readonly at: readonly string[];
  /** What there is; throws what is wrong. */
  readonly look: (ask: Ask) => Promise<string>;
}

type Ask = (uses: string, args: ValueMap) => Promise<ValueMap>;

interface Application {
  readonly health: Page;
  readonly checks?: readonly Page[];
  readonly login?: Page;
  readonly tables: Readonly<Record<string, { readonly time?: string }>>;
  readonly heartbeat?: Sign;
  readonly worker?: Sign;
  readonly media?: Media;
  readonly queue?: { readonly redis: string; readonly names: readonly string[] };
  readonly migrations?: Readonly<Record<'table' | 'app' | 'name' | 'time', string>>;
  readonly erasures?: readonly {
    readonly table: string;
    readonly key: string;
    readonly set?: Readonly<Record<string, string | null>>;
    readonly log: Readonly<Record<'table' | 'id' | 'time', string>>;
  }[];
}

interface Page {
  readonly path: string;
  /** It is posted to. */
  readonly json?: Value;
  readonly atLeast?: number;
  readonly list?: string;
}

interface Sign extends ValueMap {
  readonly table: string;
  readonly time: string;
}

interface Media {
  readonly table: string;
  readonly column: string;
  readonly time: string;
  readonly prefix?: string;
  readonly check?: string;
}

function questionsOf(
  application: Application,
  { services, databases, redis, publicUrl }: ValueMap,
): readonly Question[] {
  const { health, checks = [], login, tables, heartbeat, worker, media } = application;
  const { queue, migrations, erasures = [] } = application;
  const service = memberOf(memberOf(services, 'api'), 'url');
  const database = memberOf(databases, 'main') ?? null;
  return [
    ...page(['health'], service, health),
    ...page(['health'], publicUrl, health),
    ...checks.flatMap((check) => page(['checks'], service, check)),
    ...page(['login'], service, login),
    ...Object.entries(tables).map(([table, { time }]) => tableOf(database, table, time)),
    ...signOf(database, 'heartbeat', heartbeat),
    ...signOf(database, 'worker', worker),
    ...(media === undefined ? [] : [mediaOf(database, media)]),
    ...page(['media', 'check'], service, media?.check === undefined ? undefined : { path: media.check }),
    ...(queue === undefined ? [] : [queueOf(memberOf(redis, queue.redis) ?? null, queue.names)]),
    ...(migrations === undefined
      ? []
      : [
          columnsOf(database, 'migrations', migrations.table, [
            migrations.app,
            migrations.name,
            migrations.time,
          ]),
        ]),
    ...erasures.flatMap(({ table, key, log, set = {} }) => [
      columnsOf(database, 'erasures', table, [key, ...Object.keys(set)]),
      columnsOf(database, 'erasures', log.table, [log.id, log.time]),
    ]),
  ];
}

const said = (value: Value | undefined): string => shownText(value ?? null);

const memberOf = (map: Value | undefined, name: string): Value | undefined =>
  isValueMap(map) ? map[name] : undefined;

/** Nothing is asked where there is no such page, or no address. */
function page(at: readonly string[], base: Value | undefined, asked: Page | undefined): readonly Question[] {
  if (asked === undefined || typeof base !== 'string') return [];
  const { path, json, atLeast = 0, list } = asked;
  const request = { url: base + path, method: json === undefined ? 'GET' : 'POST' };
  const look = async (ask: Ask): Promise<string> => {
    const { status, json: answer } = await ask('http.request', {
      ...request,
      ...(json !== undefined && { json }),
    });
    if (status !== 200) throw new Error(`it answers ${said(status)}, not 200`);
    const entries = list === undefined ? answer : memberOf(answer, list);
    const listed = isValueList(entries) ? entries.length : 0;
    if (listed < atLeast) throw new Error(`it lists ${String(listed)} entries, not ${String(atLeast)}`);
    return 'it answers 200';
  };
  return [{ what: `${request.method} ${request.url}`, at, look }];
}

function tableOf(database: Value, table: string, time: string | undefined): Question {
  const look = async (ask: Ask): Promise<string> => {
    const asked = { [table]: { ...(time !== undefined && { time }) } };
    const { trouble, newest } = await ask('postgres.inspect', { database, tables: asked, read: false });
    if (trouble !== '') throw new Error(said(trouble));
    return newest === null ? 'it holds rows' : `the newest row is of ${said(newest)}`;
  };
  return { what: `the table ${table}`, at: ['tables', table], look };
}

function signOf(database: Value, key: 'heartbeat' | 'worker', sign: Sign | undefined): readonly Question[] {
  if (sign === undefined) return [];
  const look = async (ask: Ask): Promise<string> => {
    const tables = { [sign.table]: { time: sign.time } };
    const found = await ask('postgres.inspect', { database, tables, heartbeat: sign, read: false });
    if (found['trouble'] !== '') throw new Error(said(found['trouble']));
    const newest = `the newest is of ${said(found['newest'])}`;
    if (memberOf(found['heartbeat'], 'alive') !== false) return newest;
    throw new Error(`${newest}, longer ago than ${said(sign['within'])}`);
  };
  return [{ what: `the ${key} in ${sign.table}`, at: [key], look }];
}

function mediaOf(database: Value, { table, column, time, prefix = '' }: Media): Question {
  const look = async (ask: Ask): Promise<string> => {
    const query =
      'select {column}::text as key from {table} where {column} is not null order by {time} desc limit 1';
    const { rows } = await ask('sql.query', { database, query, identifiers: { table, column, time } });
    const key = isValueList(rows) ? memberOf(rows[0], 'key') : undefined;
    if (typeof key !== 'string') throw new Error(`no row of ${table} has a ${column}`);
    if (!key.startsWith(prefix)) throw new Error(`the newest is ${key}, which does not begin with ${prefix}`);
    return `the newest is ${key}`;
  };
  return { what: `the files in ${table}.${column}`, at: ['media'], look };
}

/** Whether a table has these columns; it need not hold a row. */
function columnsOf(database: Value, at: string, table: string, columns: readonly string[]): Question {
  const look = async (ask: Ask): Promise<string> => {
    const names = columns.map((column, index) => [`column${String(index)}`, column] as const);
    const query = `select ${names.map(([name]) => `{${name}}`).join(', ')} from {table} limit 1`;
    await ask('sql.query', { database, query, identifiers: { table, ...Object.fromEntries(names) } });
    return `it has ${columns.join(', ')}`;
  };
  return { what: `the ${at}: the table ${table}`, at: [at], look };
}

function queueOf(redis: Value, queues: readonly string[]): Question {
  const look = async (ask: Ask): Promise<string> => {
    const { role } = await ask('redis.inspect', { redis, queues });
    if (role !== 'primary') throw new Error(`it is a ${said(role)}, on which nothing can be removed`);
    return 'it can be looked at';
  };
  return { what: `the queues ${queues.join(', ')}`, at: ['queue'], look };
}
