import { randomBytes } from 'node:crypto';
import { Instant } from '../../../base/instant.ts';
import type { JsonObject } from '../../../base/json.ts';
import { listOf } from '../../../base/json.ts';
import { readJson } from '../../../base/json-text.ts';
import type { Value } from '../../../base/value.ts';
import { isValueMap } from '../../../base/value.ts';
import { asText } from '../../ground/text.ts';
import { digestOf } from '../../s3/client.ts';
import { ask, bodyOf, headersOf } from './ask.ts';
import { Session } from './session.ts';
import type { FindWrites, Way, Write } from './write.ts';
import { nowMicros, withText } from './write.ts';

const ANSWER_MS = 5000;
/** So many keys are looked for at once. */
const AT_ONCE = 8;
/** What says that a key leads to nothing. */
const GONE: readonly number[] = [404, 410];
/** Where customers log in and ask once more. */
const UNKNOWN_CUSTOMER = 401;

/** Writes by asking an application. A write counts when the answer says so. */
export class RequestWay implements Way {
  readonly #request: JsonObject;
  /** The statuses that acknowledge it; all from 200 to 299 when there are none. */
  readonly #statuses: readonly number[];
  /** Where the answer has the key, and where the time. */
  readonly #key: readonly string[] | undefined;
  readonly #time: readonly string[] | undefined;
  readonly #session: Session | undefined;

  constructor(request: JsonObject, acknowledged: JsonObject, login?: JsonObject) {
    this.#request = request;
    this.#statuses = listOf(acknowledged['status']).map(Number);
    this.#key = asText(acknowledged['key'])?.split('.');
    this.#time = asText(acknowledged['time'])?.split('.');
    this.#session = login === undefined ? undefined : new Session(login);
  }

  async write(text: string, stopping: AbortSignal): Promise<Write> {
    const { bytes } = this.#request;
    const file = typeof bytes === 'number' ? randomBytes(bytes) : undefined;
    const signal = AbortSignal.any([stopping, AbortSignal.timeout(ANSWER_MS)]);
    const { status, ok, answer, at } = await this.#send(text, file, signal);
    if (this.#statuses.length === 0 ? !ok : !this.#statuses.includes(status)) {
      throw new Error(`${this.#address(text)} answers ${String(status)}`);
    }
    return {
      key: this.#key === undefined ? text : memberOf(answer, this.#key),
      at: this.#time === undefined ? at : momentIn(answer, this.#time),
      ...(file !== undefined && { digest: digestOf(file) }),
    };
  }

  async #send(text: string, file: Buffer | undefined, signal: AbortSignal): Promise<Answer> {
    const first = await this.#sendOnce(text, file, signal);
    if (this.#session === undefined || first.status !== UNKNOWN_CUSTOMER) return first;
    // A session may have gone with the database in which it lay.
    await this.#session.begin(signal);
    return await this.#sendOnce(text, file, signal);
  }

  async #sendOnce(text: string, file: Buffer | undefined, signal: AbortSignal): Promise<Answer> {
    const { headers, ...body } = bodyOf(this.#request, text, file);
    const response = await ask(this.#address(text), {
      ...{ method: asText(this.#request['method']) ?? 'POST', ...body, redirect: 'manual', signal },
      headers: { ...headers, ...this.#session?.headers },
    });
    const { status, ok } = response;
    return { status, ok, answer: await response.text(), at: nowMicros() };
  }

  #address(text: string): string {
    return withText(asText(this.#request['url']) ?? '', encodeURIComponent(text));
  }
}

interface Answer {
  readonly status: number;
  readonly ok: boolean;
  readonly answer: string;
  /** When it came, in microseconds since the epoch. */
  readonly at: number;
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

function memberOf(answer: string, member: readonly string[]): string {
  const found = member.reduce<Value | undefined>(
    (value, name) => (isValueMap(value) && Object.hasOwn(value, name) ? value[name] : undefined),
    jsonOf(answer),
  );
  if (typeof found === 'string' || typeof found === 'number' || typeof found === 'bigint')
    return String(found);
  throw new Error(`the answer has no ${member.join('.')}: ${answer.slice(0, 200)}`);
}

function momentIn(answer: string, member: readonly string[]): number {
  const text = memberOf(answer, member);
  const moment = Instant.parse(text);
  if (moment !== undefined) return moment.epochMicros;
  throw new Error(`${member.join('.')} of the answer is no moment with an offset: ${text}`);
}

/** With all digits of its numbers: some are keys. */
function jsonOf(text: string): Value | undefined {
  try {
    return readJson(text);
  } catch {
    return undefined;
  }
}
