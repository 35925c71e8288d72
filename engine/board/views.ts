import type { Clock } from '../base/clock.ts';
import type { Draw } from '../report/page/chart.ts';
import { charts } from '../report/page/chart.ts';
import type { Html } from '../report/page/html.ts';
import type { Feed } from './feed.ts';
import type { Role } from './pages/wall.ts';
import { timelineHtml } from './pages/wall.ts';
import type { Wall } from './wall.ts';
import { wallOf } from './wall.ts';

interface Seen {
  version: number;
  wall: Wall | undefined;
  readonly timelines: Map<Role, { readonly events: number; readonly html: Html }>;
}

/** What is worked out of a run, once for all who look at it at the same time. */
export class Views {
  readonly #clock: Clock;
  readonly #seen = new WeakMap<Feed, Seen>();
  #draw: Promise<Draw> | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How pictures are drawn: the library is loaded with the first. */
  draw(): Promise<Draw> {
    this.#draw ??= charts();
    return this.#draw;
  }

  wall(feed: Feed): Wall | undefined {
    return this.#of(feed).wall;
  }

  async timeline(feed: Feed, role: Role): Promise<Html> {
    const draw = await this.draw();
    const { wall, timelines } = this.#of(feed);
    if (wall === undefined) throw new Error('a run without a beginning has no timeline');
    const known = timelines.get(role);
    if (known?.events === wall.events.length) return known.html;
    const html = timelineHtml(wall, draw, role);
    timelines.set(role, { events: wall.events.length, html });
    return html;
  }

  #of(feed: Feed): Seen {
    const seen = this.#seen.get(feed) ?? { version: 0, wall: undefined, timelines: new Map() };
    this.#seen.set(feed, seen);
    if (seen.version !== feed.version) {
      seen.version = feed.version;
      seen.wall = wallOf(feed.events, feed.plan, { now: this.#clock.now(), isWritten: feed.isWritten });
    }
    return seen;
  }
}
