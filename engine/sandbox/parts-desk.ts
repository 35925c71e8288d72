import { randomBytes } from 'node:crypto';
import { isJsonObject } from '../base/json.ts';
import type { Listener, Reply, Request } from './ground/http.ts';
import { hasBearer, listen } from './ground/http.ts';
import { messageOf } from './ground/text.ts';
import type { Part } from './parts/part.ts';

/**
 * Where the operator of a system would start, stop and put back its parts, as a service of the system's own:
 * `GET /parts/db`, `POST /parts/db/stop`. What is asked of one part is done one after the other, so that an answer
 * tells what has become of what was asked before. What cannot be done is 422, with the reason.
 */
export class PartsDesk {
  readonly token = randomBytes(24).toString('base64url');
  readonly #parts: ReadonlyMap<string, Part>;
  readonly #turns = new Map<string, Promise<unknown>>();
  #listener: Listener | undefined;

  /** `parts`: those that have been started by then. */
  constructor(parts: ReadonlyMap<string, Part>) {
    this.#parts = parts;
  }

  get url(): string {
    return this.#listener?.url ?? '';
  }

  /** Where a part is asked. */
  addressOf(id: string): string {
    return `${this.url}/parts/${id}`;
  }

  async open(): Promise<void> {
    this.#listener = await listen((request) => this.#answer(request));
  }

  async close(): Promise<void> {
    await this.#listener?.close();
  }

  /** Resolves when nothing is being done any more. */
  async idle(): Promise<void> {
    await Promise.all(this.#turns.values());
  }

  async #inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(id) ?? Promise.resolve();
    const turn = before.then(work);
    this.#turns.set(
      id,
      turn.catch(() => undefined),
    );
    return await turn;
  }

  async #answer(request: Request): Promise<Reply> {
    if (!hasBearer(request, this.token)) return { status: 401, body: { message: 'unauthorized' } };
    const [, root, id = '', action, ...rest] = request.path.split('/');
    const part = root === 'parts' && rest.length === 0 ? this.#parts.get(id) : undefined;
    if (part === undefined) return { status: 404, body: { message: `there is no ${request.path} here` } };
    if (action === undefined) {
      return request.method === 'GET'
        ? { status: 200, body: await this.#inTurn(id, () => Promise.resolve(part.state())) }
        : { status: 405, body: { message: 'a part as a whole is only asked: GET' } };
    }
    const act = Object.hasOwn(part.actions, action) ? part.actions[action] : undefined;
    if (act === undefined || request.method !== 'POST') {
      const known = Object.keys(part.actions).map((name) => `POST ${name}`);
      const message = `the part ${id} knows ${known.length === 0 ? 'nothing but GET' : known.join(', ')}`;
      return { status: 404, body: { message } };
    }
    try {
      const body = isJsonObject(request.body) ? request.body : {};
      return { status: 200, body: await this.#inTurn(id, () => act(body)) };
    } catch (error) {
      return { status: 422, body: { message: messageOf(error) } };
    }
  }
}
