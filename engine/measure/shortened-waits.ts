import type { StepActivity } from '../model/event.ts';

/** A wait that the sandbox shortened: what it would really take, beside what it took. Whole microseconds. */
export interface ShortenedWait {
  /** The step that waited. */
  readonly key: string;
  readonly reason: string;
  /** Where its real length is from. */
  readonly source?: string;
  readonly modelledMicros: number;
  /** While the run was under way and nobody was asked. */
  readonly actualMicros: number;
  /** When it began and ended, since the start of the run; without an end while it lasts. */
  readonly from: number;
  readonly to?: number;
  /** Branches and items that it was in, each with its beginning. */
  readonly lanes: ReadonlyMap<string, number>;
}

/** Who says how long a wait really is, where only the playbook does. */
export const BY_EXPECTATION = 'what the playbook expects';

/** A step of a sandbox that is under way, and of which its playbook says how long it takes. */
interface Expected {
  readonly micros: number;
  readonly from: number;
  spent: number;
  /** It waits for others, who are quicker in a sandbox. */
  waits: boolean;
}

interface Draft extends ShortenedWait {
  modelledMicros: number;
  actualMicros: number;
  source?: string;
  to?: number;
}

/** Follows the waits of a run. `at` is the time since its start. Changed in place. */
export class ShortenedWaits {
  readonly #byName = new Map<string, Draft>();
  /** The wait that a step is in. */
  readonly #open = new Map<string, Draft>();
  readonly #lanes = new Map<string, number>();
  readonly #expected = new Map<string, Expected>();

  get all(): readonly ShortenedWait[] {
    return [...this.#byName.values()].map((wait) => ({ ...wait }));
  }

  enterLane(key: string, at: number): void {
    if (!this.#lanes.has(key)) this.#lanes.set(key, at);
  }

  leaveLane(key: string): void {
    this.#lanes.delete(key);
  }

  /** A step of a sandbox begins, or another try of it. */
  begin(key: string, expectedMs: number, at: number): void {
    if (this.#expected.has(key)) return;
    this.#expected.set(key, { micros: Math.round(expectedMs * 1000), from: at, spent: 0, waits: false });
  }

  /** What a step does from here on. One that is re-attached after a crash says the same wait again: it is one. */
  say(event: StepActivity, at: number): void {
    this.leave(event.key, at);
    const expected = this.#expected.get(event.key);
    if (expected !== undefined && event.class === 'external') expected.waits = true;
    if (event.modelledMs === undefined) return;
    const reason = event.reason ?? event.class;
    const name = JSON.stringify([event.key, reason]);
    const wait: Draft = this.#byName.get(name) ?? {
      key: event.key,
      reason,
      modelledMicros: 0,
      actualMicros: 0,
      from: at,
      lanes: this.#lanesOf(event.key),
    };
    wait.modelledMicros = Math.max(wait.modelledMicros, Math.round(event.modelledMs * 1000) || 0);
    if (event.modelledBy !== undefined) wait.source = event.modelledBy;
    delete wait.to;
    this.#byName.set(name, wait);
    this.#open.set(event.key, wait);
  }

  spend(key: string, micros: number): void {
    const wait = this.#open.get(key);
    if (wait !== undefined) wait.actualMicros += micros;
    const expected = this.#expected.get(key);
    if (expected !== undefined) expected.spent += micros;
  }

  leave(key: string, at: number): void {
    const wait = this.#open.get(key);
    if (wait !== undefined) wait.to = at;
    this.#open.delete(key);
  }

  /**
   * A step is done. Where it waited for others, and nobody else said how long that really is, it is as long as
   * its playbook expects.
   */
  end(key: string, at: number): void {
    this.leave(key, at);
    const expected = this.#expected.get(key);
    this.#expected.delete(key);
    if (expected?.waits !== true || expected.micros <= expected.spent) return;
    if ([...this.#byName.values()].some((wait) => wait.key === key)) return;
    this.#byName.set(JSON.stringify([key]), {
      key,
      reason: 'what it waits for',
      source: BY_EXPECTATION,
      modelledMicros: expected.micros,
      actualMicros: expected.spent,
      from: expected.from,
      to: at,
      lanes: this.#lanesOf(key),
    });
  }

  leaveAll(at: number): void {
    for (const key of [...this.#open.keys()]) this.leave(key, at);
  }

  #lanesOf(key: string): ReadonlyMap<string, number> {
    return new Map([...this.#lanes].filter(([lane]) => key.startsWith(`${lane}/`)));
  }
}

/**
 * How much later the end of a stretch of the run would really have come, in microseconds: by its waits,
 * one after the other. Of those that went on side by side only the longest row of them counts.
 */
export function reallyLater(waits: readonly ShortenedWait[], from: number, to: number): number {
  const rows: { readonly wait: ShortenedWait; readonly end: number; readonly later: number }[] = [];
  for (const wait of [...waits].sort((a, b) => a.from - b.from)) {
    const end = wait.to;
    if (end === undefined || end <= from || end > to) continue;
    const before = rows.filter((row) => comesAfter(wait, row.wait, row.end));
    const own = Math.max(0, wait.from + wait.modelledMicros - end);
    rows.push({ wait, end, later: own + Math.max(0, ...before.map(({ later }) => later)) });
  }
  return Math.max(0, ...rows.map(({ later }) => later));
}

/** Not in a branch that had begun already, beside the earlier one. */
const comesAfter = (wait: ShortenedWait, earlier: ShortenedWait, end: number): boolean =>
  wait.from >= end && [...wait.lanes].every(([lane, since]) => since >= end || earlier.lanes.has(lane));
