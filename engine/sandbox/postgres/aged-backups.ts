import { execFile } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Client } from 'pg';
import { messageOf } from '../ground/text.ts';
import { connect, withConnection } from './client.ts';
import { findClientProgram } from './client-programs.ts';
import type { PostgresServer } from './server.ts';

const run = promisify(execFile);

interface Moment {
  readonly ageMs: number;
  /** Holds the snapshot as long as it is connected. */
  readonly client: Client;
  readonly snapshot: string;
}

/** One that is to be made: of what the database held so long ago. */
export interface AgedBackup {
  readonly ageMs: number;
  readonly writtenAt: Date;
  /** The pg_dump that fits, and what shows it the database of then. */
  readonly program: string;
  readonly snapshot: string;
  /** A dump in pg_dump's own format. */
  readonly dump: () => Promise<Buffer>;
}

/** Where such backups are kept. */
export type KeepBackup = (backup: AgedBackup) => Promise<void>;

/**
 * The backups that a database in use has, from before its world began. Each is a real pg_dump of the real database as it
 * was filled up to then, by a snapshot that is kept until it is dumped. Without a pg_dump that fits there are none.
 */
export class AgedBackups {
  readonly #server: PostgresServer;
  readonly #url: string;
  readonly #moments: Moment[] = [];

  /** `url`: of the database, by its owner. */
  constructor(server: PostgresServer, url: string) {
    this.#server = server;
    this.#url = url;
  }

  /** Keeps what the database holds now: this is how it was so long ago. */
  async keep(ageMs: number): Promise<void> {
    const client = await connect(this.#url);
    await client.query('begin isolation level repeatable read read only');
    const { rows } = await client.query<{ id: string }>('select pg_export_snapshot() as id');
    this.#moments.push({ ageMs, client, snapshot: rows[0]?.id ?? '' });
  }

  /**
   * Makes them, the oldest first, then tidies the database up, which the snapshots had been in the way of: as in one that
   * has been in use, what nobody can see any more is cleared away, and statistics are there. How many were made; never
   * rejects.
   */
  async make(keep: KeepBackup, log: (line: string) => void): Promise<number> {
    const program = await findClientProgram('pg_dump', this.#server.installation.binaries.version);
    let made = 0;
    try {
      for (const moment of program === undefined ? [] : this.#moments) {
        await keep(this.#backupOf(moment, program ?? ''));
        made += 1;
      }
    } catch (error) {
      log(`the older backups are not complete: ${messageOf(error)}`);
    }
    await this.release();
    await withConnection(this.#url, (client) => client.query('vacuum (analyze)')).catch((error: unknown) => {
      log(`the database is not vacuumed: ${messageOf(error)}`);
    });
    return made;
  }

  /** What it held earlier is kept no longer. */
  async release(): Promise<void> {
    await Promise.allSettled(this.#moments.splice(0).map(({ client }) => client.end()));
  }

  #backupOf({ ageMs, snapshot }: Moment, program: string): AgedBackup {
    return {
      ...{ ageMs, program, snapshot, writtenAt: new Date(Date.now() - ageMs) },
      dump: () => this.#dump(program, snapshot),
    };
  }

  async #dump(program: string, snapshot: string): Promise<Buffer> {
    const folder = join(this.#server.folder, `dump-${snapshot}`);
    const file = join(folder, 'dump');
    await mkdir(folder);
    try {
      await run(program, [
        ...['--format=custom', '--compress=1', `--snapshot=${snapshot}`],
        ...[`--file=${file}`, `--dbname=${this.#url}`],
      ]);
      return await readFile(file);
    } finally {
      await rm(folder, { recursive: true });
    }
  }
}
