import { execFile } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Client } from 'pg';
import { connect, withConnection } from '../postgres/client.ts';
import type { Database } from '../render/database.ts';
import type { Storage } from './storage.ts';
import { messageOf } from '../ground/text.ts';
import { vacuum } from './schema.ts';

const run = promisify(execFile);

/** A dump of PeakOps's own every day; the oldest first. */
export const DUMP_AGES_H: readonly number[] = [78, 54, 30, 6];
/** The one of which Render also has an export. */
const EXPORT_AGE_H = 54;

/** Where the dumps are, in the bucket `dumps`. */
export const DUMPS_PREFIX = 'peakops-main/';

interface Moment {
  readonly hours: number;
  /** Holds the snapshot as long as it is connected. */
  readonly client: Client;
  readonly snapshot: string;
}

/**
 * The backups that a database in use has: its own dumps in S3 and an export at Render, from days ago. Each is
 * a real pg_dump of the real database as it was filled up to then, by a snapshot that is kept until it is dumped.
 */
export class AgedBackups {
  readonly #database: Database;
  readonly #storage: Storage;
  readonly #program: string | undefined;
  readonly #moments: Moment[] = [];
  #made = 0;

  /** `program`: a pg_dump that fits; without one there are no such backups. */
  constructor(database: Database, storage: Storage, program: string | undefined) {
    this.#database = database;
    this.#storage = storage;
    this.#program = program;
  }

  /** How many dumps there are. */
  get count(): number {
    return this.#made;
  }

  /** Keeps what the database holds now: this is how it was so many hours ago. */
  async keep(hours: number): Promise<void> {
    if (this.#program === undefined) return;
    const client = await connect(this.#database.url);
    await client.query('begin isolation level repeatable read read only');
    const { rows } = await client.query<{ id: string }>('select pg_export_snapshot() as id');
    this.#moments.push({ hours, client, snapshot: rows[0]?.id ?? '' });
  }

  /** Makes them, then tidies the database up, which the snapshots had been in the way of. Never rejects. */
  async make(log: (line: string) => void): Promise<void> {
    try {
      for (const moment of this.#moments) await this.#dump(moment);
    } catch (error) {
      log(`the older backups are not complete: ${messageOf(error)}`);
    }
    await Promise.allSettled(this.#moments.map(({ client }) => client.end()));
    await withConnection(this.#database.url, vacuum).catch((error: unknown) => {
      log(`the database is not vacuumed: ${messageOf(error)}`);
    });
  }

  async #dump({ hours, snapshot }: Moment): Promise<void> {
    const program = this.#program ?? 'pg_dump';
    const writtenAt = new Date(Date.now() - hours * 3_600_000);
    const folder = join(this.#database.server.folder, `dump-${String(hours)}`);
    const file = join(folder, 'dump');
    await mkdir(folder);
    await run(program, [
      ...['--format=custom', '--compress=1', `--snapshot=${snapshot}`],
      ...[`--file=${file}`, `--dbname=${this.#database.url}`],
    ]);
    const minute = writtenAt.toISOString().slice(0, 16).replace(':', '-');
    await this.#storage.addDump(`${DUMPS_PREFIX}${minute}Z.dump`, await readFile(file), writtenAt);
    await rm(folder, { recursive: true });
    this.#made += 1;
    if (hours === EXPORT_AGE_H) await this.#database.exports.addAged(writtenAt, program, snapshot);
  }
}
