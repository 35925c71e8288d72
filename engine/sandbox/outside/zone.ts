import type { JsonObject } from '../../base/json.ts';
import { listen } from '../ground/http.ts';
import type { Account } from '../s3/accounts.ts';
import { CloudflareZone } from './cloudflare.ts';
import type { PublicName } from './public-name.ts';
import { Route53Zone } from './route53.ts';

const TYPE = 'CNAME';
const TTL = 60;

/** A zone with the record of a name in it, at a provider with an API: whoever changes the record leads the name elsewhere. */
export interface Zone {
  /** Its place in the section `dns` of an environment, but for what it is asked with. */
  readonly entry: JsonObject;
  /** What Cloudflare is asked with. */
  readonly token?: string;
  close(): Promise<void>;
}

/** One at Cloudflare. */
export async function cloudflareZone(name: PublicName): Promise<Zone> {
  const zone = new CloudflareZone(({ content }) => lead(name, content));
  zone.add({ name: name.name, type: TYPE, content: name.host, ttl: TTL, proxied: true });
  const listener = await listen((request) => Promise.resolve(zone.answer(request) ?? { status: 404 }));
  const entry = { zone: zone.id, api: `${listener.url}/client/v4` };
  return { entry, token: zone.token, close: () => listener.close() };
}

/** One at Route 53; `accounts` may change it. */
export async function route53Zone(name: PublicName, accounts: readonly Account[]): Promise<Zone> {
  const changed = ({ values }: { readonly values: readonly string[] }): void =>
    values.forEach((value) => lead(name, value));
  const zone = await Route53Zone.start({ accounts, changed });
  zone.add({ name: `${name.name}.`, type: TYPE, ttl: TTL, values: [name.host] });
  return { entry: { zone: zone.id, endpoint: zone.url }, close: () => zone.close() };
}

function lead(name: PublicName, host: string): void {
  if (!name.pointAt(`http://${host}`)) throw new Error(`nothing answers at ${host}`);
}
