import type { TimeClass } from '../model/time-class.ts';

/** What one of several lanes did in a stretch of time. */
export interface Claim {
  readonly lane: string;
  readonly spentAs: TimeClass;
  /** The step that had the time in this lane; absent between steps. */
  readonly key?: string;
}

/** Time in which several lanes were open: whose it is, is known when all but one have ended. */
export interface Undecided {
  micros: number;
  /** The outermost phase around it. */
  readonly phase: readonly [string, { readonly title: string }] | undefined;
  readonly claims: readonly Claim[];
}

/**
 * Branches and items side by side. The one that ends last decides what the time was spent on:
 * without it the others would have been done earlier, without the others it would not. Inside a
 * lane that has lanes of its own the same holds once more.
 */
export class Lanes {
  /** Open lanes, each with the lane around it. */
  readonly #around = new Map<string, string | undefined>();
  readonly #undecided = new Map<string, Undecided>();

  /** `key` is that of its scope; keys of what happens inside begin with it. */
  enter(key: string): void {
    if (!this.#around.has(key)) this.#around.set(key, this.laneOf(key));
  }

  /** The innermost open lane that something belongs to. */
  laneOf(key: string): string | undefined {
    if (this.#around.size === 0) return undefined;
    for (let end = key.lastIndexOf('/'); end > 0; end = key.lastIndexOf('/', end - 1)) {
      const outer = key.slice(0, end);
      if (this.#around.has(outer)) return outer;
    }
    return undefined;
  }

  /** Open lanes that have no open lane inside, in the order in which they began. */
  get innermost(): readonly string[] {
    if (this.#around.size === 0) return [];
    const outer = new Set(this.#around.values());
    return [...this.#around.keys()].filter((lane) => !outer.has(lane));
  }

  /** Keeps time until it is known which of the lanes decides. */
  hold(micros: number, claims: readonly Claim[], phase: Undecided['phase']): void {
    const name = JSON.stringify([phase?.[0], claims.map(({ lane, spentAs, key }) => [lane, spentAs, key])]);
    const same = this.#undecided.get(name);
    if (same === undefined) this.#undecided.set(name, { micros, claims, phase });
    else same.micros += micros;
  }

  /** Time that nobody can claim yet, with the claim that counts for the time being. */
  get undecided(): readonly { readonly time: Undecided; readonly claim: Claim }[] {
    return [...this.#undecided.values()].flatMap((time) => {
      const claim = forNow(time.claims);
      return claim === undefined ? [] : [{ time, claim }];
    });
  }

  /** Gives the time that is decided by the end of this lane, and of those inside that nobody ended. */
  leave(key: string): readonly { readonly time: Undecided; readonly claim: Claim }[] {
    const inside = [...this.#around.keys()].filter(
      (lane) => lane.startsWith(`${key}/`) || isItemOf(lane, key),
    );
    const decided = inside.reverse().flatMap((lane) => this.#end(lane));
    return this.#around.has(key) ? [...decided, ...this.#end(key)] : decided;
  }

  #end(lane: string): readonly { readonly time: Undecided; readonly claim: Claim }[] {
    const outer = this.#around.get(lane);
    this.#around.delete(lane);
    const decided: { readonly time: Undecided; readonly claim: Claim }[] = [];
    for (const [name, time] of [...this.#undecided]) {
      const within = (around: string | undefined, claim: Claim): boolean =>
        around === undefined || claim.lane === around || claim.lane.startsWith(`${around}/`);
      const own = time.claims.filter((claim) => within(lane, claim));
      if (own.length === 0) continue;
      const beside = time.claims.filter((claim) => within(outer, claim) && !own.includes(claim));
      if (beside.length === 0) continue;
      const claims = time.claims.filter((claim) => !own.includes(claim));
      this.#undecided.delete(name);
      const [only] = claims;
      if (claims.length === 1 && only !== undefined) decided.push({ time, claim: only });
      else this.hold(time.micros, claims, time.phase);
    }
    return decided;
  }
}

/** Items are `loop[…]`: they end with their loop at the latest. */
const isItemOf = (lane: string, loop: string): boolean => lane.startsWith(`${loop}[`);

/** Of lanes that are still open, the last one in which a step is under way. */
const forNow = (claims: readonly Claim[]): Claim | undefined =>
  claims.findLast(({ key }) => key !== undefined) ?? claims.at(-1);
