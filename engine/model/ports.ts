import { Control } from './control.ts';
import type { WaitsFor } from './life-event.ts';
import type { Value, ValueMap } from '../base/value.ts';
import type { Event, EventBody } from './event.ts';
import type { ApprovalsAsked } from './approval.ts';
import type { Inbox, Sent } from './message.ts';
import type { Signal } from './signal.ts';
import type { Effect, Input, SecretOutput } from './playbook.ts';
import type { Expression, Template } from './template.ts';

export type { Inbox } from './message.ts';

/** Where events go. Durable when it resolves; several bodies cost one fsync. Redacts before it writes. */
export interface Journal {
  append(...bodies: readonly EventBody[]): Promise<readonly Event[]>;
}

/** The right to write to the environment, which one run has at a time. */
export interface Lease {
  giveBack(): Promise<void>;
  /** Who has it instead, in words; undefined when this run has it again. */
  takeBack(): Promise<string | undefined>;
}

/** Secrets that a run keeps for its later lives, sealed with a key that lies elsewhere. Both reject in words. */
export interface Vault {
  /** Durable when it resolves. */
  keep(step: string, path: string, secret: string): Promise<void>;
  /** Undefined when none was kept. Rejects when the key is missing or does not open it. */
  recall(step: string, path: string): Promise<string | undefined>;
}

/** A file that was copied into the run's folder. */
export interface Attachment {
  /** Its name there. */
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Whoever wants to see a run: the screens, `--json`. Only ever told what is durable. */
export interface View {
  event(event: Event): void;
  signal(signal: Signal): void;
}

/** What names stand for while an expression is evaluated. */
export type Scope = ValueMap;

/** Expressions, without the interpreter knowing the language. */
export interface Evaluator {
  /** Throws `EvaluationError`. */
  evaluate(expression: Expression, scope: Scope): Value;
  render(template: Template, scope: Scope): Value;
  /** Like `evaluate`, and the value must be a boolean. */
  test(expression: Expression, scope: Scope): boolean;
  /** Whether it asks for this name, or for a member of it (`inputs.at`): by what it says, not by how it reads. */
  asksFor(expression: Expression, name: string): boolean;
  /** What it asks for: `inputs.at`, or `inputs` where it asks for all of them, or for one that is known only when it is evaluated. */
  namesIn(expression: Expression): readonly string[];
}

/** An expression failed on these values: with what it was, and where it stands. */
export class EvaluationError extends Error {
  override readonly name = 'EvaluationError';
  readonly expression: Expression;

  constructor(message: string, expression: Expression, cause?: unknown) {
    super(message, { cause });
    this.expression = expression;
  }
}

/** The sandbox, as a rehearsal needs it. */
export interface RehearsalWorld {
  /** Waits until the world is worth breaking: the application writes, backups work. */
  baseline(): Promise<void>;
  /** Breaks it, or one part of it. The output holds `at`, the moment from which on it was broken. */
  inject(
    uses: string,
    args: ValueMap,
    part?: string,
  ): Promise<{ readonly description: string; readonly output: ValueMap }>;
}

/** Whoever answers: a person at a terminal, or the answers of a rehearsal. */
export interface Operator {
  /** As the journal names them. */
  readonly name: string;
  /** Rejects with `OperatorNeeded` when nobody is there, with the signal's reason when it aborts. */
  ask(question: Question, signal: AbortSignal): Promise<Answer>;
  /**
   * What was given beforehand for a question that has its answer already: the answer is corrected.
   * Undefined for none. Rejects with `OperatorNeeded` what is no answer to it.
   */
  correction?(question: InputQuestion): Value | undefined;
  /**
   * Beside all other questions, as long as the signal has not aborted: resolves when the operator
   * wants to leave what goes on for another branch. An operator without it can do so at questions only.
   */
  wantsOtherBranch?(title: string, signal: AbortSignal): Promise<void>;
  /** The same for a step that waits for others: resolves when the operator will not wait any longer. */
  wantsToStopWaiting?(title: string, signal: AbortSignal): Promise<void>;
}

/** Why a run is paused by the worker that has it: any other goes on with it, or a person who answers. */
export class HandedOver extends Error {
  override readonly name = 'HandedOver';
  readonly waitsFor: WaitsFor;
  /** What the person is asked. */
  readonly asks: string | undefined;

  constructor(message: string, waitsFor: WaitsFor, asks?: string) {
    super(message);
    this.waitsFor = waitsFor;
    this.asks = asks;
  }
}

/** A question was asked and nobody can answer it: exit code 4. */
export class OperatorNeeded extends Control {
  override readonly name = 'OperatorNeeded';
  readonly question: Question;

  constructor(question: Question) {
    const failed = question.type === 'failure' ? ` failed: ${question.error.message}` : '';
    const why = question.type === 'input' && question.why !== undefined ? `: ${question.why}` : '';
    super(`an operator is needed: ${question.title}${failed}${why}`);
    this.question = question;
  }
}

export type Question =
  | GateQuestion
  | ManualQuestion
  | FailureQuestion
  | DoubtQuestion
  | InputQuestion
  | BranchQuestion
  | DebtQuestion
  | TabletopQuestion;

interface QuestionBase {
  /** Step key, or `input/<name>`. */
  readonly key: string;
  /** The id of the step as its author wrote it, for answers given beforehand. */
  readonly id: string;
  readonly title: string;
  /** What may be answered, in the order to offer. The first is what Enter gives, where Enter gives anything. */
  readonly choices: readonly AnswerName[];
  /** The step's own why, links and contacts: what a tired person wants to read. */
  readonly why?: string;
  /** Names of output members that later steps need: asked for when it was done by hand. */
  readonly outputs?: readonly string[];
  /** Which parts of them are secret: not shown while they are typed, and never written down. */
  readonly secretOutput?: readonly SecretOutput[];
  /** Who may say yes to it, where the environment names them. */
  readonly role?: RoleAsked;
}

/** A role, and the names of those who have it in the environment. */
export interface RoleAsked {
  readonly name: string;
  readonly people: readonly string[];
}

/** Before an effect. */
export interface GateQuestion extends QuestionBase {
  readonly type: 'gate';
  readonly message: string;
  readonly describe: string;
  readonly effect: Effect;
  /** The `with` that the operator gave for another try. */
  readonly values?: Readonly<Record<string, string>>;
  /** It is said only to read, and nothing holds it to that. */
  readonly believed?: true;
  readonly typed?: string;
  readonly targets: readonly {
    readonly name: string;
    readonly verdict: string;
    readonly facts: Readonly<Record<string, string>>;
  }[];
  readonly byHand?: string;
  readonly voidsUndo: boolean;
  /** One of them says go, or whoever performs names the one who did. */
  readonly role?: RoleAsked;
  /** Who else has to approve it before anybody may say go. */
  readonly approvals?: ApprovalsAsked;
  /** The role that does it, and who that is in this environment. */
  readonly by?: string;
}

/** Something that a person does. */
export interface ManualQuestion extends QuestionBase {
  readonly type: 'manual';
  readonly instructions: string;
  readonly items: readonly string[];
  readonly by?: string;
  /** The effect is watched: an answer may never be needed. */
  readonly watched: boolean;
}

export interface FailureQuestion extends QuestionBase {
  readonly type: 'failure';
  readonly describe: string;
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly hint?: string;
    readonly changed: string;
  };
  readonly attempt: number;
  /** Who is called next, where time has run out: the answer `escalate` says that they were called. */
  readonly escalation?: { readonly level: number; readonly who: string };
  /** The resolved `with`, for «retry with other values». */
  readonly args: ValueMap;
}

/** Started in an earlier life of the run and not finished; nobody knows whether it happened. */
export interface DoubtQuestion extends QuestionBase {
  readonly type: 'doubt';
  readonly describe: string;
  readonly reason: string;
}

export interface InputQuestion extends QuestionBase {
  readonly type: 'input';
  readonly input: Input;
  /** Above the options, where they have columns. */
  readonly heading?: string;
  /** Moments of which one can be taken instead of typing it. */
  readonly offers?: readonly { readonly label: string; readonly value: Value }[];
  readonly default?: Value;
  /** Undefined when the value is fine, else what is wrong with it. */
  readonly check: (value: Value) => string | undefined;
}

export interface BranchQuestion extends QuestionBase {
  readonly type: 'branch';
  readonly branches: readonly { readonly name: string; readonly title: string }[];
  readonly default?: string;
}

export interface DebtQuestion extends QuestionBase {
  readonly type: 'debt';
  readonly describe: readonly string[];
}

/** What a step would do, and whether people would do it so: nothing of it is carried out. */
export interface TabletopQuestion extends QuestionBase {
  readonly type: 'tabletop';
  readonly describe: string;
  readonly effect: Effect;
  /** What it would be done to, as the environment names it. */
  readonly targets: readonly string[];
  /** What people would do or tick off; empty where the step is not theirs. */
  readonly items: readonly string[];
  /** What the step asks before its effect. */
  readonly message?: string;
  readonly expectMs?: number;
  /** The command that would do the same by hand. */
  readonly byHand?: string;
  readonly by?: string;
}

export type AnswerName =
  | 'go'
  | 'done'
  | 'decline'
  | 'byHand'
  | 'retry'
  | 'retryWith'
  | 'accept'
  | 'skip'
  /** The item of the loop around is given up, and the others go on. */
  | 'giveUp'
  | 'undo'
  | 'escalate'
  | 'happened'
  | 'notHappened'
  | 'value'
  | 'branch'
  | 'pay'
  | 'leave'
  /** At a tabletop: it would be done as the step says. */
  | 'would'
  /** At a tabletop: people would do something else, which is the reason. */
  | 'otherwise'
  /** What this question is about is left for another branch of the choice around it. */
  | 'switch'
  /** An earlier answer is put right first. */
  | 'correct'
  /** Nothing of this kind: the question before it is asked again. */
  | 'back'
  /** One of those whom it needs has approved it. */
  | 'approve'
  | 'note'
  | 'pause'
  | 'abort';

export interface Answer {
  readonly answer: AnswerName;
  /** Demanded with decline, byHand, accept, skip, giveUp, otherwise and abort. */
  readonly reason?: string;
  /** For `go` at a gate that wants a name: that name as `typed`; at one of a role: who said it, as `saidBy`. For `value`: the value as `value`. For `branch`: its name as `branch`. For `byHand`: outputs. For `retryWith`: the `with`. For `note`: `text`. */
  readonly values?: ValueMap;
  /** Who gave it, where that was not the operator; and what it came as. */
  readonly from?: { readonly person: string; readonly sent: Sent };
  /** Of an approval: how long it counts, in microseconds since the epoch. */
  readonly until?: number;
}

const NEEDS_REASON: ReadonlySet<AnswerName> = new Set<AnswerName>([
  'decline',
  'byHand',
  'accept',
  'skip',
  'giveUp',
  'otherwise',
  'abort',
]);

/** Whether an answer has to say why. */
export const needsReason = (answer: AnswerName): boolean => NEEDS_REASON.has(answer);

/** What a run reads of the inbox that people leave messages in. */
export type Messages = Pick<Inbox, 'messages'>;
