import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../base/clock.ts';

/** What somebody may who has come in: all, or to watch one run. */
export type Right = { readonly role: 'operator' } | { readonly role: 'watcher'; readonly run: string };

export interface Session {
  readonly right: Right;
  /** In each form that this session is given, so that no other page can send one. */
  readonly form: string;
  readonly until: number;
}

interface Link {
  readonly right: Right;
  readonly once: boolean;
  readonly until: number;
}

const HOUR_MS = 3_600_000;
const SESSION_MS = 12 * HOUR_MS;
/** No more of each are kept: the oldest go. */
const MOST = 1000;

/**
 * Who may come in. Links and sessions are random, live in this process alone and are kept as digests: comparing them
 * takes no time that tells anything, and a dump of the memory holds no way in.
 */
export class Access {
  readonly #clock: Clock;
  readonly #links = new Map<string, Link>();
  readonly #sessions = new Map<string, Session>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A secret that lets one browser in, once. */
  loginLink(): string {
    return this.#keep(this.#links, { right: { role: 'operator' }, once: true, until: Infinity });
  }

  /** A secret that lets whoever has it watch one run for some hours. */
  watchLink(run: string): string {
    const until = this.#now() + SESSION_MS;
    return this.#keep(this.#links, { right: { role: 'watcher', run }, once: false, until });
  }

  /** Whether a link would let somebody in: asked without using it up. */
  isGood(link: string): boolean {
    return this.#find(this.#links, link) !== undefined;
  }

  /** Uses a link: the secret of a new session, and its right. Undefined where the link is used up, too old, or none. */
  enter(link: string): { readonly secret: string; readonly right: Right } | undefined {
    const known = this.#find(this.#links, link);
    if (known === undefined) return undefined;
    if (known.once) this.#links.delete(digest(link));
    const session = { right: known.right, form: secret(), until: this.#now() + SESSION_MS };
    return { secret: this.#keep(this.#sessions, session), right: known.right };
  }

  session(given: string | undefined): Session | undefined {
    return given === undefined ? undefined : this.#find(this.#sessions, given);
  }

  leave(given: string): void {
    this.#sessions.delete(digest(given));
  }

  #now(): number {
    return this.#clock.monotonic();
  }

  #keep<T>(map: Map<string, T>, value: T): string {
    const made = secret();
    map.set(digest(made), value);
    for (const oldest of map.keys()) {
      if (map.size <= MOST) break;
      map.delete(oldest);
    }
    return made;
  }

  #find<T extends { readonly until: number }>(map: Map<string, T>, given: string): T | undefined {
    const key = digest(given);
    const known = map.get(key);
    if (known === undefined || known.until > this.#now()) return known;
    map.delete(key);
    return undefined;
  }
}

const secret = (): string => randomBytes(32).toString('base64url');

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
