import type { JsonObject } from '../../../base/json.ts';
import { asText } from '../../ground/text.ts';
import { ask, bodyOf } from './ask.ts';

/** Customers who log in, and are known by their cookies from then on. */
export class Session {
  readonly #login: JsonObject;
  readonly #cookies = new Map<string, string>();

  constructor(login: JsonObject) {
    this.#login = login;
  }

  /** What they show of it; nothing before they have logged in. */
  get headers(): Readonly<Record<string, string>> {
    if (this.#cookies.size === 0) return {};
    return { cookie: Array.from(this.#cookies, ([name, value]) => `${name}=${value}`).join('; ') };
  }

  /** Rejects unless they are let in. */
  async begin(signal: AbortSignal): Promise<void> {
    const url = asText(this.#login['url']) ?? '';
    const response = await ask(url, { method: 'POST', ...bodyOf(this.#login), redirect: 'manual', signal });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`${url} answers ${String(response.status)}: customers cannot log in`);
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=;]+)=([^;]*)/.exec(cookie) ?? [];
      if (name !== undefined && value !== undefined) this.#cookies.set(name, value);
    }
  }
}
