import { randomBytes } from 'node:crypto';
import type { Pool } from 'pg';
import { isJsonObject } from '../../base/json.ts';
import type { Reply, Request } from '../ground/http.ts';
import { micros, openPool } from '../postgres/client.ts';
import type { Instance } from '../render/service.ts';
import { messageOf, asText } from '../ground/text.ts';
import type { WriteLedger } from './ledger.ts';
import { digestOf } from './ledger.ts';
import type { Repetition } from './repeat.ts';
import { repeat } from './repeat.ts';
import { Videos } from './videos.ts';

const WRITE_EVERY_MS = 100;
const HEARTBEAT_EVERY_MS = 1000;
const UPLOAD_EVERY_MS = 1000;
const VIDEO_BYTES = 4096;
/** A writer that has been silent for so long is not working, whatever its last answer was. */
const WRITER_SILENCE_MS = 3000;

/** What the application needs beside its environment variables. */
export interface ApiOptions {
  readonly ledger: WriteLedger;
  readonly login: { readonly password: string };
  /** Whether the public address leads here. */
  readonly hasCustomers: () => boolean;
}

/**
 * One deployed copy of the PeakOps API: answers requests and, while it has customers, does as they would: it keeps
 * inserting inspections and uploading videos, each of which is entered in the ledger once it is confirmed.
 */
export class ApiInstance implements Instance {
  readonly #options: ApiOptions;
  readonly database: Pool;
  #writer: Repetition | undefined;
  #heart: Repetition | undefined;
  #uploader: Repetition | undefined;
  readonly #videos: Videos | undefined;

  private constructor(database: Pool, videos: Videos | undefined, options: ApiOptions) {
    this.database = database;
    this.#videos = videos;
    this.#options = options;
  }

  static async start(environment: ReadonlyMap<string, string>, options: ApiOptions): Promise<ApiInstance> {
    const database = await openPool(environment.get('DATABASE_URL') ?? '');
    return new ApiInstance(database, Videos.open(environment), options);
  }

  /** Reads every row of every table that matters: a page that cannot be read makes it reject. */
  async check(): Promise<void> {
    await this.#readTables();
  }

  serve(): void {
    this.#writer = repeat(WRITE_EVERY_MS, () => this.#forCustomers(() => this.#insertInspection()));
    this.#heart = repeat(HEARTBEAT_EVERY_MS, async () => {
      await this.database.query('insert into heartbeats values (clock_timestamp())');
    });
    const videos = this.#videos;
    if (videos === undefined) return;
    this.#uploader = repeat(UPLOAD_EVERY_MS, () => this.#forCustomers(() => this.#uploadVideo(videos)));
  }

  async stop(): Promise<void> {
    await Promise.all([this.#writer?.stop(), this.#heart?.stop(), this.#uploader?.stop()]);
    await this.database.end();
  }

  async answer(request: Request): Promise<Reply> {
    switch (`${request.method} ${request.path}`) {
      case 'GET /api/health/':
        return await this.#health();
      case 'POST /api/auth/login/':
        return await this.#logIn(request);
      case 'GET /api/inspections/recent/':
        return await this.#recentInspections();
      case 'GET /api/videos/newest/':
        return await this.#newestVideo();
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
    // The lengths force the rows to be read: a bare count may be answered from an index alone.
    await this.database.query(`
      select (select count(*) from users where length(email) > 0),
             (select count(*) from inspections where length(notes) > 0),
             (select count(*) from videos where length(key) > 0)`);
  }

  async #forCustomers(work: () => Promise<void>): Promise<void> {
    if (this.#options.hasCustomers()) await work();
  }

  async #insertInspection(): Promise<void> {
    const { rows } = await this.database.query<{ id: string; at: string }>(
      `insert into inspections (site, notes, user_id) values ($1, $2, 1) returning id, ${micros('created_at')} as at`,
      ['Site 1', 'Written while the world was watched. '.repeat(10)],
    );
    for (const { id, at } of rows) this.#options.ledger.add({ id: Number(id), at: Number(at) });
  }

  /** Uploads a video and then records its key: a key in the database stands for an object that was confirmed. */
  async #uploadVideo(videos: Videos): Promise<void> {
    const body = randomBytes(VIDEO_BYTES);
    const key = `uploads/live/${digestOf(body)}.mp4`;
    await videos.put(key, body);
    const { rows } = await this.database.query<{ at: string }>(
      `insert into videos (inspection_id, key, created_at)
       select max(id), $1, clock_timestamp() from inspections returning ${micros('created_at')} as at`,
      [key],
    );
    for (const { at } of rows)
      this.#options.ledger.addUpload({ key, digest: digestOf(body), at: Number(at) });
  }

  async #logIn(request: Request): Promise<Reply> {
    const { email, password } = credentials(request);
    const refused: Reply = {
      status: 401,
      body: { detail: 'No active account found with the given credentials' },
    };
    if (password !== this.#options.login.password) return refused;
    try {
      const { rows } = await this.database.query<{ id: string }>('select id from users where email = $1', [
        email,
      ]);
      const user = rows[0];
      return user === undefined ? refused : { status: 200, body: { token: `user-${user.id}` } };
    } catch (error) {
      return unavailable(`the database cannot be read: ${messageOf(error)}`);
    }
  }

  async #recentInspections(): Promise<Reply> {
    try {
      const { rows } = await this.database.query<{ id: string; site: string; createdAt: Date }>(
        'select id, site, created_at as "createdAt" from inspections order by created_at desc limit 20',
      );
      return {
        status: 200,
        body: rows.map(({ id, site, createdAt }) => ({
          id: Number(id),
          site,
          createdAt: createdAt.toISOString(),
        })),
      };
    } catch (error) {
      return unavailable(`the database cannot be read: ${messageOf(error)}`);
    }
  }

  /** Whether the newest video can be played: its key from the database, its bytes from the bucket. */
  async #newestVideo(): Promise<Reply> {
    if (this.#videos === undefined) return unavailable('no bucket is configured');
    try {
      const { rows } = await this.database.query<{ key: string }>(
        'select key from videos order by created_at desc limit 1',
      );
      const key = rows[0]?.key;
      if (key === undefined) return { status: 404, body: { detail: 'Not found.' } };
      return { status: 200, body: { key, bytes: await this.#videos.size(key) } };
    } catch (error) {
      return unavailable(`the video cannot be read: ${messageOf(error)}`);
    }
  }
}

function credentials(request: Request): { email: string; password: string } {
  const body = isJsonObject(request.body) ? request.body : {};
  return { email: asText(body['email']) ?? '', password: asText(body['password']) ?? '' };
}

const unavailable = (reason: string): Reply => ({ status: 503, body: { status: 'unavailable', reason } });
