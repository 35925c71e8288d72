import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGzip } from 'node:zlib';
import type { Pack } from 'tar-stream';
import { findClientProgram } from '../postgres/client-programs.ts';
import type { AgedBackup } from '../postgres/aged-backups.ts';
import type { PostgresServer } from '../postgres/server.ts';
import { messageOf } from '../ground/text.ts';

const run = promisify(execFile);

/** A logical export: a directory-format dump, packed. */
export interface Export {
  /** As seen in the wild: the instance and the minute, so two of one minute share it. */
  readonly id: string;
  readonly createdAt: Date;
  /** What the archive is called: colons of the time as underscores. */
  readonly fileName: string;
  /** In its address: whoever has it needs no key. */
  readonly token: string;
  /** The archive, once it is ready. */
  file?: string;
}

/** The instance that is exported. */
export interface ExportSource {
  readonly id: string;
  readonly url: string;
  readonly databaseName: string;
  readonly server: PostgresServer;
}

/** The exports of one instance, as Render makes them: with pg_dump, one at a time, without telling a failed one from a slow one. */
export class Exports {
  readonly #database: ExportSource;
  readonly all: Export[] = [];
  #running: Promise<void> | undefined;

  constructor(database: ExportSource) {
    this.#database = database;
  }

  get underWay(): boolean {
    return this.#running !== undefined;
  }

  /** Starts one. Rejects when this machine has no pg_dump that fits. */
  async begin(): Promise<void> {
    const major = this.#database.server.installation.binaries.version;
    const program = await findClientProgram('pg_dump', major);
    if (program === undefined) {
      throw new Error(`an export needs pg_dump of PostgreSQL ${String(major)} or later on this machine`);
    }
    if (this.underWay) throw new Error('an export is under way');
    this.#running = this.#start(new Date(), program).finally(() => (this.#running = undefined));
  }

  /** One that was made some time ago: of what a snapshot that has been kept since shows. */
  async addAged({ writtenAt, program, snapshot }: Omit<AgedBackup, 'dump'>): Promise<void> {
    await this.#start(writtenAt, program, [`--snapshot=${snapshot}`]);
  }

  /** Resolves when none is under way; never rejects. */
  async whenDone(): Promise<void> {
    await this.#running;
  }

  async #start(createdAt: Date, program: string, options: readonly string[] = []): Promise<void> {
    const minute = `${createdAt.toISOString().slice(0, 16)}Z`;
    const made: Export = {
      id: `${this.#database.id}/${minute}`,
      createdAt,
      fileName: `${minute.replace(':', '_')}.dir.tar.gz`,
      token: randomBytes(24).toString('base64url'),
    };
    this.all.push(made);
    const folder = join(this.#database.server.folder, `export-${made.token}`);
    const dump = join(folder, 'dump');
    const file = join(folder, made.fileName);
    try {
      await mkdir(folder);
      await run(program, [
        '--format=directory',
        `--file=${dump}`,
        `--dbname=${this.#database.url}`,
        ...options,
      ]);
      await pack(dump, `${minute}/${this.#database.databaseName}`, file);
      await rm(dump, { recursive: true });
      made.file = file;
    } catch (error) {
      this.#database.server.installation.log(`the export ${made.id} failed: ${messageOf(error)}`);
    }
  }
}

async function pack(from: string, prefix: string, to: string): Promise<void> {
  const tar = await import('tar-stream');
  const archive = tar.pack();
  const written = pipeline(archive, createGzip(), createWriteStream(to));
  for (const name of await readdir(from)) {
    const { size } = await stat(join(from, name));
    await addFile(archive, { name: `${prefix}/${name}`, size }, join(from, name));
  }
  archive.finalize();
  await written;
}

async function addFile(archive: Pack, header: { name: string; size: number }, path: string): Promise<void> {
  const entry = archive.entry(header);
  await pipeline(createReadStream(path), entry);
}
