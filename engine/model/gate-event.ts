import type { Json } from '../base/json.ts';
import type { Sent } from './message.ts';

// What people are asked, and what they say.

export interface GateOpened {
  readonly type: 'gate.opened';
  readonly key: string;
  /** Unique in the run. */
  readonly gate: string;
  readonly question: Json;
  readonly digest?: string;
}

export interface GateAnswered {
  readonly type: 'gate.answered';
  readonly key: string;
  readonly gate: string;
  readonly answer: string;
  readonly reason?: string;
  readonly values?: Json;
  readonly by: string;
  readonly digest?: string;
  /** Of a decision that only some may make: which, and who of them made it. */
  readonly role?: { readonly name: string; readonly person: string };
  /** What it came as, where it was not given at the run's own terminal. */
  readonly sent?: Sent;
  /** Of an approval, and of the go that rests on some: how long it counts. Microseconds since the epoch. */
  readonly until?: number;
  /** Of such a go: the approvals that it used up, by their messages. */
  readonly approvals?: readonly string[];
}

/** What somebody said from elsewhere, and that it does not count. */
export interface MessageRefused {
  readonly type: 'message.refused';
  readonly message: string;
  readonly account: string;
  /** Who said it, as it says itself; absent where that cannot be read. */
  readonly by?: string;
  readonly gate?: string;
  readonly reason: string;
}
