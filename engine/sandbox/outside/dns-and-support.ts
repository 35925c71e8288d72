import { randomBytes } from 'node:crypto';
import { isJsonObject } from '../../base/json.ts';
import type { Listener, Reply, Request } from '../ground/http.ts';
import { hasBearer, listen } from '../ground/http.ts';
import { asText } from '../ground/text.ts';
import { CloudflareZone } from './cloudflare.ts';
import type { Support } from './support.ts';

/** Somebody who is asked to change a DNS record does it after so long. */
const SWITCHING_MS = 2000;

/** The record of the application's name. */
const RECORD = '/dns/records/api';
const CASE = '/support/case';

/** A public name, and what it leads to. */
export interface DnsRecord {
  readonly name: string;
  /** Every address that it can lead to. */
  readonly targets: readonly string[];
  /** What it leads to now. */
  readonly site: { readonly name: string; readonly url: string };
  /** False when there is no such target: then it leads where it led. */
  pointAt(url: string): boolean;
}

/**
 * Stand-ins for people and companies that a recovery has to ask: a DNS provider with an API of its own and with
 * somebody who uses it, the same record in a zone at Cloudflare, and the support of the platform. They are asked over webhooks, as a channel of
 * Slack is, so that a playbook tells them in the same words here as those at home.
 */
export class Desk {
  readonly token = randomBytes(18).toString('base64url');
  /** The same record, as Cloudflare's API has it. */
  readonly zone: CloudflareZone;
  readonly #address: DnsRecord;
  readonly #support: Support;
  readonly #hook = randomBytes(18).toString('base64url');
  #listener: Listener | undefined;
  #switching: NodeJS.Timeout | undefined;

  constructor(address: DnsRecord, support: Support) {
    this.#address = address;
    this.#support = support;
    this.zone = new CloudflareZone(({ content }) => {
      if (!address.pointAt(`http://${content}`)) throw new Error(`nothing answers at ${content}`);
    });
  }

  async open(): Promise<void> {
    const { name, site } = this.#address;
    const content = new URL(site.url).host;
    this.zone.add({ name, type: 'CNAME', content, ttl: 60, proxied: true });
    this.#listener = await listen((request) =>
      Promise.resolve(this.zone.answer(request) ?? this.#answer(request)),
    );
  }

  /** GET tells where the public address leads; PUT with the token changes it. */
  get recordUrl(): string {
    return `${this.#listener?.url ?? ''}${RECORD}`;
  }

  /** The base of Cloudflare's API. */
  get cloudflareUrl(): string {
    return `${this.#listener?.url ?? ''}/client/v4`;
  }

  /** GET tells how the newest case stands. */
  get caseUrl(): string {
    return `${this.#listener?.url ?? ''}${CASE}`;
  }

  /** Webhooks in the form of Slack's, whose addresses are their credentials. */
  get webhooks(): { readonly support: string; readonly dns: string } {
    const hook = (name: string): string => `${this.#listener?.url ?? ''}/hooks/${this.#hook}/${name}`;
    return { support: hook('support'), dns: hook('dns') };
  }

  async close(): Promise<void> {
    clearTimeout(this.#switching);
    this.#support.forget();
    await this.#listener?.close();
  }

  #answer(request: Request): Reply {
    const body = isJsonObject(request.body) ? request.body : {};
    switch (`${request.method} ${request.path}`) {
      case `GET ${RECORD}`:
        return this.#record();
      case `PUT ${RECORD}`:
        if (!hasBearer(request, this.token)) return { status: 401, body: { message: 'unauthorized' } };
        return this.#change(asText(body['target']) ?? '');
      case `GET ${CASE}`:
        return { status: 200, body: this.#support.news };
      case `POST /hooks/${this.#hook}/support`:
        this.#support.ask();
        return { status: 200, body: 'ok' };
      case `POST /hooks/${this.#hook}/dns`:
        return this.#askToSwitch(asText(body['text']) ?? '');
      default:
        return { status: 404, body: { message: 'not found' } };
    }
  }

  #record(): Reply {
    const { site } = this.#address;
    return { status: 200, body: { name: 'api', target: site.url, service: site.name } };
  }

  #change(target: string): Reply {
    if (this.#address.pointAt(target)) return this.#record();
    const known = this.#address.targets.join(', ');
    return { status: 400, body: { message: `the record can point at ${known}` } };
  }

  /** Whoever reads it does what the text says, if it names the address. */
  #askToSwitch(text: string): Reply {
    const target = this.#address.targets.find((url) => text.includes(url));
    if (target === undefined) return { status: 400, body: 'invalid_payload' };
    clearTimeout(this.#switching);
    this.#switching = setTimeout(() => this.#address.pointAt(target), SWITCHING_MS);
    return { status: 200, body: 'ok' };
  }
}
