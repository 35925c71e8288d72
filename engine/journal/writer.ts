import type { Clock } from '../base/clock.ts';
import type { Json } from '../base/json.ts';
import type { Event, EventBody } from '../model/event.ts';
import type { Journal } from '../model/ports.ts';
import type { ChainHead } from './line.ts';
import { bodyText, formatLine, lineEvent } from './line.ts';
import type { Redactor } from './redact.ts';
import type { LineSink } from './sink.ts';
import { StoreError } from './store.ts';

/** The two clocks may part by this much between two appends before it is noted. */
const CLOCK_TOLERANCE_MS = 2000;

/** Members of a body that come from the engine or the playbook's ids; a secret that reads alike must not break them. */
const ENGINE_NAMES = new Set(['type', 'key', 'kind', 'gate']);

export interface WriterOptions {
  readonly run: string;
  /** The writer closes it. */
  readonly sink: LineSink;
  /** The line after which to go on. */
  readonly head: ChainHead;
  readonly clock: Clock;
  readonly redactor: Redactor;
  readonly onAppend: (event: Event) => void;
}

interface Waiting {
  /** What went into the journal for this append, a note of a clock jump included. */
  readonly events: readonly Event[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Appends to one journal. Events are numbered and chained in the order of the calls; what
 * arrives while the store is busy goes out together, as one write (group
 * commit). After a failed write nothing more is taken: what is in the store is not known.
 */
export class JournalWriter implements Journal {
  readonly #options: WriterOptions;
  readonly #start: number;
  /** How long the machine had slept when that was last looked at, in milliseconds since it started. */
  #asleep: number;
  #head: ChainHead;
  #last: { readonly at: number; readonly up: number } | undefined;
  #text = '';
  #waiting: Waiting[] = [];
  #flushing: Promise<void> | undefined;
  #failure: StoreError | undefined;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#head = options.head;
    this.#start = options.clock.monotonic();
    this.#asleep = this.#sleep();
  }

  /** Resolves once the events are in the store and `onAppend` has had them. */
  async append(...bodies: readonly EventBody[]): Promise<readonly Event[]> {
    if (this.#failure !== undefined) throw this.#failure;
    if (bodies.length === 0) return [];
    const { jump, events } = this.#stamp(bodies);
    const durable = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ events: jump === undefined ? events : [jump, ...events], resolve, reject });
    });
    this.#flushing ??= this.#flush();
    await durable;
    return events;
  }

  /** Certifies the end of the journal, and tells it. */
  async seal(): Promise<ChainHead> {
    await this.#flushing;
    if (this.#failure !== undefined) throw this.#failure;
    try {
      await this.#options.sink.seal(this.#head);
      return this.#head;
    } catch (error) {
      throw (this.#failure = ioError(`the journal of run ${this.#options.run} cannot be sealed`, error));
    }
  }

  /** Waits for what is being written; what comes later is refused. */
  async close(): Promise<void> {
    await this.#flushing;
    this.#failure ??= new StoreError('io', `the journal of run ${this.#options.run} is closed`);
    await this.#options.sink.close();
  }

  #stamp(bodies: readonly EventBody[]): { readonly jump: Event | undefined; readonly events: Event[] } {
    const { clock } = this.#options;
    const at = clock.now().epochMicros;
    const up = Math.round((clock.monotonic() - this.#start) * 1000) / 1000;
    const drift = this.#last === undefined ? 0 : (at - this.#last.at) / 1000 - (up - this.#last.up);
    this.#last = { at, up };
    const jump =
      Math.abs(drift) > CLOCK_TOLERANCE_MS
        ? this.#chain({ type: 'clock.jumped', byMs: Math.round(drift), sleptMs: this.#sleptMs() }, at, up)
        : undefined;
    return { jump, events: bodies.map((body) => this.#chain(body, at, up)) };
  }

  /** What tells a sleep from a clock that was set: only the first moves the time since the machine started. */
  #sleptMs(): number {
    const slept = this.#sleep() - this.#asleep;
    if (slept <= CLOCK_TOLERANCE_MS) return 0;
    this.#asleep += slept;
    return Math.round(slept);
  }

  #sleep(): number {
    const { clock } = this.#options;
    return clock.uptime() - clock.monotonic();
  }

  #chain(body: EventBody, at: number, up: number): Event {
    const text = this.#cleanText(body);
    const line = formatLine({ type: body.type, at, up, body: text }, this.#head);
    this.#head = line.head;
    this.#text += line.text;
    // Made of the text and not of the body: what is shown now equals what is read later.
    const event = lineEvent({ type: body.type, at, up, seq: line.head.seq }, text);
    if (event === undefined) throw new TypeError(`no such event: ${body.type}`);
    return event;
  }

  #cleanText(body: EventBody): string {
    const text = bodyText(body);
    const { redactor } = this.#options;
    if (!redactor.suspects(text)) return text;
    const members = Object.entries(body).map(([name, member]: [string, Json]) => [
      name,
      ENGINE_NAMES.has(name) ? member : redactor.redact(member),
    ]);
    return bodyText(Object.fromEntries(members) as EventBody);
  }

  async #flush(): Promise<void> {
    // Lets the appends of the same turn join this write.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      const head = this.#head;
      const text = this.#text;
      this.#waiting = [];
      this.#text = '';
      try {
        await this.#options.sink.write(text, head);
      } catch (error) {
        this.#fail(error, [...batch, ...this.#waiting]);
        break;
      }
      for (const waiting of batch) this.#deliver(waiting);
    }
    this.#flushing = undefined;
  }

  #deliver({ events, resolve, reject }: Waiting): void {
    try {
      for (const event of events) this.#options.onAppend(event);
      resolve();
    } catch (error) {
      // A fault of a screen: the events are durable, and whoever appended them hears of it.
      reject(error);
    }
  }

  #fail(error: unknown, waiting: readonly Waiting[]): void {
    const failure = ioError(`the journal of run ${this.#options.run} cannot be written`, error);
    this.#failure = failure;
    this.#waiting = [];
    for (const { reject } of waiting) reject(failure);
  }
}

const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full: free some space.',
  EDQUOT: 'The quota is used up: free some space.',
  EROFS: 'The file system is read-only: choose another folder for the store.',
  EACCES: 'The folder may not be written: change its permissions or choose another for the store.',
  EPERM: 'The folder may not be written: change its permissions or choose another for the store.',
  ENOTDIR: 'A file is where a folder should be: choose another folder for the store.',
  EIO: 'The disk has failed: copy the store elsewhere before going on.',
};

/** What the operating system refused, as the store's own error. */
export function ioError(what: string, cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause;
  const { code } = cause as NodeJS.ErrnoException;
  const hint = code === undefined ? undefined : HINTS[code];
  return new StoreError('io', `${what}: ${cause instanceof Error ? cause.message : String(cause)}`, {
    cause,
    ...(hint !== undefined && { hint }),
  });
}
