import { randomBytes } from 'node:crypto';
import type { Pool } from 'pg';
import type { JsonObject } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import type { Reply, Request } from '../ground/http.ts';
import { openPool } from '../postgres/client.ts';
import { messageOf, asText } from '../ground/text.ts';
import type { BucketClient } from '../s3/client.ts';
import { digestOf } from '../s3/client.ts';
import type { ApiCopy, ApiOptions } from './application.ts';
import { LOGIN } from './application.ts';
import type { Queries } from './queries.ts';
import type { Repetition } from '../ground/repeat.ts';
import { repeat } from '../ground/repeat.ts';
import { videosOf } from './videos.ts';

const WRITE_EVERY_MS = 100;
const HEARTBEAT_EVERY_MS = 1000;
const UPLOAD_EVERY_MS = 1000;
const VIDEO_BYTES = 4096;
/** A writer that has been silent for so long is not working, whatever its last answer was. */
const WRITER_SILENCE_MS = 3000;

interface Options extends ApiOptions {
  readonly application: Queries;
}

/** A copy of the API that answers in the world's own process, and writes for its customers. */
export class ApiInstance implements ApiCopy {
  readonly #options: Options;
  readonly database: Pool;
  #writer: Repetition | undefined;
  #heart: Repetition | undefined;
  #uploader: Repetition | undefined;
  readonly #videos: BucketClient | undefined;

  private constructor(database: Pool, videos: BucketClient | undefined, options: Options) {
    this.database = database;
    this.#videos = videos;
    this.#options = options;
  }

  static async start(environment: ReadonlyMap<string, string>, options: Options): Promise<ApiInstance> {
    const database = await openPool(environment.get('DATABASE_URL') ?? '');
    return new ApiInstance(database, videosOf(environment), options);
  }

  /** Reads every row of every table that matters: a page that cannot be read makes it reject. */
  async check(): Promise<void> {
    await this.#readTables();
  }

  serve(): void {
    this.#writer = repeat(WRITE_EVERY_MS, () => this.#forCustomers(() => this.#insertInspection()));
    const { heartbeat } = this.#application;
    if (heartbeat !== undefined) {
      this.#heart = repeat(HEARTBEAT_EVERY_MS, async () => {
        await this.database.query(heartbeat);
      });
    }
    const videos = this.#videos;
    if (videos === undefined) return;
    this.#uploader = repeat(UPLOAD_EVERY_MS, () => this.#forCustomers(() => this.#uploadVideo(videos)));
  }

  async stop(): Promise<void> {
    await Promise.all([this.#writer?.stop(), this.#heart?.stop(), this.#uploader?.stop()]);
    await this.database.end();
  }

  async answer(request: Request): Promise<Reply> {
    const { login, recent, newestVideo } = this.#application;
    switch (`${request.method} ${request.path}`) {
      case 'GET /api/health/':
        return await this.#health();
      case `POST ${login.path}`:
        return await this.#logIn(request);
      case `GET ${recent.path}`:
        return await this.#recent();
      case `GET ${newestVideo?.path ?? ''}`:
        return await this.#newestVideo(newestVideo?.query ?? '');
      default:
        return { status: 404, body: { detail: 'Not found.' } };
    }
  }

  /** Why it is not healthy; undefined when it is. */
  async trouble(): Promise<string | undefined> {
    try {
      await this.#readTables();
      return this.#writerTrouble();
    } catch (error) {
      return `the database cannot be read: ${messageOf(error)}`;
    }
  }

  async #health(): Promise<Reply> {
    const trouble = await this.trouble();
    return trouble === undefined ? { status: 200, body: { status: 'ok' } } : unavailable(trouble);
  }

  #writerTrouble(): string | undefined {
    const last = this.#writer?.last;
    if (last === undefined) return 'the writer has not written yet';
    if (last.error !== undefined) return `the writer cannot write: ${last.error}`;
    if (performance.now() - last.at > WRITER_SILENCE_MS) return 'the writer has fallen silent';
    return undefined;
  }

  async #readTables(): Promise<void> {
    await this.database.query(this.#application.readAll);
  }

  async #forCustomers(work: () => Promise<void>): Promise<void> {
    if (this.#options.hasCustomers()) await work();
  }

  async #insertInspection(): Promise<void> {
    const { rows } = await this.database.query<{ id: string; at: string }>(
      this.#application.insertInspection,
      ['Written while the world was watched. '.repeat(10)],
    );
    for (const { id, at } of rows) this.#options.ledger.add({ id, at: Number(at) });
  }

  /** Uploads a video and then records its key: a key in the database stands for an object that was confirmed. */
  async #uploadVideo(videos: BucketClient): Promise<void> {
    const body = randomBytes(VIDEO_BYTES);
    const key = `uploads/live/${digestOf(body)}.mp4`;
    await videos.put(key, body);
    const { rows } = await this.database.query<{ at: string }>(this.#application.insertVideo, [key]);
    for (const { at } of rows)
      this.#options.ledger.addUpload({ key, digest: digestOf(body), at: Number(at) });
  }

  async #logIn(request: Request): Promise<Reply> {
    const { name, findUser } = this.#application.login;
    const { [name]: who, password } = isJsonObject(request.body) ? request.body : {};
    const refused: Reply = {
      status: 401,
      body: { detail: 'No active account found with the given credentials' },
    };
    if (password !== LOGIN.password) return refused;
    try {
      const { rows } = await this.database.query<{ id: string }>(findUser, [asText(who) ?? '']);
      const user = rows[0];
      return user === undefined ? refused : { status: 200, body: { token: `user-${user.id}` } };
    } catch (error) {
      return unavailable(`the database cannot be read: ${messageOf(error)}`);
    }
  }

  async #recent(): Promise<Reply> {
    const { query, list } = this.#application.recent;
    try {
      const { rows } = await this.database.query<JsonObject>(query);
      return { status: 200, body: list === undefined ? rows : { count: rows.length, [list]: rows } };
    } catch (error) {
      return unavailable(`the database cannot be read: ${messageOf(error)}`);
    }
  }

  /** Whether the newest video can be played: its key from the database, its bytes from the bucket. */
  async #newestVideo(query: string): Promise<Reply> {
    if (this.#videos === undefined) return unavailable('no bucket is configured');
    try {
      const { rows } = await this.database.query<{ key: string }>(query);
      const key = rows[0]?.key;
      if (key === undefined) return { status: 404, body: { detail: 'Not found.' } };
      return { status: 200, body: { key, bytes: await this.#videos.size(key) } };
    } catch (error) {
      return unavailable(`the video cannot be read: ${messageOf(error)}`);
    }
  }

  get #application(): Queries {
    return this.#options.application;
  }
}

const unavailable = (reason: string): Reply => ({ status: 503, body: { status: 'unavailable', reason } });
