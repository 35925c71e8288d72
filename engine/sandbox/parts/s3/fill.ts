import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Duration } from '../../../base/duration.ts';
import type { Json, JsonObject } from '../../../base/json.ts';
import { listOf } from '../../../base/json.ts';
import { inFolder } from '../../ground/folder.ts';
import { asText, messageOf, textsOf } from '../../ground/text.ts';
import { withConnection } from '../../postgres/client.ts';
import type { Bucket } from '../../s3/bucket.ts';
import type { S3Service } from '../../s3/service.ts';
import type { Uploaded } from '../../s3/state.ts';
import { putBytes } from '../../s3/state.ts';
import { readStorageClass } from '../../s3/storage-classes.ts';
import { runFilling } from '../filling.ts';
import type { PartContext } from '../part.ts';
import type { BucketPlan } from './plans.ts';
import { filesIn, typeOf } from './seed.ts';

/** So many objects are written side by side. */
const AT_ONCE = 50;

/** Puts into a bucket what lies in it when the world begins. */
export class Filling {
  readonly #service: S3Service;
  readonly #bucket: Bucket;
  readonly #context: PartContext;

  constructor(service: S3Service, bucket: Bucket, context: PartContext) {
    this.#service = service;
    this.#bucket = bucket;
    this.#context = context;
  }

  /** Rejects in words. */
  async fill({ seed, objects, rows, fill }: BucketPlan): Promise<void> {
    const { folder } = this.#context;
    if (seed !== undefined) {
      // As old as the world: a checkout of its folder says nothing of when its files were made.
      for await (const { key, body, type } of filesIn(resolve(folder, seed)))
        await this.#put({ key, body, type });
    }
    // One after the other: of two with the same key the later is the newer version.
    for (const object of objects) await this.#put(uploaded(asText(object['key']) ?? '', object));
    if (rows !== undefined) await this.#fillByRows(rows);
    if (fill !== undefined) await this.#fillByCommand(fill);
  }

  /** An object for each row of a query. */
  async #fillByRows(rows: JsonObject): Promise<void> {
    const found = await this.#query(asText(rows['database']) ?? '', asText(rows['sql']) ?? '');
    for (let from = 0; from < found.length; from += AT_ONCE) {
      const some = found.slice(from, from + AT_ONCE);
      await Promise.all(
        some.map(([key, at]) => {
          if (typeof key !== 'string')
            throw this.#failure(`the query gives ${String(key)} as a key, which is no text`);
          return this.#put({ ...uploaded(key, rows), ...(at instanceof Date && { modified: at }) });
        }),
      );
    }
  }

  async #query(database: string, sql: string): Promise<readonly (readonly unknown[])[]> {
    const url = asText(this.#context.part(database).members['url']?.value) ?? '';
    try {
      return await withConnection(url, async (client) => {
        const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' });
        return rows;
      });
    } catch (error) {
      throw this.#failure(messageOf(error), error);
    }
  }

  /** What a command leaves in a folder, as old as the files are; it may as well upload by itself. */
  async #fillByCommand(fill: JsonObject): Promise<void> {
    const { id, worldFolder } = this.#context;
    const { url, account } = this.#service;
    const { name, region } = this.#bucket;
    const folder = await mkdtemp(join(inFolder(worldFolder).parts, `${id}-`));
    const own = {
      ...{ BUCKET_FOLDER: folder, BUCKET: name, AWS_ENDPOINT_URL: url },
      ...{ AWS_REGION: region, AWS_DEFAULT_REGION: region },
      ...{ AWS_ACCESS_KEY_ID: account.accessKeyId, AWS_SECRET_ACCESS_KEY: account.secretAccessKey },
    };
    const command = listOf(fill['command']).map(String);
    await runFilling(command, { ...own, ...textsOf(fill['env']) }, this.#context);
    for await (const file of filesIn(folder)) await this.#put(file);
    await rm(folder, { recursive: true });
  }

  async #put(object: Uploaded): Promise<void> {
    await putBytes(this.#service.state, this.#bucket, object);
  }

  #failure(why: string, cause?: unknown): Error {
    const { id } = this.#context;
    return new Error(`the part ${id} could not be filled: the bucket ${this.#bucket.name}: ${why}`, {
      cause,
    });
  }
}

/** An object as it is described: by its text, or by a size. */
function uploaded(key: string, { text, bytes, age, storageClass }: JsonObject): Uploaded {
  const body = typeof text === 'string' ? Buffer.from(text) : madeUp(key, Number(bytes));
  const ago = durationOf(age);
  return {
    ...{ key, body, type: typeOf(key), storageClass: readStorageClass(asText(storageClass)) },
    ...(ago !== undefined && { modified: new Date(Date.now() - ago) }),
  };
}

const durationOf = (json: Json | undefined): number | undefined => Duration.parse(asText(json) ?? '')?.millis;

/** So many bytes, which no other key has, and each world again. */
const madeUp = (key: string, bytes: number): Buffer =>
  Buffer.alloc(bytes, createHash('md5').update(key).digest('hex'));
