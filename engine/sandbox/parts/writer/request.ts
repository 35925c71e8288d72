import { randomBytes } from 'node:crypto';
import type { Json, JsonObject } from '../../../base/json.ts';
import { isJsonObject, listOf } from '../../../base/json.ts';
import { readJson } from '../../../base/json-text.ts';
import type { Value } from '../../../base/value.ts';
import { isValueMap } from '../../../base/value.ts';
import { asText, messageOf } from '../../ground/text.ts';
import { digestOf } from '../../s3/client.ts';
import type { FindWrites, Way, Write } from './write.ts';
import { nowMicros, withText } from './write.ts';

const ANSWER_MS = 5000;
/** So many keys are looked for at once. */
const AT_ONCE = 8;
/** What says that a key leads to nothing. */
const GONE: readonly number[] = [404, 410];

/** Writes by asking an application. A write counts when the answer says so. */
export class RequestWay implements Way {
  readonly #request: JsonObject;
  /** The statuses that acknowledge it; all from 200 to 299 when there are none. */
  readonly #statuses: readonly number[];
  /** Where the answer has the key. */
  readonly #member: readonly string[] | undefined;

  constructor(request: JsonObject, acknowledged: JsonObject) {
    this.#request = request;
    this.#statuses = listOf(acknowledged['status']).map(Number);
    this.#member = asText(acknowledged['key'])?.split('.');
  }

  async write(text: string, stopping: AbortSignal): Promise<Write> {
    const { bytes, method } = this.#request;
    const file = typeof bytes === 'number' ? randomBytes(bytes) : undefined;
    const response = await ask(this.#address(text), {
      ...{ method: asText(method) ?? 'POST', ...this.#bodyOf(text, file) },
      ...{ redirect: 'manual', signal: AbortSignal.any([stopping, AbortSignal.timeout(ANSWER_MS)]) },
    });
    const answer = await response.text();
    const at = nowMicros();
    const { status, ok } = response;
    if (this.#statuses.length === 0 ? !ok : !this.#statuses.includes(status)) {
      throw new Error(`${this.#address(text)} answers ${String(status)}`);
    }
    const key = this.#member === undefined ? text : keyIn(answer, this.#member);
    return { key, at, ...(file !== undefined && { digest: digestOf(file) }) };
  }

  #address(text: string): string {
    return withText(asText(this.#request['url']) ?? '', encodeURIComponent(text));
  }

  #bodyOf(text: string, file: Buffer | undefined): Pick<RequestInit, 'headers' | 'body'> {
    const { headers, json } = this.#request;
    const own = headersOf(headers, text);
    const type = (fallback: string) => ({ 'content-type': fallback, ...own });
    if (file !== undefined) return { headers: type('application/octet-stream'), body: new Uint8Array(file) };
    if (json === undefined) return { headers: own };
    return { headers: type('application/json'), body: JSON.stringify(jsonWith(json, text)) };
  }
}

/** Asks for each key by itself: what is there is shown, and what is not is not found. */
export const findByRequest =
  (find: JsonObject): FindWrites =>
  async (writes) => {
    const held = new Set<Write>();
    const waiting = [...writes];
    const ofOne = async (): Promise<void> => {
      for (let write = waiting.pop(); write !== undefined; write = waiting.pop()) {
        if (await isThere(find, write.key)) held.add(write);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, ofOne));
    return held;
  };

async function isThere(find: JsonObject, key: string): Promise<boolean> {
  const url = withText(asText(find['url']) ?? '', encodeURIComponent(key));
  const signal = AbortSignal.timeout(ANSWER_MS);
  const response = await ask(url, { headers: headersOf(find['headers'], key), redirect: 'manual', signal });
  await response.body?.cancel();
  if (response.ok) return true;
  if (GONE.includes(response.status)) return false;
  throw new Error(
    `${url} answers ${String(response.status)}, which says neither that it is there nor that it is not`,
  );
}

async function ask(url: string, options: RequestInit): Promise<Response> {
  try {
    return await fetch(url, options);
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw new Error(`${url} does not answer: ${messageOf(cause)}`, { cause: error });
  }
}

function keyIn(answer: string, member: readonly string[]): string {
  const found = member.reduce<Value | undefined>(
    (value, name) => (isValueMap(value) && Object.hasOwn(value, name) ? value[name] : undefined),
    jsonOf(answer),
  );
  if (typeof found === 'string' || typeof found === 'number' || typeof found === 'bigint')
    return String(found);
  throw new Error(`the answer has no ${member.join('.')}: ${answer.slice(0, 200)}`);
}

/** With all digits of its numbers: some are keys. */
function jsonOf(text: string): Value | undefined {
  try {
    return readJson(text);
  } catch {
    return undefined;
  }
}

const headersOf = (headers: Json | undefined, text: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(isJsonObject(headers) ? headers : {}).map(([name, value]) => [
      name.toLowerCase(),
      withText(asText(value) ?? '', text),
    ]),
  );

function jsonWith(json: Json, text: string): Json {
  if (typeof json === 'string') return withText(json, text);
  if (Array.isArray(json)) return json.map((item: Json) => jsonWith(item, text));
  if (!isJsonObject(json)) return json;
  return Object.fromEntries(Object.entries(json).map(([key, member]) => [key, jsonWith(member, text)]));
}
