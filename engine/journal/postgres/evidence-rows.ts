import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
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

  /** Keeps a copy of a file whose digest is known. */
  async keep(run: string, attachment: Attachment, path: string): Promise<void> {
    const { file, bytes, sha256 } = attachment;
    if (bytes > LIMIT_BYTES) throw tooLarge(file);
    await this.keepParts(run, sha256, createReadStream(path, { highWaterMark: PART_BYTES }));
    await this.name(run, attachment);
  }

  /** Keeps bytes under their digest; gives how many. What is there already is left. */
  async keepParts(run: string, sha256: string, bytes: AsyncIterable<Buffer>): Promise<number> {
    let part = 0;
    let counted = 0;
    for await (const data of bytes) {
      counted += data.length;
      if (counted > LIMIT_BYTES) throw tooLarge(sha256);
      await this.#link.ask(
        `insert into ${this.#t.parts} (run, sha256, part, data) values ($1, $2, $3, $4) on conflict do nothing`,
        [run, sha256, part, data],
      );
      part += 1;
    }
    return counted;
  }

  /** Gives bytes that are there a name, or another one's name to them. */
  async name(run: string, { file, bytes, sha256 }: Attachment): Promise<void> {
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

const tooLarge = (file: string): Error =>
  new Error(
    `${file} is larger than the ${LIMIT_BYTES / 1024 / 1024} MiB that a store in a database keeps of a file; put it into a bucket (s3.put)`,
  );
