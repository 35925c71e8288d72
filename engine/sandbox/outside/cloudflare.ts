import { randomBytes } from 'node:crypto';
import type { Json, JsonObject } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import type { Reply, Request } from '../ground/http.ts';
import { hasBearer } from '../ground/http.ts';
import { asText } from '../ground/text.ts';

const BASE = '/client/v4';

/** A record of the zone, as Cloudflare's API shows it. */
export interface ZoneRecord {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly content: string;
  readonly ttl: number;
  readonly proxied: boolean;
}

const id = (): string => randomBytes(16).toString('hex');

/**
 * A zone at Cloudflare: the calls on its records, as documented (https://developers.cloudflare.com/api/resources/dns/).
 * `changed` is told of each record that was made or changed, and refuses it by throwing.
 */
export class CloudflareZone {
  readonly id = id();
  readonly token = randomBytes(20).toString('base64url');
  readonly #records = new Map<string, ZoneRecord>();
  readonly #changed: (record: ZoneRecord) => void;

  constructor(changed: (record: ZoneRecord) => void = () => undefined) {
    this.#changed = changed;
  }

  get records(): readonly ZoneRecord[] {
    return [...this.#records.values()];
  }

  add(record: Omit<ZoneRecord, 'id'>): void {
    const made = { id: id(), ...record };
    this.#records.set(made.id, made);
  }

  /** Undefined for what is no call of this API. */
  answer(request: Request): Reply | undefined {
    if (!request.path.startsWith(`${BASE}/`)) return undefined;
    if (!hasBearer(request, this.token)) return failure(403, 9109, 'Invalid access token');
    const records = `${BASE}/zones/${this.id}/dns_records`;
    if (request.path !== records && !request.path.startsWith(`${records}/`)) {
      return failure(404, 7003, 'Could not route to the zone, perhaps its id is invalid');
    }
    const one = this.#records.get(request.path.slice(records.length + 1));
    if (request.path === records && request.method === 'GET') return this.#list(request.query.get('name'));
    if (request.path !== records && one === undefined) return failure(404, 81044, 'Record does not exist.');
    if (request.method === 'POST' || request.method === 'PATCH') return this.#write(one, request.body);
    return failure(405, 10405, 'Method not allowed');
  }

  #list(name: string | null): Reply {
    const found = this.records.filter((record) => name === null || record.name === name);
    return success(found.map((record) => ({ ...record })));
  }

  #write(before: ZoneRecord | undefined, body: Json | undefined): Reply {
    const given = isJsonObject(body) ? body : {};
    const { ttl, proxied } = given;
    const record: ZoneRecord = {
      id: before?.id ?? id(),
      name: asText(given['name']) ?? before?.name ?? '',
      type: asText(given['type']) ?? before?.type ?? '',
      content: asText(given['content']) ?? before?.content ?? '',
      ttl: typeof ttl === 'number' ? ttl : (before?.ttl ?? 1),
      proxied: typeof proxied === 'boolean' ? proxied : (before?.proxied ?? false),
    };
    if (record.ttl !== 1 && record.ttl < 60)
      return failure(400, 9021, 'Invalid TTL. Must be between 60 and 86400');
    const other = this.records.find(({ id: its, name }) => name === record.name && its !== record.id);
    if (other !== undefined && [other.type, record.type].includes('CNAME')) {
      return failure(400, 81053, 'An A, AAAA, or CNAME record with that host already exists.');
    }
    try {
      this.#changed(record);
    } catch (error) {
      return failure(400, 9007, error instanceof Error ? error.message : String(error));
    }
    this.#records.set(record.id, record);
    return success({ ...record });
  }
}

const success = (result: JsonObject | readonly JsonObject[]): Reply => ({
  status: 200,
  body: { success: true, errors: [], messages: [], result },
});

const failure = (status: number, code: number, message: string): Reply => ({
  status,
  body: { success: false, errors: [{ code, message }], messages: [], result: null },
});
