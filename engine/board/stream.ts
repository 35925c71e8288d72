import type { Context } from 'hono';
import type { SSEStreamingApi } from 'hono/streaming';
import { streamSSE } from 'hono/streaming';
import type { Clock } from '../base/clock.ts';
import { harmless } from '../base/text.ts';
import type { Feed, Feeds } from './feed.ts';
import type { Role } from './pages/wall.ts';
import { nowHtml, titlesOf, wordHtml } from './pages/wall.ts';
import type { Views } from './views.ts';

/** Changes that come one after the other are sent together, so often at the most. */
const ROUND_MS = 200;

export interface StreamOptions {
  readonly run: string;
  readonly role: Role;
  /** The number of the last event that the browser has. */
  readonly from: number;
  /** What is asked, as this viewer sees it. */
  readonly question: (feed: Feed) => Promise<{ readonly gate: string | undefined; readonly html: string }>;
}

/** What happens in a run, as server-sent events: each event under its number, so that a broken connection misses nothing. */
export function streamRun(
  context: Context,
  options: StreamOptions,
  { feeds, views, clock }: { readonly feeds: Feeds; readonly views: Views; readonly clock: Clock },
): Response {
  return streamSSE(
    context,
    async (stream) => {
      const over = new AbortController();
      stream.onAbort(() => over.abort());
      await feeds.with(options.run, async (feed) => {
        if (feed !== undefined) await new Watching(stream, feed, options, views).last(clock, over.signal);
      });
    },
    // A browser that has gone is nobody's trouble.
    () => Promise.resolve(),
  );
}

/** One browser that looks at one run. */
class Watching {
  readonly #stream: SSEStreamingApi;
  readonly #feed: Feed;
  readonly #options: StreamOptions;
  readonly #views: Views;
  #last: number;
  #gate: string | undefined | null = null;
  #drawn = 0;
  #trouble: string | undefined;

  constructor(stream: SSEStreamingApi, feed: Feed, options: StreamOptions, views: Views) {
    this.#stream = stream;
    this.#feed = feed;
    this.#options = options;
    this.#views = views;
    this.#last = options.from;
  }

  /** Until the browser goes. */
  async last(clock: Clock, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !this.#feed.isClosed) {
      const { version } = this.#feed;
      await this.#round();
      await clock.sleep(ROUND_MS, signal);
      await this.#feed.change(version, signal);
    }
  }

  async #round(): Promise<void> {
    const { role } = this.#options;
    const wall = this.#views.wall(this.#feed);
    if (wall === undefined) return;
    const titleOf = titlesOf(wall.data.record);
    for (const event of wall.events) {
      if (event.seq <= this.#last) continue;
      this.#last = event.seq;
      await this.#send('happened', wordHtml(event, titleOf, role)?.text ?? '', event.seq);
    }
    await this.#send('now', nowHtml(wall, role).text);
    if (role === 'operator') await this.#ask();
    if (this.#drawn !== wall.events.length) {
      this.#drawn = wall.events.length;
      await this.#send('timeline', (await this.#views.timeline(this.#feed, role)).text);
    }
    if (this.#trouble !== this.#feed.trouble) {
      this.#trouble = this.#feed.trouble;
      await this.#send('trouble', this.#trouble === undefined ? '' : `The store: ${this.#trouble}`);
    }
  }

  /** Sent when another question is asked only: somebody may be writing the answer. */
  async #ask(): Promise<void> {
    const { gate, html } = await this.#options.question(this.#feed);
    if (gate === this.#gate) return;
    this.#gate = gate;
    await this.#send('question', html);
  }

  async #send(event: string, data: string, seq?: number): Promise<void> {
    await this.#stream.writeSSE({
      event,
      data: harmless(data),
      ...(seq !== undefined && { id: String(seq) }),
    });
  }
}
