import { randomBytes } from 'node:crypto';
import type { Listener, Reply, Request } from '../ground/http.ts';
import { listen } from '../ground/http.ts';
import type { Support } from './support.ts';

const CASE = '/case';

/** Where users reach the support of a provider: a webhook in the form of Slack's, and the case, which tells the answer. */
export class HelpDesk {
  readonly #support: Support;
  /** The address is the credential. */
  readonly #hook = `/hooks/${randomBytes(18).toString('base64url')}`;
  #listener: Listener | undefined;

  private constructor(support: Support) {
    this.#support = support;
  }

  static async open(support: Support): Promise<HelpDesk> {
    const desk = new HelpDesk(support);
    desk.#listener = await listen((request) => Promise.resolve(desk.#answer(request)));
    return desk;
  }

  get webhook(): string {
    return `${this.#listener?.url ?? ''}${this.#hook}`;
  }

  /** GET tells how the newest case stands. */
  get caseUrl(): string {
    return `${this.#listener?.url ?? ''}${CASE}`;
  }

  async close(): Promise<void> {
    this.#support.forget();
    await this.#listener?.close();
  }

  #answer({ method, path }: Request): Reply {
    if (method === 'GET' && path === CASE) return { status: 200, body: this.#support.news };
    if (method !== 'POST' || path !== this.#hook) return { status: 404, body: { message: 'not found' } };
    this.#support.ask();
    return { status: 200, body: 'ok' };
  }
}
