import { randomBytes } from 'node:crypto';
import { Instant } from '../../../base/instant.ts';
import type { Json, JsonObject } from '../../../base/json.ts';
import { isJsonObject } from '../../../base/json.ts';
import { asText } from '../../ground/text.ts';
import { digestOf } from '../../s3/client.ts';
import { LOGIN } from '../application.ts';
import type { WriteLedger } from '../ledger.ts';

const ANSWER_MS = 5000;
const VIDEO_BYTES = 4096;

/** Those who use PeakOps by its API, and note what it confirmed. Each call rejects unless it was confirmed. */
export class Customers {
  readonly #url: string;
  readonly #ledger: WriteLedger;
  /** The session, which lies in the database: after a recovery it may be gone. */
  #cookie = '';

  constructor(url: string, ledger: WriteLedger) {
    this.#url = url;
    this.#ledger = ledger;
  }

  async makeInspection(): Promise<void> {
    const body = { title: 'Site 1', report: 'Written while the world was watched. '.repeat(10) };
    const made = await this.#post('/api/inspections/', JSON.stringify(body), 'application/json');
    this.#ledger.add({ id: String(Number(made['id'])), at: microsOf(made) });
  }

  async uploadVideo(): Promise<void> {
    const body = randomBytes(VIDEO_BYTES);
    const made = await this.#post('/api/videos/', new Uint8Array(body), 'video/mp4');
    const key = asText(made['key']) ?? '';
    this.#ledger.addUpload({ key, digest: digestOf(body), at: microsOf(made) });
  }

  async #post(path: string, body: string | Uint8Array, type: string): Promise<JsonObject> {
    let response = await this.#send(path, body, type);
    if (response.status === 401) {
      await response.body?.cancel();
      await this.#logIn();
      response = await this.#send(path, body, type);
    }
    if (response.status !== 201) throw new Error(`${path} answers ${String(response.status)}`);
    const made = (await response.json()) as Json;
    return isJsonObject(made) ? made : {};
  }

  async #logIn(): Promise<void> {
    const body = JSON.stringify({ username: LOGIN.who, password: LOGIN.password });
    const response = await this.#send('/api/auth/login/', body, 'application/json');
    await response.body?.cancel();
    if (!response.ok) throw new Error(`the login answers ${String(response.status)}`);
    this.#cookie = response.headers
      .getSetCookie()
      .map((cookie) => cookie.split(';')[0])
      .join('; ');
  }

  async #send(path: string, body: string | Uint8Array, type: string): Promise<Response> {
    return await fetch(`${this.#url}${path}`, {
      method: 'POST',
      body,
      headers: { 'content-type': type, cookie: this.#cookie },
      signal: AbortSignal.timeout(ANSWER_MS),
    });
  }
}

const microsOf = (made: JsonObject): number =>
  Instant.parse(asText(made['created_at']) ?? '')?.epochMicros ?? Number.NaN;
