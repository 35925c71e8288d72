import type { JsonObject } from '../base/json.ts';
import type { Event } from '../model/event.ts';
import type { Attachment, Inbox, Journal, Vault } from '../model/ports.ts';

/**
 * Where runs are kept. A port: nothing outside `journal/` knows whether there are files or tables.
 * Every method rejects with `StoreError` and with nothing else.
 */
export interface Store {
  /** Where it is, in words: a folder, or a database without its password. */
  readonly place: string;
  /** Begins a run: takes its lock and writes nothing yet. Refused when there is a run of that id. */
  create(run: string): Promise<OpenRun>;
  /** Opens a run to write on: takes its lock, verifies the chain, cuts off and notes a torn last line. */
  open(run: string): Promise<OpenRun>;
  /** The events of a run, without its lock: a line that is being written is left out, and so is a struck one. */
  read(run: string): Promise<readonly Event[]>;
  /** The runs that hold at least one event, newest first (by id: ids sort by time). */
  list(): Promise<readonly string[]>;
  /**
   * What a fold gives for each of these runs. A journal that has not changed since is not read again; that it holds
   * is `verify`'s concern.
   */
  overview<T>(fold: Fold<T>): Promise<readonly RunOverview<T>[]>;
  /** Whether the journal is as it was written. A journal that is not is an answer, not an error. */
  verify(run: string): Promise<Verification>;
  /** Whether all runs that were ever made are there, and no others; each journal is `verify`'s concern. */
  verifyRegister(): Promise<RegisterVerification>;
  /** The runs whose end is not certified, in their journal or in the register. */
  unsealed(): Promise<readonly string[]>;
  /** Where a hash that was noted elsewhere stands; undefined when no line that holds has it. */
  find(hash: string): Promise<LinePlace | undefined>;
  /** What has to be remembered between runs, by a name of lower-case letters. */
  ledger(name: string): Ledger;
  /** Who writes on the run right now, in words; undefined when nobody does: then it has ended or was interrupted. */
  writer(run: string): Promise<string | undefined>;
  /** Held by the one run that writes to the environment. Not bound to the run's own lock: a parked run gives it back. */
  lockEnvironment(name: string, run: string): Promise<Lock>;
  /** Removes the payload of one event for good, and leaves the chain whole: for what should never have been written. */
  strike(run: string, seq: number): Promise<void>;
  /** A folder of the run's own on this machine, for what steps write. Nothing that another machine needs is in it alone. */
  folder(run: string): string;
  /** The file that the journal of a run is, where it is one: for the keepers of sandboxes, which outlive this process. */
  journalFile(run: string): string | undefined;
  /** The bytes of a file that was kept as evidence, as `Attachment.file` names it; undefined when there is none. */
  attachment(run: string, file: string): Promise<AsyncIterable<Buffer> | undefined>;
  /** The events of a run after a number, those that come later too, as they become durable; until the signal aborts. */
  follow(run: string, from: number, signal: AbortSignal): AsyncIterable<Event>;
  /** What people say to a run from elsewhere. No part of what happened: that is what its writer takes from there. */
  inbox(run: string): Inbox;
  /** Whether this account may make good what a crash left undone: a store of another account is only looked at. */
  mayWrite(): Promise<boolean>;
  /** Where a run keeps secrets, under a key that is not in the store. */
  vault(run: string, key: () => Promise<string>): Vault;
}

/** Makes something of the events of a run. */
export interface Fold<T> {
  /** Another name when it would make something else of the same events. */
  readonly id: string;
  /** Gives what is the same after it was written and read as JSON. */
  readonly make: (events: readonly Event[]) => T;
}

export interface RunOverview<T> {
  readonly run: string;
  /** Absent when the journal cannot be read; then `read` says why. */
  readonly made?: T;
}

/** A run that this process writes on. */
export interface OpenRun {
  readonly journal: Journal;
  /** Aborts when this process may not write on it any longer; the reason is the error that every append has then. */
  readonly lost: AbortSignal;
  /** What earlier lives wrote, and the note of a repair; none of it has gone through `onAppend`. */
  readonly events: readonly Event[];
  /** Bytes of a torn last line that were cut off. */
  readonly repaired?: number;
  /** Keeps a file of this machine as evidence of a step, as it is. Rejects when there is a secret in it. */
  attach(key: string, path: string): Promise<Attachment>;
  /**
   * Ends the journal, and removes the secrets that the run kept, and what was said to it: from here on a cut tail is found too. A later event breaks the seal and a new one is due.
   * Gives the head of the register, which kept elsewhere proves all runs up to this one.
   */
  seal(): Promise<string>;
  /** Waits for what is being written and gives the lock back. */
  close(): Promise<void>;
}

/** A line of the register, or of the journal of a run. */
export interface LinePlace {
  readonly run?: string;
  /** From 1. */
  readonly line: number;
  /** How many lines there are whose chain holds. */
  readonly of: number;
}

/** A list that is only ever appended to, chained like a journal, and written by several processes. */
export interface Ledger {
  /** Durable when it resolves, with the hash of the last entry. */
  append(...entries: readonly { readonly type: string; readonly body: JsonObject }[]): Promise<string>;
  /** All entries, oldest first; refused when it was altered. */
  read(): Promise<readonly LedgerEntry[]>;
  /** The entries whose chain holds, and the first thing that is wrong. */
  verify(): Promise<{
    readonly ok: boolean;
    readonly entries: readonly LedgerEntry[];
    readonly head: string;
    readonly problem?: Problem;
  }>;
  /** For what reads it, acts, and appends to it: one process at a time. Refused while another holds it. */
  lock(purpose: string): Promise<Lock>;
}

export interface LedgerEntry {
  readonly type: string;
  /** Microseconds since the epoch. */
  readonly at: number;
  readonly body: JsonObject;
}

export interface RegisterVerification {
  readonly ok: boolean;
  /** False for a store whose runs were all made before there was a register. */
  readonly kept: boolean;
  /** How many runs it names. */
  readonly runs: number;
  /** How many of them it found when it was begun: of others, removed before, it knows nothing. */
  readonly found: number;
  /** How many runs were removed on purpose, each entered with its last hash and the reason. */
  readonly removed: number;
  /** Hash of its last entry: kept elsewhere, it proves that no run was removed up to then. */
  readonly head: string;
  /** What is wrong with the register itself. */
  readonly problem?: string;
  /** Runs that are missing, or not those that were entered. */
  readonly problems: readonly { readonly run: string; readonly message: string }[];
}

export interface Lock {
  release(): Promise<void>;
}

export interface Verification {
  readonly run: string;
  readonly ok: boolean;
  /** Events whose chain holds. */
  readonly events: number;
  /** Hash of the last of them: kept elsewhere (a report, a ticket), it proves all that went before. */
  readonly head: string;
  /** The run has ended, and its end is certified. */
  readonly sealed: boolean;
  /** Numbers of the events whose payload was struck out. */
  readonly struck: readonly number[];
  /** Bytes after the last whole line: a crash while writing, or a line that is being written now. */
  readonly torn: number;
  readonly problem?: Problem;
}

/** The first thing that is wrong with a journal. */
export interface Problem {
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

export type StoreErrorCode = 'locked' | 'altered' | 'missing' | 'io';

/** The store refused: exit code 5. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;
  /** What to do about it. */
  readonly hint?: string;

  constructor(
    code: StoreErrorCode,
    message: string,
    options: { readonly hint?: string; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    if (options.hint !== undefined) this.hint = options.hint;
  }
}
