/** Something that answers at an address. */
export interface Site {
  readonly name: string;
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string;
}

/** A name that users know, and which of its sites it leads to: what its DNS record says, whoever keeps that. */
export class PublicName<S extends Site = Site> {
  readonly name: string;
  readonly #sites: readonly S[];
  #site: S;

  /** It leads to the first of them. */
  constructor(name: string, sites: readonly [S, ...S[]]) {
    this.name = name;
    this.#sites = sites;
    this.#site = sites[0];
  }

  /** Where it leads to: this is where the customers are. */
  get site(): S {
    return this.#site;
  }

  /** Every address that it can lead to. */
  get targets(): readonly string[] {
    return this.#sites.map(({ url }) => url);
  }

  /** What the record holds: the host, and its port. */
  get host(): string {
    return new URL(this.#site.url).host;
  }

  /** False when there is no such site: then it leads where it led. */
  pointAt(url: string): boolean {
    const found = this.#sites.find((site) => site.url === url.replace(/\/$/, ''));
    this.#site = found ?? this.#site;
    return found !== undefined;
  }
}
