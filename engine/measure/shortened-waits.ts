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

  get all(): readonly ShortenedWait[] {
    return [...this.#byName.values()].map((wait) => ({ ...wait }));
  }

  enterLane(key: string, at: number): void {
    if (!this.#lanes.has(key)) this.#lanes.set(key, at);
  }

  leaveLane(key: string): void {
    this.#lanes.delete(key);
  }

  /** What a step does from here on. One that is re-attached after a crash says the same wait again: it is one. */
  say(event: StepActivity, at: number): void {
    this.leave(event.key, at);
    if (event.modelledMs === undefined) return;
    const reason = event.reason ?? event.class;
    const name = JSON.stringify([event.key, reason]);
    const wait: Draft = this.#byName.get(name) ?? {
      key: event.key,
      reason,
      modelledMicros: 0,
      actualMicros: 0,
      from: at,
      lanes: new Map([...this.#lanes].filter(([lane]) => event.key.startsWith(`${lane}/`))),
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
  }

  leave(key: string, at: number): void {
    const wait = this.#open.get(key);
    if (wait !== undefined) wait.to = at;
    this.#open.delete(key);
  }

  leaveAll(at: number): void {
    for (const key of [...this.#open.keys()]) this.leave(key, at);
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
