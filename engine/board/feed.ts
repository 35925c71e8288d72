import type { Clock } from '../base/clock.ts';
import type { Event } from '../model/event.ts';
import type { Plan, Runs } from './ports.ts';

/** How often it is asked whether somebody still drives the run, and the forecast is worked out anew. */
const LOOK_MS = 5000;

/** A run as it goes on: read once, whoever many people look at it. */
export class Feed {
  readonly #runs: Runs;
  readonly #run: string;
  readonly #clock: Clock;
  readonly #over = new AbortController();
  readonly #waiting = new Set<() => void>();
  readonly #events: Event[];
  #version = 1;
  #isWritten = false;
  #trouble: string | undefined;

  private constructor(run: string, events: readonly Event[], plan: Plan, runs: Runs, clock: Clock) {
    this.#run = run;
    this.#events = [...events];
    this.plan = plan;
    this.#runs = runs;
    this.#clock = clock;
  }

  readonly plan: Plan;

  /** Undefined where there is no such run. */
  static async open(run: string, runs: Runs, clock: Clock): Promise<Feed | undefined> {
    const events = await runs.read(run);
    if (events === undefined || events.length === 0) return undefined;
    const feed = new Feed(run, events, await runs.plan(events), runs, clock);
    feed.#isWritten = await runs.isWritten(run);
    void feed.#follow();
    void feed.#look();
    return feed;
  }

  get run(): string {
    return this.#run;
  }

  get events(): readonly Event[] {
    return this.#events;
  }

  get isWritten(): boolean {
    return this.#isWritten;
  }

  get isClosed(): boolean {
    return this.#over.signal.aborted;
  }

  /** Why nothing new is heard of the run; undefined while it is. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Another one whenever there is something to show. */
  get version(): number {
    return this.#version;
  }

  /** Resolves once the version is another one, or the signal aborts. */
  change(version: number, signal: AbortSignal): Promise<void> {
    if (version !== this.#version || signal.aborted || this.#over.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake);
    });
  }

  close(): void {
    this.#over.abort();
    this.#changed();
  }

  async #follow(): Promise<void> {
    const { signal } = this.#over;
    while (!signal.aborted) {
      try {
        for await (const event of this.#runs.follow(this.#run, this.#events.at(-1)?.seq ?? 0, signal)) {
          this.#events.push(event);
          if (event.type === 'run.finished' || event.type === 'run.paused') this.#isWritten = false;
          else this.#isWritten = true;
          this.#trouble = undefined;
          this.#changed();
        }
      } catch (error) {
        this.#trouble = error instanceof Error ? error.message : String(error);
        this.#changed();
        await this.#clock.sleep(1000, signal);
      }
    }
  }

  async #look(): Promise<void> {
    const { signal } = this.#over;
    while (!signal.aborted) {
      await this.#clock.sleep(LOOK_MS, signal);
      this.#isWritten = await this.#runs.isWritten(this.#run).catch(() => this.#isWritten);
      // The forecast moves with the time, also where nothing happens.
      if (this.#events.at(-1)?.type !== 'run.finished') this.#changed();
    }
  }

  #changed(): void {
    this.#version += 1;
    for (const wake of [...this.#waiting]) wake();
  }
}

/** The feeds that somebody looks at. One that nobody looks at any more is closed. */
export class Feeds {
  readonly #runs: Runs;
  readonly #clock: Clock;
  readonly #open = new Map<string, { readonly feed: Promise<Feed | undefined>; watchers: number }>();

  constructor(runs: Runs, clock: Clock) {
    this.#runs = runs;
    this.#clock = clock;
  }

  /** How many look at one. */
  get watchers(): number {
    return [...this.#open.values()].reduce((sum, { watchers }) => sum + watchers, 0);
  }

  /** Calls `use` with the feed of a run for as long as its promise lasts. */
  async with<T>(run: string, use: (feed: Feed | undefined) => Promise<T>): Promise<T> {
    const known = this.#open.get(run) ?? { feed: Feed.open(run, this.#runs, this.#clock), watchers: 0 };
    this.#open.set(run, known);
    known.watchers += 1;
    try {
      return await use(await known.feed);
    } finally {
      known.watchers -= 1;
      if (known.watchers === 0) {
        this.#open.delete(run);
        await known.feed.then((feed) => feed?.close()).catch(() => undefined);
      }
    }
  }

  close(): void {
    for (const { feed } of this.#open.values())
      void feed.then((each) => each?.close()).catch(() => undefined);
  }
}
