import { randomBytes } from 'node:crypto';
import { isJsonObject } from '../../base/json.ts';
import type { Listener, Reply, Request } from '../ground/http.ts';
import { hasBearer, listen } from '../ground/http.ts';
import { asText } from '../ground/text.ts';
import type { PublicName } from './public-name.ts';

const RECORD = '/dns/record';

/** An API of one's own in front of a record: GET tells where it leads, PUT with the token changes it. */
export class RecordApi {
  readonly token = randomBytes(18).toString('base64url');
  readonly #name: PublicName;
  #listener: Listener | undefined;

  private constructor(name: PublicName) {
    this.#name = name;
  }

  static async open(name: PublicName): Promise<RecordApi> {
    const api = new RecordApi(name);
    api.#listener = await listen((request) => Promise.resolve(api.#answer(request)));
    return api;
  }

  /** The address of the record. */
  get url(): string {
    return `${this.#listener?.url ?? ''}${RECORD}`;
  }

  async close(): Promise<void> {
    await this.#listener?.close();
  }

  #answer(request: Request): Reply {
    if (request.path !== RECORD) return { status: 404, body: { message: 'not found' } };
    if (request.method === 'GET') return this.#record();
    if (request.method !== 'PUT') return { status: 405, body: { message: 'GET or PUT' } };
    if (!hasBearer(request, this.token)) return { status: 401, body: { message: 'unauthorized' } };
    const target = isJsonObject(request.body) ? asText(request.body['target']) : undefined;
    if (this.#name.pointAt(target ?? '')) return this.#record();
    const known = this.#name.targets.join(', ');
    return { status: 400, body: { message: `the record can point at ${known}` } };
  }

  #record(): Reply {
    const { site } = this.#name;
    return { status: 200, body: { name: this.#name.name, target: site.url, service: site.name } };
  }
}
