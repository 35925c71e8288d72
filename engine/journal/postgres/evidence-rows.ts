import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { Attachment } from '../../model/ports.ts';
import type { Link } from './link.ts';
import type { Tables } from './tables.ts';

/** What is kept of one file: evidence is a page or a log, and whatever is larger has a store of its own. */
const LIMIT_BYTES = 64 * 1024 * 1024;
const PART_BYTES = 512 * 1024;

/** Files that were kept as evidence: names, and bytes in parts under their digest. */
export class EvidenceRows {
  readonly #link: Link;
  readonly #t: Tables;

  constructor(link: Link, tables: Tables) {
    this.#link = link;
    this.#t = tables;
  }

  /** Keeps a copy of a file whose digest is known. Each statement does nothing more when it is done twice. */
  async keep(run: string, { file, bytes, sha256 }: Attachment, path: string): Promise<void> {
    if (bytes > LIMIT_BYTES)
      throw new Error(
        `${file} has ${bytes} bytes, and a store in a database keeps files of up to ${LIMIT_BYTES}; put it into a bucket (s3.put)`,
      );
    const source = await open(path);
    try {
      for (let part = 0; part * PART_BYTES < bytes; part += 1) {
        const data = Buffer.alloc(Math.min(PART_BYTES, bytes - part * PART_BYTES));
        await source.read(data, 0, data.length, part * PART_BYTES);
        await this.#link.ask(
          `insert into ${this.#t.parts} (run, sha256, part, data) values ($1, $2, $3, $4) on conflict do nothing`,
          [run, sha256, part, data],
        );
      }
    } finally {
      await source.close();
    }
    await this.#link.ask(
      `insert into ${this.#t.attachments} (run, file, sha256, bytes) values ($1, $2, $3, $4)
       on conflict (run, file) do update set sha256 = excluded.sha256, bytes = excluded.bytes`,
      [run, file, sha256, bytes],
    );
  }

  async list(run: string): Promise<readonly Attachment[]> {
    const rows = await this.#link.ask(
      `select file, sha256, bytes::text from ${this.#t.attachments} where run = $1 order by file`,
      [run],
    );
    return rows.map((row) => ({
      file: String(row['file']),
      bytes: Number(row['bytes']),
      sha256: String(row['sha256']),
    }));
  }

  /** The bytes of a file; undefined when there is none of that name. */
  async read(run: string, file: string): Promise<AsyncIterable<Buffer> | undefined> {
    const known = (await this.list(run)).find((each) => each.file === file);
    return known && this.#parts(run, known.sha256);
  }

  /** As it is now; undefined when it is not there. */
  async digest(run: string, file: string): Promise<string | undefined> {
    const bytes = await this.read(run, file);
    if (bytes === undefined) return undefined;
    const digest = createHash('sha256');
    for await (const part of bytes) digest.update(part);
    return digest.digest('hex');
  }

  async *#parts(run: string, sha256: string): AsyncGenerator<Buffer> {
    for (let part = 0; ; part += 1) {
      const [row] = await this.#link.ask(
        `select data from ${this.#t.parts} where run = $1 and sha256 = $2 and part = $3`,
        [run, sha256, part],
      );
      if (row === undefined) return;
      yield row['data'] as Buffer;
    }
  }
}
