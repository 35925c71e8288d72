import type { Approvals } from './approval.ts';
import type { SourceFile, Span } from '../source/file.ts';
import type { JoinRule, OnFailure, WhenLost } from './failure-rules.ts';
import type { Objectives, RpoObjective } from './objectives.ts';
import type { InjectOf, PartFault } from './inject.ts';
import type { Expression, LetEntry, Template, TemplateEntry } from './template.ts';

export type Priority = 'critical' | 'high' | 'medium' | 'low';

export interface Playbook {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly owner?: string;
  readonly priority?: Priority;
  /** `YYYY-MM-DD`. */
  readonly reviewed?: string;
  readonly nextReview?: string;
  readonly symptoms: readonly string[];
  readonly links: readonly Link[];
  /** What the environment must provide: `databases.main`. */
  readonly needs: readonly string[];
  readonly objectives: Objectives;
  readonly inputs: readonly Input[];
  /** Computed values, read as `vars.<name>`: evaluated where they are used, each may use those before it. */
  readonly let: readonly LetEntry[];
  readonly detect: readonly Probe[];
  readonly rehearsals: readonly Rehearsal[];
  readonly steps: readonly Node[];
  readonly always: readonly Node[];
  readonly outputs: readonly TemplateEntry[];
  /** By the id of a step: the members of its output that are asked for without asking whether they are there. */
  readonly needed: ReadonlyMap<string, ReadonlySet<string>>;
  readonly file: SourceFile;
}

export interface Link {
  readonly title: string;
  readonly url: string;
}

export interface Input {
  readonly name: string;
  readonly prompt: string;
  readonly type: InputType;
  /** For `choice`: value and what it says. */
  readonly options: readonly { readonly value: string; readonly label: string }[];
  /** For `time`: moments that can be taken without typing them. */
  readonly offers?: readonly { readonly label: string; readonly value: Template }[];
  readonly default?: Template;
  /** May say `value` for what was answered. */
  readonly check?: Assertion;
  readonly span: Span;
}

export const INPUT_TYPES = [
  'text',
  'time',
  'duration',
  'number',
  'boolean',
  'choice',
  'list',
  'secret',
] as const;

export type InputType = (typeof INPUT_TYPES)[number];

/** A read-only step kind and what must hold of its `output`. */
export interface Probe {
  readonly uses: string;
  readonly with: Template;
  readonly that: Expression;
  readonly else?: Template;
  readonly span: Span;
}

export interface Rehearsal {
  readonly name: string;
  readonly title?: string;
  /** What breaks, in this order. None for `none`: nothing breaks, the rehearsal proves a backup. */
  readonly faults: readonly Fault[];
  /** Names of the environments in which it may run; `sandbox` unless it says so. */
  readonly environments: readonly string[];
  /** What surprises people in mid-run. */
  readonly injects: readonly Inject[];
  /** Answers by input name, by step id (gates, manual steps, choices) or `*` for every gate. */
  readonly answers: readonly TemplateEntry[];
  readonly span: Span;
}

export type Fault = PartFault | StepsFault;

export type Inject = InjectOf<Fault>;

/** Steps break something, where there is no world: those of a bare playbook, whose `always` puts right what they broke. */
export interface StepsFault {
  readonly type: 'steps';
  readonly playbook: Playbook;
  readonly span: Span;
}

/** What a playbook's steps are made of. */
export type Node = Phase | Step | Call | Choose | Parallel | ForEach | Repeat;

export interface Phase {
  readonly type: 'phase';
  /** Unique among its siblings; derived from the title. */
  readonly id: string;
  readonly title: string;
  readonly when?: Expression;
  readonly steps: readonly Node[];
  readonly span: Span;
}

/** What every step carries, whichever its kind. */
interface StepBase {
  /** As written, or derived from the place (`step3`) when the author gave none: then nothing can refer to it. */
  readonly id: string;
  readonly named: boolean;
  readonly title: string;
  readonly why?: string;
  /** The role that does it. */
  readonly by?: string;
  readonly when?: Expression;
  readonly links: readonly Link[];
  readonly span: Span;
}

export interface Step extends StepBase {
  readonly type: 'step';
  /** The step kind. */
  readonly uses: string;
  readonly usesSpan: Span;
  readonly with: Template;
  readonly confirm?: Confirm;
  /** Holds already → the step is skipped as done. */
  readonly guard?: Condition;
  /** Must hold, evaluated after the gate and directly before the effect. */
  readonly require: readonly Condition[];
  readonly until?: Until;
  readonly assert: readonly Assertion[];
  /** The step must fail, and in this way (`error.code == "NoSuchBucket"`). */
  readonly expectFailure?: Expression;
  /** Named results that are answers and not crashes; the first that holds names the outcome. */
  readonly outcomes: readonly { readonly name: string; readonly that: Expression }[];
  /** Evidence by name: `recoveryPoint`, `newestLost`, `missingBefore` and `rowsLost` feed the RPA. */
  readonly record: readonly TemplateEntry[];
  readonly mark: readonly string[];
  /** Environment path (`databases.main`) → what replaces it for the rest of the run. */
  readonly rebind: readonly TemplateEntry[];
  readonly expectMs?: number;
  readonly timeoutMs?: number;
  readonly retry?: Retry;
  readonly onFailure?: OnFailure;
  readonly undo?: Undo;
  /** Files to keep with the run: a path, or a list of paths. */
  readonly attach?: Template;
  /** The step starts a process that lives until the run ends. */
  readonly background?: Background;
  /** What the step tells people is told again while the run lasts. */
  readonly remind?: Remind;
  /** It waits for others, may outlive the process, and leaves the environment to other runs meanwhile. */
  readonly park: boolean;
  /** Ends the round of this `repeat` once the step is done; another one begins. */
  readonly next?: string;
  /** Voids the undos of the steps before it. */
  readonly noReturn: boolean;
  /** Ids of the steps whose debts are paid when this step succeeds. */
  readonly settles: readonly string[];
  /** Answers that are taken away: `{ skip: never }`. */
  readonly answers: readonly { readonly answer: string; readonly allow: 'never' }[];
  /** Another aim for this check when it is proven red in the broken world. */
  readonly prove?: { readonly with: Template };
  /** What an unknown-effect kind (shell, http.request, sql.execute) says of itself. */
  readonly touches?: Template;
  readonly effect?: Effect;
  readonly idempotent: boolean;
  /** What of the output is secret: handles stand in its place before the journal sees it. */
  readonly secretOutput: readonly SecretOutput[];
}

export interface SecretOutput {
  /** Names of members, joined by `.`. */
  readonly path: string;
  /** Sealed in the run's folder, for a life of the run that no longer holds it. */
  readonly keep: boolean;
}

/** `uses: playbook` or `uses: part`: another playbook's steps, its declared outputs are this step's output. */
export interface Call extends StepBase {
  readonly type: 'call';
  readonly playbook: Playbook;
  readonly inputs: readonly TemplateEntry[];
  readonly onFailure?: OnFailure;
  /** Of the call as a whole, owed from its first step on. */
  readonly undo?: Undo;
}

/** One branch out of several, by expression (`pick`) or by the operator (`prompt`). Every branch gives the same outputs. */
export interface Choose extends StepBase {
  readonly type: 'choose';
  readonly prompt?: Template;
  readonly pick?: Expression;
  readonly default?: Expression;
  readonly branches: readonly Branch[];
}

export interface Branch {
  readonly name: string;
  readonly title: string;
  readonly when?: Expression;
  /** Replaces the playbook's once this branch is taken: another way out may promise less. */
  readonly rpo?: RpoObjective;
  readonly steps: readonly Node[];
  readonly outputs: readonly TemplateEntry[];
  readonly span: Span;
}

/** Branches side by side, joined at the end. */
export interface Parallel extends StepBase {
  readonly type: 'parallel';
  /** Their `outputs` are empty: steps inside of them are known afterwards. */
  readonly branches: readonly Branch[];
  /** When a branch fails: the others are cancelled, or go on to their ends. */
  readonly onFailure: JoinRule;
}

/** The same steps for each item of a list, several at once where that is said. */
export interface ForEach extends StepBase {
  readonly type: 'forEach';
  /** Gives a list, or an object whose entries are the items (`{ key, value }`). */
  readonly in: Template;
  /** A name for the item beside `item`. */
  readonly as?: string;
  /** Tells items apart in the journal; may say `item`. */
  readonly key?: Expression;
  readonly concurrency: number;
  readonly onFailure: JoinRule;
  /** Items that may fail without the loop failing. */
  readonly tolerate: number;
  /** Items that share one event: only for one step that reads or may be done twice. */
  readonly batch?: number;
  /** One gate for all items. */
  readonly confirm?: Confirm;
  readonly steps: readonly Node[];
  /** An item's output; absent where the only step's output is the item's. */
  readonly outputs?: readonly TemplateEntry[];
  /** What is said of a loop over several steps as a whole; beside a single step it is that step's. */
  readonly whole?: WholeLoop;
}

export interface WholeLoop {
  /** Set, and paid, when all items are done. */
  readonly mark: readonly string[];
  readonly settles: readonly string[];
  /** Owed from its first item on. */
  readonly undo?: Undo;
  /** Live time for all items together. */
  readonly timeoutMs?: number;
  /** What it leads to that more items fail than are tolerated. */
  readonly onFailure?: OnFailure;
}

/** Rounds of the same steps until the result is accepted. */
export interface Repeat extends StepBase {
  readonly type: 'repeat';
  readonly steps: readonly Node[];
  /** Holds after a round: it was the last. */
  readonly accept: Expression;
  readonly max: number;
  readonly pauseMs: number;
}

export type Effect = 'none' | 'read' | 'write' | 'destructive' | 'unknown';

export interface Confirm {
  readonly message: Template;
  /** What the operator must type, letter by letter. */
  readonly type?: Template;
  readonly onDecline?: OnFailure;
  readonly approvals?: Approvals;
}

export interface Assertion {
  readonly that: Expression;
  readonly else?: Template;
}

/** Over the step's own output when the step only reads, or over that of a read-only probe. Never repeats a write. */
export interface Condition {
  readonly that: Expression;
  readonly else?: Template;
  readonly probe?: { readonly uses: string; readonly with: Template };
}

export interface Until extends Condition {
  /** Holds → give up at once: this will not come right by waiting. */
  readonly failWhen?: Expression;
  readonly delayMs: number;
  readonly everyMs: number;
  readonly timeoutMs?: number;
  /** Readings in a row that must hold. */
  readonly stable: number;
  /** What the screen shows of a reading. */
  readonly show?: Template;
  readonly span: Span;
}

export interface Background {
  /** Holds once the process does what it is for; absent, that it has started is enough. */
  readonly ready?: Until;
  readonly whenLost: WhenLost;
}

export interface Remind {
  readonly everyMs: number;
  /** The mark with which it ends; absent: with the run. */
  readonly until?: string;
  /** What stands in place of members of the step's `with`. */
  readonly with: readonly TemplateEntry[];
  readonly span: Span;
}

export interface Retry {
  /** Attempts altogether. */
  readonly attempts: number;
  readonly delayMs: number;
  /** Factor from one pause to the next. */
  readonly backoff: number;
  /** Only when this holds of `error`. */
  readonly when?: Expression;
}

export interface Undo {
  /** `abort`: taken back when the run is aborted. `exit`: a debt, paid at the end whatever happened. */
  readonly at: 'abort' | 'exit';
  readonly pay: 'ask' | 'auto';
  readonly when?: Expression;
  readonly require: readonly Condition[];
  /** Of undos with an equal key only the first is kept: it knows what was there before all of them. */
  readonly key?: Template;
  readonly steps: readonly Node[];
}
