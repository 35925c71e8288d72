import type { JsonObject } from '../../base/json.ts';
import type { Account } from '../s3/accounts.ts';
import type { PublicName } from './public-name.ts';
import { Resolver } from './resolver.ts';
import { Switcher } from './switcher.ts';
import type { Zone } from './zone.ts';
import { cloudflareZone, route53Zone } from './zone.ts';

/** Where the zone of a name is: at a provider with an API, or somewhere that only a person can change it. */
export type DnsProvider = 'cloudflare' | 'route53' | 'byHand';

interface DnsOptions {
  readonly provider: DnsProvider;
  /** Who may change the zone at Route 53. */
  readonly accounts: readonly Account[];
  /** Told how to end what has been started, as soon as that has been. */
  readonly onClose: (close: () => Promise<void>) => void;
}

/** All who can be asked about a name: the provider of its zone, somebody who changes it there by hand, and a resolver. */
export class Dns {
  readonly #name: PublicName;
  readonly #provider: DnsProvider;
  readonly #zone: Zone | undefined;
  readonly #switcher: Switcher;
  readonly #resolver: Resolver;

  private constructor(
    name: PublicName,
    provider: DnsProvider,
    asked: { readonly zone: Zone | undefined; readonly switcher: Switcher; readonly resolver: Resolver },
  ) {
    this.#name = name;
    this.#provider = provider;
    this.#zone = asked.zone;
    this.#switcher = asked.switcher;
    this.#resolver = asked.resolver;
  }

  static async open(name: PublicName, { provider, accounts, onClose }: DnsOptions): Promise<Dns> {
    const zone =
      provider === 'cloudflare'
        ? await cloudflareZone(name)
        : provider === 'route53'
          ? await route53Zone(name, accounts)
          : undefined;
    if (zone !== undefined) onClose(() => zone.close());
    const switcher = await Switcher.open(name);
    onClose(() => switcher.close());
    const resolver = await Resolver.start((asked) =>
      asked === name.name ? { CNAME: name.host } : undefined,
    );
    onClose(() => resolver.close());
    return new Dns(name, provider, { zone, switcher, resolver });
  }

  /** What Cloudflare demands; undefined elsewhere. */
  get token(): string | undefined {
    return this.#zone?.token;
  }

  /** Where somebody is asked to change the record. */
  get webhook(): string {
    return this.#switcher.webhook;
  }

  /** The section `dns` of an environment; `credentials`: what it says of those who ask the provider. */
  section(credentials: JsonObject): JsonObject {
    const { name } = this.#name;
    const zone = this.#zone?.entry;
    return {
      name,
      resolver: this.#resolver.address,
      ...(zone !== undefined && { [this.#provider]: { ...zone, ...credentials } }),
    };
  }
}
