import type { ProgramName } from '../base/programs.ts';
import type { Clock } from '../base/clock.ts';
import type { Instant } from '../base/instant.ts';
import type { Json } from '../base/json.ts';
import type { Value, ValueMap } from '../base/value.ts';
import type { Environment, Identity, Target, TargetUse } from './environment.ts';
import type { TimeClass } from './time-class.ts';
import type { SecretResolver } from './handle.ts';
import type { Lack, Need } from './need.ts';
import type { Effect } from './playbook.ts';

/**
 * One kind of step: what `uses` names. A kind is stateless; whatever it needs comes in
 * through the context. `with` has been validated against the kind's schema before any
 * method is called. A kind names the types that are made of that schema; whoever only
 * has its name knows that both are maps.
 */
export interface StepKind<With = ValueMap, Output = ValueMap> {
  /** Equal to the names of its file, schema, docs page and test folder: `render.set-env`. */
  readonly name: string;
  /** What it does to the world, given its `with` (a preview reads, the real thing writes). */
  effect(args: With): Effect;
  /**
   * For a kind that can do anything, whose step says that it only reads: whether it then holds itself to that
   * (`context.onlyReads`), can only be believed (so it is when absent), or contradicts.
   */
  asReading?(args: With): 'held' | 'believed' | { readonly contradiction: string };
  /**
   * One line of what it would do, shared by plan, gate, docs and screen: `Suspend the service shop-api`.
   * `discreet`: a part of its output is secret, so that it does not quote a script that may print it.
   */
  describe(args: With, discreet?: boolean): string;
  /**
   * The command that would do the same by hand, as a person copies it at the gate; secrets by their names.
   * `folder`: the run's, from which relative paths count; unknown before a run.
   */
  byHand?(args: With, environment: Environment, folder?: string): string | undefined;
  /** What it touches, for the interlock. Empty for a kind that touches nothing of the environment. */
  targets(args: With): readonly TargetUse[];
  /** The file or folder of this machine that it writes, where that is not below the run's folder: a person sees that first. */
  writesElsewhere?(args: With, folder: string): string | undefined;
  /** The name that a person has to type before it, whatever the policy says: what it takes away comes back in no way. */
  typedName?(args: With): string | undefined;
  /** Does it. Throws `StepError` when it cannot; stops when the signal aborts. */
  run(args: With, context: StepContext): Promise<Output>;
  /**
   * Starts it as a process that lives beside the run instead of `run`. Saves a checkpoint that tells which
   * process it is before the process does anything; one of an earlier life, told by the checkpoint, is ended first.
   */
  begin?(args: With, context: StepContext): Promise<BackgroundProcess>;
  /** After a crash between start and finish: did it happen? Reads only. */
  reconcile?(args: With, context: StepContext): Promise<Reconciliation<Output>>;
  /** Where it is done by hand: these outputs are asked for. Names of output members that later steps may need. */
  readonly outputs?: readonly string[];
  /** Handles in its output (their `$ref`) that are ones. Whatever else reads like a handle there came from outside and is data. */
  readonly gives?: readonly string[];
  /** Done by people: the interpreter opens a gate instead of calling `run`. */
  readonly people?: 'manual' | 'checklist' | 'ask';
  /** The step whose debt it pays: the interpreter does that instead of calling `run`. */
  debt?(args: With): string;
  /**
   * Of its arguments those whose addresses it goes to; its targets when absent, unless the provider is asked about
   * them. Whatever else is an address there is a value that it writes, compares or passes on.
   */
  goesTo?(args: With): Value;
  /** Programs of others that it starts on this machine. */
  programs?(args: With): readonly ProgramName[];
  /** Its failure never stops a recovery unless the step says so. */
  readonly failureIsNoted?: boolean;
}

/** A process that was started to live beside the run. */
export interface BackgroundProcess {
  /** Resolves with the reason once it is gone without having been told to end. Never rejects. */
  readonly lost: Promise<string>;
  /** Ends it and all that it started; resolves when they are gone. */
  end(): Promise<void>;
}

export type Reconciliation<Output = ValueMap> =
  | { readonly verdict: 'happened'; readonly output: Output }
  | { readonly verdict: 'notHappened' }
  /** Still under way at the provider: run it again, with its checkpoint; it re-attaches. */
  | { readonly verdict: 'reattach' }
  | { readonly verdict: 'unknown'; readonly reason: string };

export interface StepContext {
  readonly run: { readonly id: string; readonly mode: RunMode; readonly folder: string };
  /** The step's key in this run: `restore`, `hunt#2/copy`. */
  readonly step: string;
  readonly environment: Environment;
  /** It is a reading: a condition, or a step that says so. What can write is held to that. */
  readonly onlyReads: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly secrets: SecretResolver;
  /** A name for a thing that this step creates, the same in every life of the run: `drillbook-<run>-<step>[-suffix]`. */
  resourceName(suffix?: string): string;
  /** Asks the target who it is and holds that against its fingerprint. */
  identify(target: TargetUse): Promise<Identity>;
  /** Whether a step of this run created it, as the journal says: a handle alone could have been written by hand. */
  created(target: Target): boolean;
  /** What a step said in earlier runs of a playbook in this environment. Absent outside of a run. */
  readonly earlier?: (playbook: string, step: string) => Promise<Earlier>;
  /** What the last life of this step saved, if any. */
  readonly checkpoint: Json | undefined;
  /** Durable when it resolves. */
  saveCheckpoint(data: Json): Promise<void>;
  /**
   * From here on the step waits (for a provider, or before another try), until `working`.
   * `modelledMs`: what the wait would really take where the sandbox shortens it; `modelledBy`: who says so.
   */
  waiting(why: {
    readonly class: Exclude<TimeClass, 'human' | 'down'>;
    readonly reason: string;
    readonly modelledMs?: number;
    readonly modelledBy?: string;
  }): void;
  working(): void;
  /** A line for the screen; not in the journal. */
  log(line: string): void;
  /** How far it is, for the screen; not in the journal. */
  progress(done: number, total: number | undefined, unit: string): void;
}

/** What the store has of a step of earlier runs. */
export interface Earlier {
  /** In the newest run in which it succeeded; undefined where there is none. */
  readonly said: { readonly run: string; readonly at: Instant; readonly output: ValueMap } | undefined;
  /** Runs after that one, or all of them, that could not be read. */
  readonly unreadable: readonly string[];
}

export type RunMode = 'drill' | 'recover';

/** On every StepError, whichever copy of drillbook made it. */
const STEP_ERROR = Symbol.for('drillbook.StepError');

/**
 * A failure that a step kind foresaw. Anything else that is thrown is a bug, and shown as one.
 * A kind of a user's own throws that of the package in its own folder, which is another class than the one
 * in the running program: `instanceof` asks for the mark.
 */
export class StepError extends Error {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && STEP_ERROR in value;
  }

  readonly [STEP_ERROR] = true;
  override readonly name = 'StepError';
  /** Asked by `error.code == …`: the provider's own code where it has one (`57P01`, `NoSuchBucket`, `429`), else a word. */
  readonly code: string;
  /** What to do about it. */
  readonly hint: string | undefined;
  /** What the world looks like now. */
  readonly changed: 'nothing' | 'maybe' | 'something';
  /** The same call may succeed later. */
  readonly retryable: boolean;
  /** Further members of `error` in expressions. */
  readonly details: ValueMap;

  constructor(
    message: string,
    options: {
      readonly code: string;
      readonly hint?: string;
      readonly changed?: 'nothing' | 'maybe' | 'something';
      readonly retryable?: boolean;
      readonly details?: ValueMap;
      readonly cause?: unknown;
    },
  ) {
    super(message, { cause: options.cause });
    this.code = options.code;
    this.hint = options.hint;
    this.changed = options.changed ?? 'nothing';
    this.retryable = options.retryable ?? false;
    this.details = options.details ?? {};
  }
}

/** Thrown by a step that was told to stop, by its signal, where it has something to show for it. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
  /** What it had said until then: further members of `error`. */
  readonly details: ValueMap;

  constructor(reason: unknown, details: ValueMap) {
    super(reason instanceof Error ? reason.message : 'stopped', { cause: reason });
    this.details = details;
  }
}

/** Where the interpreter gets step kinds from. */
export interface StepTable {
  /** Loads the kind's module (and no other). */
  load(name: string): Promise<StepKind>;
  /** Problems of a resolved `with`, as `path: message`; empty when it is valid. */
  validate(name: string, args: Value): Promise<readonly string[]>;
  /** What a step needs that can be looked for before it begins. */
  needs?(kind: StepKind, args: ValueMap, environment: Environment): Promise<readonly Need[]>;
  /** Looks for it, and changes nothing; undefined when it is there. */
  lookFor?(need: Need, secrets: SecretResolver, signal: AbortSignal): Promise<Lack | undefined>;
  /** Asks a target who it is. Never throws: `unreachable` is an answer. */
  identify(
    use: TargetUse,
    environment: Environment,
    secrets: SecretResolver,
    signal: AbortSignal,
  ): Promise<Identity>;
}
