import { randomBytes } from 'node:crypto';
import { isJsonObject } from '../../base/json.ts';
import type { Listener, Reply, Request } from '../ground/http.ts';
import { listen } from '../ground/http.ts';
import { asText } from '../ground/text.ts';
import type { PublicName } from './public-name.ts';

/** So long after being asked the record is changed. */
const SWITCHING_MS = 2000;

/** Somebody who changes the DNS record by hand, asked over a webhook in the form of Slack's. */
export class Switcher {
  readonly #name: PublicName;
  /** The address is the credential. */
  readonly #hook = `/hooks/${randomBytes(18).toString('base64url')}`;
  #listener: Listener | undefined;
  #switching: NodeJS.Timeout | undefined;

  private constructor(name: PublicName) {
    this.#name = name;
  }

  static async open(name: PublicName): Promise<Switcher> {
    const switcher = new Switcher(name);
    switcher.#listener = await listen((request) => Promise.resolve(switcher.#answer(request)));
    return switcher;
  }

  get webhook(): string {
    return `${this.#listener?.url ?? ''}${this.#hook}`;
  }

  async close(): Promise<void> {
    clearTimeout(this.#switching);
    await this.#listener?.close();
  }

  /** Whoever reads it does what the text says, if it names an address that the name can lead to. */
  #answer({ method, path, body }: Request): Reply {
    if (method !== 'POST' || path !== this.#hook) return { status: 404, body: { message: 'not found' } };
    const text = isJsonObject(body) ? (asText(body['text']) ?? '') : '';
    const target = this.#name.targets.find((url) => text.includes(url));
    if (target === undefined) return { status: 400, body: 'invalid_payload' };
    clearTimeout(this.#switching);
    this.#switching = setTimeout(() => this.#name.pointAt(target), SWITCHING_MS);
    return { status: 200, body: 'ok' };
  }
}
