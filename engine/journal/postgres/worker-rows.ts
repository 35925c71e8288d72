import type { Database, Row } from './link.ts';
import { Link, guarded } from './link.ts';
import type { Tables } from './tables.ts';
import { SCHEMA, tablesIn } from './tables.ts';

/** How long a worker that is not heard of counts as alive: as long as the lease of what it writes on. */
const ALIVE_MS = 5000;

/** A worker, as it says of itself. */
export interface WorkerSelf {
  readonly id: string;
  readonly name: string;
  readonly host: string;
  readonly version: string;
  readonly environment: string;
}

/** A worker, as the others see it. */
export interface SeenWorker extends WorkerSelf {
  /** The runs and other work that it carries out now. */
  readonly doing: readonly string[];
  readonly draining: boolean;
  /** Microseconds since the epoch, by the database's clock. */
  readonly began: number;
  /** How long ago it was heard of. */
  readonly silentMs: number;
  readonly alive: boolean;
}

/** Requests by their keys, and who is there to carry them out. */
export class WorkerRows {
  readonly #link: Link;
  readonly #t: Tables;
  readonly #place: string;

  constructor(database: Database, schema = SCHEMA) {
    this.#t = tablesIn(schema);
    this.#link = new Link(database, this.#t);
    this.#place = database.place;
  }

  /** The run that stands for this key: this one, or the one that was there before. */
  claim(key: string, run: string): Promise<string> {
    return this.#guarded(async () => {
      const [row] = await this.#link.ask(
        `with mine as (insert into ${this.#t.requests} (key, run) values ($1, $2)
           on conflict (key) do nothing returning run)
         select run from mine union all select run from ${this.#t.requests} where key = $1`,
        [key, run],
      );
      // Put there by somebody else between the two looks of this statement.
      return row === undefined ? this.claim(key, run) : String(row['run']);
    });
  }

  /** Whether there is a run for this key. */
  asked(key: string): Promise<boolean> {
    return this.#guarded(async () => {
      const rows = await this.#link.ask(`select 1 from ${this.#t.requests} where key = $1`, [key]);
      return rows.length > 0;
    });
  }

  /** This worker is there, and does this. Removes those that are long gone. */
  say(
    self: WorkerSelf,
    now: { readonly doing: readonly string[]; readonly draining: boolean },
  ): Promise<void> {
    const { id, name, host, version, environment } = self;
    return this.#guarded(async () => {
      await this.#link.ask(
        `with gone as (delete from ${this.#t.workers} where seen < clock_timestamp() - interval '1 day')
         insert into ${this.#t.workers} (id, name, host, version, environment, doing, draining)
         values ($1, $2, $3, $4, $5, $6::jsonb, $7)
         on conflict (id) do update set doing = excluded.doing, draining = excluded.draining,
           seen = clock_timestamp()`,
        [id, name, host, version, environment, JSON.stringify(now.doing), now.draining],
      );
    });
  }

  /** It goes: what it had not finished is taken over at once. */
  leave(id: string): Promise<void> {
    return this.#guarded(async () => {
      await this.#link.ask(`delete from ${this.#t.workers} where id = $1`, [id]);
    });
  }

  /** All that were heard of within a day, those that are there first. */
  list(): Promise<readonly SeenWorker[]> {
    return this.#guarded(async () => {
      const rows = await this.#link.ask(
        `select id, name, host, version, environment, doing, draining,
           (extract(epoch from began) * 1000000)::bigint::text as began,
           extract(epoch from clock_timestamp() - seen) * 1000 as silent_ms
         from ${this.#t.workers} order by seen < clock_timestamp() - interval '${ALIVE_MS} milliseconds', name, began`,
      );
      return rows.map(seenWorker);
    });
  }

  /** Those of these runs on which nobody writes. */
  unheld(runs: readonly string[]): Promise<ReadonlySet<string>> {
    return this.#guarded(async () => {
      const rows = await this.#link.ask(
        `select run from unnest($1::text[]) as run where not exists
           (select from ${this.#t.leases} where name = 'run/' || run and until > clock_timestamp())`,
        [runs],
      );
      return new Set(rows.map((row) => String(row['run'])));
    });
  }

  /** What was said to runs on which nobody writes, by the ids of messages. Looked at or not, only their journals tell. */
  saidToResting(): Promise<readonly { readonly run: string; readonly messages: readonly string[] }[]> {
    return this.#guarded(async () => {
      const rows = await this.#link.ask(
        `select said.run, array_agg(said.id) as ids from ${this.#t.inbox} as said
         join ${this.#t.journals} as run on run.kind = 'run' and run.name = said.run and not run.sealed
         where not exists (select from ${this.#t.leases} where name = 'run/' || said.run and until > clock_timestamp())
         group by said.run`,
      );
      return rows.map(({ run, ids }) => ({
        run: String(run),
        messages: Array.isArray(ids) ? ids.map(String) : [],
      }));
    });
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  #guarded<T>(work: () => Promise<T>): Promise<T> {
    return guarded(`the workers of ${this.#place} cannot be read or written`, work);
  }
}

const seenWorker = (row: Row): SeenWorker => ({
  id: String(row['id']),
  name: String(row['name']),
  host: String(row['host']),
  version: String(row['version']),
  environment: String(row['environment']),
  doing: Array.isArray(row['doing']) ? row['doing'].map(String) : [],
  draining: row['draining'] === true,
  began: Number(row['began']),
  silentMs: Math.max(0, Math.round(Number(row['silent_ms']))),
  alive: Number(row['silent_ms']) < ALIVE_MS,
});
