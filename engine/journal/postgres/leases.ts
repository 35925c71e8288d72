import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../base/clock.ts';
import { StoreError } from '../store.ts';
import type { Link } from './link.ts';
import type { Tables } from './tables.ts';

/** How long a lease lasts, by the database's clock. A dead writer is taken over after it. */
const LASTS_MS = 6000;

/** Parts of a lease: after one of them it is renewed; after three without a renewal its holder stops. */
const PARTS = 6;
const STOPS_AFTER = 3;

/** How often somebody who waits for a lease looks. */
const LOOK_MS = 200;

export interface LeaseTiming {
  readonly clock: Clock;
  readonly lastsMs?: number;
}

/** The right to write on something, for as long as it is renewed. */
export interface HeldLease {
  /** One higher each time that somebody takes it. */
  readonly epoch: number;
  /** Aborts when it may have ended: before another can take it, unless this process was held up. */
  readonly lost: AbortSignal;
  /** How long one try of its holder may take: several fit into the time before it stops. */
  readonly tryMs: number;
  release(): Promise<void>;
}

interface Holding {
  readonly name: string;
  readonly epoch: number;
  readonly lost: AbortController;
  /** Milliseconds since the machine started, its sleep included. */
  renewedAt: number;
  stop: NodeJS.Timeout;
}

/**
 * Leases of one process. They are renewed on a connection of their own: a step may append nothing for hours, and
 * an append may take long. The holder counts from before it asked, and stops after half a lease: so its step ends
 * before another process can begin it.
 */
export class Leases {
  readonly #link: Link;
  readonly #renewals: Link;
  readonly #t: Tables;
  readonly #clock: Clock;
  readonly #lastsMs: number;
  readonly #held = new Set<Holding>();
  #tick: NodeJS.Timeout | undefined;
  #trouble = '';

  /** `renewals`: a connection for nothing else. */
  constructor(links: { readonly link: Link; readonly renewals: Link }, tables: Tables, timing: LeaseTiming) {
    this.#link = links.link;
    this.#renewals = links.renewals;
    this.#t = tables;
    this.#clock = timing.clock;
    this.#lastsMs = timing.lastsMs ?? LASTS_MS;
  }

  /**
   * Takes a lease that is free, or that its holder lets lapse while one waits. Of a holder who renews it, its words.
   * `inherits`: one of the same run is taken at once, since nobody else may write on that run any more.
   */
  async take(
    name: string,
    of: { readonly run: string; readonly holder: string; readonly inherits?: boolean },
  ): Promise<HeldLease | { readonly run: string; readonly holder: string }> {
    let first: string | undefined;
    for (;;) {
      const askedAt = this.#now();
      const epoch = await this.#tryTake(name, of);
      if (epoch !== undefined) return this.#hold(name, epoch, askedAt);
      const seen = await this.holder(name);
      if (seen === undefined) continue;
      first ??= seen.until;
      if (seen.until !== first) return seen;
      await sleep(LOOK_MS);
    }
  }

  /** Who holds it now, in the words that were given. */
  async holder(
    name: string,
  ): Promise<{ readonly run: string; readonly holder: string; readonly until: string } | undefined> {
    const [row] = await this.#link.ask(
      `select run, holder, until::text from ${this.#t.leases} where name = $1 and until > clock_timestamp()`,
      [name],
    );
    return row && { run: String(row['run']), holder: String(row['holder']), until: String(row['until']) };
  }

  async #tryTake(
    name: string,
    { run, holder, inherits = false }: { run: string; holder: string; inherits?: boolean },
  ): Promise<number | undefined> {
    const [row] = await this.#link.ask(
      `insert into ${this.#t.leases} as held (name, epoch, until, run, holder)
       values ($1, 1, clock_timestamp() + $2 * interval '1 millisecond', $3, $4)
       on conflict (name) do update
       set epoch = held.epoch + 1, until = excluded.until, run = excluded.run, holder = excluded.holder
       where held.until < clock_timestamp() or ($5 and held.run = excluded.run)
       returning epoch::text`,
      [name, this.#lastsMs, run, holder, inherits],
    );
    return row && Number(row['epoch']);
  }

  #hold(name: string, epoch: number, askedAt: number): HeldLease {
    const lost = new AbortController();
    const holding: Holding = {
      ...{ name, epoch, lost, renewedAt: askedAt },
      stop: setTimeout(() => undefined),
    };
    this.#held.add(holding);
    this.#confirm(holding, askedAt);
    if (this.#tick === undefined) this.#renewIn(this.#lastsMs / PARTS);
    return { epoch, lost: lost.signal, tryMs: this.#lastsMs / PARTS, release: () => this.#release(holding) };
  }

  #confirm(holding: Holding, askedAt: number): void {
    clearTimeout(holding.stop);
    holding.renewedAt = askedAt;
    const left = askedAt + this.#patience - this.#now();
    holding.stop = setTimeout(() => this.#lose(holding, this.#trouble), Math.max(0, left));
  }

  get #patience(): number {
    return (this.#lastsMs / PARTS) * STOPS_AFTER;
  }

  /** A machine that slept finds its timers where it left them. */
  #now(): number {
    return this.#clock.uptime();
  }

  async #renew(): Promise<void> {
    const asked = [...this.#held];
    const askedAt = this.#now();
    try {
      // One that was given back while this was under way stays given back.
      const rows = await this.#renewals.run(
        `update ${this.#t.leases} as held set until = clock_timestamp() + $3 * interval '1 millisecond'
         from unnest($1::text[], $2::bigint[]) as mine (name, epoch)
         where held.name = mine.name and held.epoch = mine.epoch and held.until > '-infinity'
         returning held.name`,
        [asked.map(({ name }) => name), asked.map(({ epoch }) => epoch), this.#lastsMs],
        AbortSignal.timeout(this.#lastsMs / PARTS),
      );
      const renewed = new Set(rows.map((row) => row['name']));
      for (const holding of asked) {
        if (!this.#held.has(holding)) continue;
        if (renewed.has(holding.name)) this.#confirm(holding, askedAt);
        else this.#lose(holding, 'another process has it now');
      }
    } catch (error) {
      this.#trouble = error instanceof Error ? error.message : String(error);
    }
    if (this.#held.size > 0) this.#renewIn(askedAt + this.#lastsMs / PARTS - this.#now());
  }

  #renewIn(millis: number): void {
    clearTimeout(this.#tick);
    this.#tick = setTimeout(() => void this.#renew(), Math.max(0, millis));
  }

  #lose(holding: Holding, why: string): void {
    this.#forget(holding);
    const what = holding.name.replace('/', ' ');
    holding.lost.abort(
      new StoreError('locked', `this process may not write on ${what} any longer: ${why || 'no renewal'}`, {
        hint: 'Its step was stopped. What became of it is looked at when somebody goes on with `drillbook resume`.',
      }),
    );
  }

  #forget(holding: Holding): void {
    clearTimeout(holding.stop);
    this.#held.delete(holding);
    if (this.#held.size > 0) return;
    clearTimeout(this.#tick);
    this.#tick = undefined;
  }

  async #release(holding: Holding): Promise<void> {
    if (!this.#held.has(holding)) return;
    this.#forget(holding);
    await this.#link.ask(
      `update ${this.#t.leases} set until = '-infinity' where name = $1 and epoch = $2 returning 1`,
      [holding.name, holding.epoch],
    );
  }
}
