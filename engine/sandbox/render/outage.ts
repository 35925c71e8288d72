import type { Database } from './database.ts';
import type { Service } from './service.ts';

/** How an outage shows on the status page. */
export interface OutageNews {
  readonly id: string;
  readonly since: Date;
  /** Undefined: every region. */
  readonly region: string | undefined;
}

export interface OutageScope {
  /** Undefined: every region. */
  readonly region?: string | undefined;
  /** Only these: then the rest of the provider is well, and its status page says nothing. */
  readonly only?: ReadonlySet<Service | Database>;
  /** It ends by itself. */
  readonly lastsMs?: number | undefined;
}

/** All that the provider runs, by its id. */
export interface Running {
  readonly services: ReadonlyMap<string, Service>;
  readonly databases: ReadonlyMap<string, Database>;
}

/**
 * The provider is down, everywhere or in one region: what runs there is suspended by it, cannot be resumed by
 * anybody else, and nothing new can be made there until it is over. Or it keeps a few things down.
 */
export class Outage {
  readonly #running: Running;
  readonly #suspended = new Set<Service | Database>();
  /** Of what it suspended: what its users have suspended as well, since. */
  readonly #keptDown = new Set<Service | Database>();
  #news: OutageNews | undefined;
  #isOn = false;
  #end: NodeJS.Timeout | undefined;

  constructor(running: Running) {
    this.#running = running;
  }

  get news(): OutageNews | undefined {
    return this.#news;
  }

  isIn(region: string): boolean {
    return this.#news !== undefined && (this.#news.region ?? region) === region;
  }

  holds(thing: Service | Database): boolean {
    return this.#suspended.has(thing);
  }

  /** Its users want what is down already to stay down when the provider is back. */
  keepDown(thing: Service | Database): void {
    this.#keptDown.add(thing);
  }

  /** They no longer want that; false where they never did. The provider holds it down all the same. */
  letComeBack(thing: Service | Database): boolean {
    return this.#keptDown.delete(thing);
  }

  isKeptDown(thing: Service | Database): boolean {
    return this.#keptDown.has(thing);
  }

  /** Resolves when everything there is down. */
  async begin({ region, only, lastsMs }: OutageScope): Promise<void> {
    if (this.#isOn) throw new Error('there is an outage already');
    this.#isOn = true;
    const since = new Date();
    if (only === undefined) this.#news = { id: `incident-${since.getTime().toString(36)}`, since, region };
    const { services, databases } = this.#running;
    const running = [...services.values(), ...databases.values()].filter(
      (thing) => (only?.has(thing) ?? this.isIn(thing.region)) && !thing.suspended,
    );
    for (const thing of running) this.#suspended.add(thing);
    await Promise.all(running.map((thing) => thing.suspend()));
    if (lastsMs === undefined) return;
    this.#end = setTimeout(() => void this.end(), lastsMs);
  }

  /**
   * The provider is back: what it suspended runs again, databases before what uses them. What its users have
   * suspended as well stays suspended.
   */
  async end(): Promise<void> {
    clearTimeout(this.#end);
    const things = [...this.#suspended].filter((thing) => !this.#keptDown.has(thing));
    this.#suspended.clear();
    this.#keptDown.clear();
    this.#news = undefined;
    this.#isOn = false;
    const services: Service[] = [];
    for (const thing of things) {
      if ('server' in thing) await thing.resume();
      else services.push(thing);
    }
    for (const service of services) service.resume();
    await Promise.all(services.map((service) => service.whenDone()));
  }

  /** For the end of the world: nothing comes back. */
  forget(): void {
    clearTimeout(this.#end);
  }
}
