import type { RunPaused, RunResumed } from './life-event.ts';
import type { Json } from '../base/json.ts';
import type { EnvironmentKind } from './environment.ts';
import type {
  DebtOpened,
  DebtSettled,
  LossCounted,
  LossUncounted,
  MarkSet,
  NoteAdded,
  Recorded,
} from './evidence-event.ts';
import type {
  Attached,
  BackgroundChanged,
  BranchChosen,
  Escalated,
  InjectStruck,
  InputCorrected,
  LoopProgressed,
  Reminded,
  ScopeEntered,
  ScopeLeft,
  StepOverdue,
} from './flow-event.ts';
import type { Failure } from './failure.ts';
import type { GateAnswered, GateOpened, MessageRefused } from './gate-event.ts';
import type { OwnKindFile } from './own-kind.ts';
import type { RpoObjective } from './objectives.ts';
import type { Effect } from './playbook.ts';
import type { Mode, TableOutcome } from './mode.ts';

export type {
  DebtOpened,
  DebtSettled,
  LossCounted,
  LossUncounted,
  MarkSet,
  NoteAdded,
  Recorded,
} from './evidence-event.ts';
export type { GateAnswered, GateOpened, MessageRefused } from './gate-event.ts';
export type {
  Attached,
  BackgroundChanged,
  BranchChosen,
  InjectStruck,
  Reminded,
  ScopeEntered,
  ScopeLeft,
} from './flow-event.ts';

/**
 * What happens in a run, as the journal holds it: the one source that screen, report,
 * history, audit and resume are folds over. Values inside are encoded (base/value.ts) and
 * redacted. Adding a type here makes every `Fold` that lacks it a compile error.
 */
export type EventBody =
  | RunStarted
  | WorldStarted
  | FaultInjected
  | CheckProved
  | InputAnswered
  | InputCorrected
  | RunPaused
  | RunResumed
  | RunFinished
  | AbortBegun
  | ScopeEntered
  | ScopeLeft
  | LoopProgressed
  | BranchChosen
  | StepStarted
  | StepActivity
  | StepAttemptFailed
  | StepCheckpoint
  | StepOverdue
  | Escalated
  | BackgroundChanged
  | Reminded
  | InjectStruck
  | Attached
  | StepInDoubt
  | StepFinished
  | GateOpened
  | GateAnswered
  | MessageRefused
  | MarkSet
  | Recorded
  | NoteAdded
  | DebtOpened
  | DebtSettled
  | TargetRebound
  | ClockJumped
  | JournalRepaired
  | LossCounted
  | LossUncounted;

export type EventType = EventBody['type'];

/** A body with its place in the journal: no body has a member `seq`, `at` or `up`. `at` is the wall clock, `up` the monotonic clock of the process (ms). */
export type Event<B extends EventBody = EventBody> = B & Envelope;

export interface Envelope {
  /** From 1, without a gap. */
  readonly seq: number;
  /** Microseconds since the epoch. */
  readonly at: number;
  /** Milliseconds since this process began to write; starts anew with `run.resumed`. */
  readonly up: number;
}

export interface RunStarted {
  readonly type: 'run.started';
  readonly run: string;
  readonly mode: Mode;
  readonly playbook: string;
  readonly title: string;
  readonly environment: { readonly name: string; readonly kind: EnvironmentKind };
  readonly rehearsal?: string;
  /** Nobody is told which rehearsal it is while it goes on. */
  readonly blind?: boolean;
  /** Which sandbox; absent for the usual one. */
  readonly world?: string;
  readonly reason?: string;
  readonly operator: string;
  readonly host: string;
  readonly pid: number;
  readonly unattended: boolean;
  readonly engine: string;
  /** Everything that resume needs: the playbook, those it calls, and the environment, as they were. */
  readonly sources: readonly SourceText[];
  /** Kinds of the user's own that the playbooks name; absent when there are none. */
  readonly ownKinds?: readonly RecordedKind[];
  readonly objectives: {
    readonly rto?: { readonly targetMs: number; readonly from: string; readonly to: string };
    readonly rpo?: RpoObjective;
  };
  /** Answers given beforehand (`--answers`, the rehearsal's), encoded templates are already text here. */
  readonly answers: Json;
}

/** Its code is not kept: a later life of the run loads the file, and refuses another one. */
export interface RecordedKind extends OwnKindFile {
  /** The text of its schema, by which the playbook was checked. */
  readonly schema: string;
}

/** A file as it was when the run began; `source`: an environment that the run's own reads from, `world`: the sandbox of a drill, `backup`: what is proven. */
export interface SourceText {
  readonly role: 'playbook' | 'called' | 'environment' | 'source' | 'world' | 'backup';
  readonly path: string;
  readonly text: string;
  readonly sha256: string;
}

/** Whether it is a playbook, and not an environment or a world. */
export const isPlaybook = ({ role }: SourceText): boolean => role === 'playbook' || role === 'called';

/** The sandbox is up. `address` is what `resume` attaches to; a later one replaces it. */
export interface WorldStarted {
  readonly type: 'world.started';
  readonly address: Json;
  /** The environment that the world made of itself: its ids and ports are known only now. */
  readonly environment: SourceText;
}

export interface FaultInjected {
  readonly type: 'fault.injected';
  readonly fault: string;
  readonly description: string;
  /** What expressions see as `fault`: `at` and whatever the fault tells. Encoded. */
  readonly output: Json;
  /** Which of the faults of the rehearsal, from 1; absent for the first. */
  readonly number?: number;
}

/** A check was run against the broken world before the recovery. `green` proves nothing about the check. */
export interface CheckProved {
  readonly type: 'check.proved';
  readonly step: string;
  /** The same check of a playbook that is called from several places: the others. Absent in journals of before. */
  readonly alsoAt?: readonly string[];
  readonly title: string;
  readonly verdict: 'red' | 'green' | 'notAimable';
  readonly reading: string;
}

export interface InputAnswered {
  readonly type: 'input.answered';
  readonly scope: string;
  readonly name: string;
  readonly value: Json;
  readonly by: string;
}

export interface RunFinished {
  readonly type: 'run.finished';
  readonly outcome: RunOutcome;
  readonly reason?: string;
}

/** `failedVerification`: ran to the end, but a check of the result was red. */
export type RunOutcome = 'succeeded' | 'failedVerification' | 'failed' | 'aborted';

/** From here on undos, then debts, then `always` run; nothing else. Resume goes on with them. */
export interface AbortBegun {
  readonly type: 'abort.begun';
  readonly reason: string;
  readonly by: string;
  readonly undo: boolean;
}

export interface StepStarted {
  readonly type: 'step.started';
  readonly key: string;
  readonly title: string;
  readonly kind: string;
  readonly effect: Effect;
  /** The kind's one line. */
  readonly describe: string;
  /** The resolved `with`, redacted. */
  readonly args: Json;
  /** SHA-256 of kind and resolved `with`: an approval is bound to it. */
  readonly digest: string;
  readonly expectMs?: number;
  readonly timeoutMs?: number;
  /** All its wait is `external`, also while no process drives the run. */
  readonly park?: boolean;
}

/** What the step does from here on, for the time classes. */
export interface StepActivity {
  readonly type: 'step.activity';
  readonly key: string;
  readonly class: 'machine' | 'external' | 'retry';
  readonly reason?: string;
  readonly modelledMs?: number;
  readonly modelledBy?: string;
}

export interface StepAttemptFailed {
  readonly type: 'step.attemptFailed';
  readonly key: string;
  readonly attempt: number;
  readonly error: Failure;
  readonly nextInMs?: number;
}

export interface StepCheckpoint {
  readonly type: 'step.checkpoint';
  readonly key: string;
  readonly data: Json;
}

/** Found started and not finished; what was found out about it. */
export interface StepInDoubt {
  readonly type: 'step.inDoubt';
  readonly key: string;
  readonly verdict: 'happened' | 'notHappened' | 'reattach' | 'unknown' | 'repeatable';
  readonly reason?: string;
}

export interface StepFinished {
  readonly type: 'step.finished';
  readonly key: string;
  readonly title: string;
  /** What happened: one of `StepOutcome` or a name of the step's `outcomes`. */
  readonly outcome: StepOutcome | (string & {});
  /** What the run makes of it, after `onFailure` and the operator. */
  readonly conclusion: 'ok' | 'failed' | 'tolerated';
  /** Set for a failed check of the result: the run ends as failedVerification at best. */
  readonly verification?: boolean;
  readonly output?: Json;
  readonly error?: Failure;
  readonly reason?: string;
  readonly by?: string;
  /** The operator gave up the item of the loop around with it. */
  readonly givesUp?: boolean;
}

export type StepOutcome =
  | 'succeeded'
  | 'failed'
  | 'skipped'
  | 'alreadyDone'
  | 'byHand'
  | 'declined'
  | 'accepted'
  | 'timedOut'
  | 'cancelled'
  | TableOutcome;

export interface TargetRebound {
  readonly type: 'target.rebound';
  readonly key: string;
  readonly path: string;
  readonly target: Json;
}

/** The wall clock moved against the monotonic one. */
export interface ClockJumped {
  readonly type: 'clock.jumped';
  readonly byMs: number;
  /** How long the machine slept meanwhile; absent in journals that did not ask. The rest is a clock that was set. */
  readonly sleptMs?: number;
}

/** The end of the journal was damaged when it was opened. */
export interface JournalRepaired {
  readonly type: 'journal.repaired';
  /** Of a torn last line, which was cut off. */
  readonly bytes: number;
  /** What the head file named, where events that it named were lost; null when there was no head file to tell. */
  readonly head?: { readonly seq: number; readonly hash: string } | null;
}
