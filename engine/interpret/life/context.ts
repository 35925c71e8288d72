import type { Clock } from '../../base/clock.ts';
import type { Duration } from '../../base/duration.ts';
import { Instant } from '../../base/instant.ts';
import type { Value, ValueMap } from '../../base/value.ts';
import type { Environment } from '../../model/environment.ts';
import type { Event, LossCounted } from '../../model/event.ts';
import type { Signal } from '../../model/signal.ts';
import type { SecretResolver } from '../../model/handle.ts';
import type { Node, Playbook, Rehearsal, Step } from '../../model/playbook.ts';
import type {
  Attachment,
  Evaluator,
  Journal,
  Lease,
  Messages,
  Operator,
  RehearsalWorld,
  Vault,
} from '../../model/ports.ts';
import type { RunMode, StepContext, StepKind, StepTable } from '../../model/kind.ts';
import type { Mode } from '../../model/mode.ts';
import { Answers } from './answers.ts';
import { Paused } from './control.ts';
import type { Cancelled, Halt, Replayed } from './control.ts';
import type { Frame } from './frame.ts';
import { Log } from './log.ts';
import { rebound } from './rebind.ts';
import { RunSecrets } from './secrets.ts';
import { Turns } from './turns.ts';

export interface RunOptions {
  readonly playbook: Playbook;
  readonly environment: Environment;
  readonly mode: Mode;
  readonly runId: string;
  /** The run's folder, for what steps may write. */
  readonly folder: string;
  readonly journal: Journal;
  /** Every event of the run so far, `run.started` first. A run that has history goes on where it stood. */
  readonly history: readonly Event[];
  readonly steps: StepTable;
  readonly evaluator: Evaluator;
  readonly operator: Operator;
  readonly clock: Clock;
  readonly secrets: SecretResolver;
  readonly signal: (signal: Signal) => void;
  /** Pauses at the next safe point. */
  readonly pause: AbortSignal;
  /** Stops the step that runs, and so the run, which can be resumed. */
  readonly stop: AbortSignal;
  /** Of a drill that breaks something. */
  readonly rehearsal?: Rehearsal;
  /** Absent where it breaks what no sandbox is: by steps alone. */
  readonly world?: RehearsalWorld;
  /** What expressions see as `fault`. */
  readonly fault?: ValueMap;
  /** What the rest of the run will take, as one would say it. Undefined while nothing is known; absent where nobody forecasts. */
  readonly expected?: () => Duration | undefined;
  /** Told of each secret that a step's `secretOutput` names, so that the journal never holds it. */
  readonly conceal?: (secret: string) => void;
  /** Keeps the secrets that steps say are to be kept. */
  readonly vault?: Vault;
  /** What people say to the run from elsewhere; absent where nobody can. */
  readonly inbox?: Messages;
  /** Nobody is at the run's terminal, and it does not end for that: whoever answers does so from elsewhere. */
  readonly waits?: boolean;
  /** Absent where no other run could be in the way. */
  readonly lease?: Lease;
  /** What a step said in earlier runs of a playbook in this environment. */
  readonly earlier?: NonNullable<StepContext['earlier']>;
  /** Copies a file into the run's folder, under a name that tells the step. Rejects when it cannot. */
  readonly attach?: (key: string, path: string) => Promise<Attachment>;
  /** Holds what was acknowledged against what was recovered, once the recovery is over. Rejects when it cannot. */
  readonly countLoss?: () => Promise<LossCounted>;
}

/** What an undo belongs to: a step, or a call or a loop as a whole. */
export type Owner = Pick<Step, 'id' | 'title' | 'undo' | 'rebind' | 'timeoutMs'>;

/** A debt or undo of this run, with what its steps can see. */
export interface Owed {
  readonly key: string;
  readonly step: Owner;
  /** Sees the targets as they were when the step ran. */
  readonly frame: Frame;
  /** Of undos with the same one, only the first is owed. */
  readonly identity?: string;
}

/** What all branches of a run have in common. */
interface Shared {
  environment: Environment;
  readonly kinds: Map<string, StepKind>;
  readonly turns: Turns;
  readonly answers: Answers;
  beforeWrites?: () => Promise<void>;
  afterSteps?: (key: string) => Promise<void>;
  readyToWrite?: Promise<void> | undefined;
}

/** The part of a run that another one is within. */
interface Around {
  readonly run: RunContext;
  readonly halt: Halt;
  /** A list of its own for what is left open in it. */
  readonly leftOpen?: Frame[];
  /** Leaves it for another branch of the choice that it is a branch of. */
  readonly leave?: (by: string, reason: string | undefined) => Promise<void>;
}

type Walk = (run: RunContext, nodes: readonly Node[], frame: Frame) => Promise<void>;

/** What the parts of the interpreter share in one life of a run; each branch side by side has one of its own. */
export class RunContext {
  readonly options: RunOptions;
  readonly log: Log;
  readonly secrets: RunSecrets;
  /** In no order: the journal has that in which they were opened, and what became of each. */
  readonly owed: Owed[];
  /** `always` of called playbooks that an abort left unfinished, outermost first. */
  readonly leftOpen: Frame[];
  readonly walk: (nodes: readonly Node[], frame: Frame) => Promise<void>;
  /** When the run began, in its first life. */
  readonly startedAt: Instant;
  readonly #walk: Walk;
  readonly #shared: Shared;
  readonly #around: Around | undefined;

  constructor(options: RunOptions, walk: Walk, around?: Around) {
    const outer = around?.run;
    this.options = options;
    this.log = outer?.log ?? new Log(options.journal, options.history);
    this.secrets = outer?.secrets ?? new RunSecrets(options.secrets, options.conceal);
    this.owed = outer?.owed ?? [];
    this.leftOpen = around?.leftOpen ?? outer?.leftOpen ?? [];
    this.walk = (nodes, frame) => walk(this, nodes, frame);
    const { startedAt } = this.log.state;
    this.startedAt =
      outer?.startedAt ?? (startedAt === undefined ? options.clock.now() : new Instant(startedAt));
    this.#walk = walk;
    this.#shared =
      outer !== undefined
        ? outer.#shared
        : {
            environment: options.environment,
            kinds: new Map(),
            turns: new Turns(),
            answers: new Answers(),
          };
    this.#around = around;
  }

  /** The same run for a part of it that can be told to end before the rest. */
  within(halt: Halt, more: Omit<Around, 'run' | 'halt'> = {}): RunContext {
    const pause = AbortSignal.any([this.options.pause, halt.signal]);
    return new RunContext({ ...this.options, pause }, this.#walk, { run: this, halt, ...more });
  }

  /** The environment with the targets as the steps so far have replaced them. */
  get environment(): Environment {
    return this.#shared.environment;
  }

  /** What a step is carried out in, and a target asked for. No way leads there from a tabletop; one that did ends here. */
  get modeOfSteps(): RunMode {
    const { mode } = this.options;
    if (mode === 'tabletop') throw new Error('a tabletop carries out no step, and asks no target');
    return mode;
  }

  rebind(path: string, target: Value): void {
    const { environment } = this.#shared;
    this.#shared.environment = { ...environment, data: rebound(environment.data, path, target) };
  }

  /** What is done once in this life of the run, before its first step that changes something. */
  beforeWrites(look: () => Promise<void>): void {
    this.#shared.beforeWrites = look;
  }

  /** What is done whenever a step has ended or was passed over, before the next one begins. */
  afterSteps(look: (key: string) => Promise<void>): void {
    this.#shared.afterSteps = look;
  }

  async stepEnded(key: string): Promise<void> {
    await this.#shared.afterSteps?.(key);
  }

  async readyToWrite(): Promise<void> {
    await (this.#shared.readyToWrite ??= this.#shared.beforeWrites?.());
  }

  async kind(name: string): Promise<StepKind> {
    const { kinds } = this.#shared;
    const known = kinds.get(name);
    if (known !== undefined) return known;
    const kind = await this.options.steps.load(name);
    kinds.set(name, kind);
    return kind;
  }

  /** Waits for its turn to ask the operator: questions of branches side by side come one at a time. */
  turn(signal: AbortSignal): Promise<(() => void) | undefined> {
    return this.#shared.turns.take(signal);
  }

  /** Why this part of the run is to end at its next safe point, if it is. */
  interruption(): Paused | Cancelled | Replayed | undefined {
    if (this.#around !== undefined) return this.#around.run.interruption() ?? this.#around.halt.reason;
    const { pause, stop } = this.options;
    if (stop.aborted) return new Paused('stopped');
    return pause.aborted ? new Paused('interrupted') : undefined;
  }

  /** How to leave for another branch of the nearest choice around that leaves it to the operator. */
  get leave(): Around['leave'] {
    return this.#around?.leave ?? this.#around?.run.leave;
  }

  /** Where a run may stop: nothing is under way, and nothing has begun that is not journaled. */
  safePoint(): void {
    const interruption = this.interruption();
    if (interruption !== undefined) throw interruption;
  }

  /** What was answered, for whoever wants to put it right. */
  get answers(): Answers {
    return this.#shared.answers;
  }

  /** The run as a whole, which ends when nothing of it is left. */
  get root(): RunContext {
    return this.#around?.run.root ?? this;
  }

  /** The part around that goes on when this one is told to end: it ends what must not be left half done. */
  get goingOn(): RunContext {
    return this.#around === undefined || this.interruption() === undefined ? this : this.#around.run.goingOn;
  }
}
