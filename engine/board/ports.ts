import type { Clock } from '../base/clock.ts';
import type { JsonObject } from '../base/json.ts';
import type { PlannedPlace } from '../measure/coming.ts';
import type { StepDurations } from '../measure/history.ts';
import type { RunSummary } from '../measure/summary.ts';
import type { Event } from '../model/event.ts';

/** What the board knows of the runs. It has no store of its own, and keeps nothing: the command hands it these. */
export interface Runs {
  /** Newest first. */
  list(): Promise<readonly RunSummary[]>;
  /** Undefined where there is no such run, or it cannot be read. */
  read(run: string): Promise<readonly Event[] | undefined>;
  /** The events after a number, those that come later too, until the signal aborts. */
  follow(run: string, from: number, signal: AbortSignal): AsyncIterable<Event>;
  /** Whether somebody drives it right now. */
  isWritten(run: string): Promise<boolean>;
  /** What is to come in it, and how long its steps took in earlier runs. */
  plan(events: readonly Event[]): Promise<Plan>;
  /** Whether whoever answers here is one whom the environment of the run lets answer without a key. */
  standing(events: readonly Event[], person: string): Promise<Standing>;
  /** Leaves a message for the run; only its one writer makes it count. */
  say(run: string, id: string, body: JsonObject): Promise<void>;
}

export interface Plan {
  readonly plan: readonly PlannedPlace[];
  readonly history: StepDurations;
}

/** `known`: they may answer; `unknown`: the environment lists people, and not them; `signs`: it wants their signature. */
export type Standing = 'known' | 'unknown' | 'signs';

export interface BoardOptions {
  readonly runs: Runs;
  readonly clock: Clock;
  /** Who answers here, as the environment lists people. */
  readonly person: string;
  /** A line for whoever started the board. */
  readonly tell: (line: string) => void;
  /** Told when the link to log in was used: it will not do so again. */
  readonly onLogin?: () => void;
}
