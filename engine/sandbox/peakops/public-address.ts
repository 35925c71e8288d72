import type { Listener } from '../ground/http.ts';
import { listen } from '../ground/http.ts';
import type { ApiCopy } from './application.ts';
import { answerFor } from './site.ts';
import type { Service } from '../render/service.ts';

type Site = Service<ApiCopy>;

/** The name that users of PeakOps know. */
export const PUBLIC_NAME = 'app.peakops.test';

/** The name under which the world knows the application, and the site that it leads to: a DNS record with a proxy for a resolver. */
export class PublicAddress {
  readonly #sites: readonly Site[];
  #site: Site;
  #listener: Listener | undefined;

  constructor(sites: readonly [Site, ...Site[]]) {
    this.#sites = sites;
    this.#site = sites[0];
  }

  async open(): Promise<Listener> {
    this.#listener = await listen((request) => answerFor(this.#site, request));
    return this.#listener;
  }

  readonly name = PUBLIC_NAME;

  get url(): string {
    return this.#listener?.url ?? '';
  }

  /** Where it leads to: this is where the customers are. */
  get site(): Site {
    return this.#site;
  }

  /** Every address that it can lead to. */
  get targets(): readonly string[] {
    return this.#sites.map(({ url }) => url);
  }

  /** False when there is no such site: then it leads where it led. */
  pointAt(url: string): boolean {
    const found = this.#sites.find((site) => site.url === url.replace(/\/$/, ''));
    this.#site = found ?? this.#site;
    return found !== undefined;
  }
}
