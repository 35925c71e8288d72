import { randomBytes } from 'node:crypto';
import { isJsonObject } from '../../base/json.ts';
import type { DnsProvider } from '../ground/dns-provider.ts';
import type { Listener, Reply, Request } from '../ground/http.ts';
import { hasBearer, listen } from '../ground/http.ts';
import { asText } from '../ground/text.ts';
import type { Account } from '../s3/accounts.ts';
import { CloudflareZone } from './cloudflare.ts';
import { Resolver } from './resolver.ts';
import { Route53Zone } from './route53.ts';
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

interface DeskOptions {
  readonly address: DnsRecord;
  readonly support: Support;
  /** Who keeps the zone of the name. */
  readonly provider: DnsProvider;
  /** Who may change it at Route 53. */
  readonly accounts: readonly Account[];
}

/**
 * Stand-ins for people and companies that a recovery has to ask: a DNS provider with an API of its own and with
 * somebody who uses it, the same record in a zone at Cloudflare or Route 53, a resolver that tells where the name leads,
 * and the support of the platform. They are asked over webhooks, as a channel of Slack is, so that a playbook tells them
 * in the same words here as those at home.
 */
export class Desk {
  readonly token = randomBytes(18).toString('base64url');
  /** The same record, as the API of its provider has it. */
  readonly zone: CloudflareZone | Route53Zone;
  readonly #resolver: Resolver;
  readonly #address: DnsRecord;
  readonly #support: Support;
  readonly #hook = randomBytes(18).toString('base64url');
  readonly #listener: Listener;
  #switching: NodeJS.Timeout | undefined;

  private constructor(
    { address, support }: DeskOptions,
    { zone, resolver, listener }: Pick<Desk, 'zone'> & { resolver: Resolver; listener: Listener },
  ) {
    this.#address = address;
    this.#support = support;
    this.zone = zone;
    this.#resolver = resolver;
    this.#listener = listener;
  }

  static async open(options: DeskOptions): Promise<Desk> {
    const zone = await zoneOf(options);
    const { address } = options;
    const resolver = await Resolver.start((name) => (name === address.name ? leads(address) : undefined));
    const listener = await listen((request) => desk.#take(request));
    const desk = new Desk(options, { zone, resolver, listener });
    return desk;
  }

  /** GET tells where the public address leads; PUT with the token changes it. */
  get recordUrl(): string {
    return `${this.#listener.url}${RECORD}`;
  }

  /** The base of Cloudflare's API. */
  get cloudflareUrl(): string {
    return `${this.#listener.url}/client/v4`;
  }

  /** Who is asked where the name leads: `127.0.0.1:<port>`. */
  get resolver(): string {
    return this.#resolver.address;
  }

  /** GET tells how the newest case stands. */
  get caseUrl(): string {
    return `${this.#listener.url}${CASE}`;
  }

  /** Webhooks in the form of Slack's, whose addresses are their credentials. */
  get webhooks(): { readonly support: string; readonly dns: string } {
    const hook = (name: string): string => `${this.#listener.url}/hooks/${this.#hook}/${name}`;
    return { support: hook('support'), dns: hook('dns') };
  }

  async close(): Promise<void> {
    clearTimeout(this.#switching);
    this.#support.forget();
    await this.#listener.close();
    await this.#resolver.close();
    if (this.zone instanceof Route53Zone) await this.zone.close();
  }

  #take(request: Request): Promise<Reply> {
    const zoneSays = this.zone instanceof CloudflareZone ? this.zone.answer(request) : undefined;
    return Promise.resolve(zoneSays ?? this.#answer(request));
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

/** The zone with the record in it; a change of it leads the address elsewhere. */
async function zoneOf({ address, provider, accounts }: DeskOptions): Promise<Desk['zone']> {
  const { name } = address;
  const lead = (host: string): void => {
    if (!address.pointAt(`http://${host}`)) throw new Error(`nothing answers at ${host}`);
  };
  const [type, content] = ['CNAME', leads(address).CNAME];
  if (provider === 'cloudflare') {
    const zone = new CloudflareZone(({ content: host }) => lead(host));
    zone.add({ name, type, content, ttl: 60, proxied: true });
    return zone;
  }
  const zone = await Route53Zone.start({ accounts, changed: ({ values }) => values.forEach(lead) });
  zone.add({ name: `${name}.`, type, ttl: 60, values: [content] });
  return zone;
}

const leads = ({ site }: DnsRecord): { readonly CNAME: string } => ({ CNAME: new URL(site.url).host });
