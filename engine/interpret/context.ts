import type { Clock } from '../base/clock.ts';
import { Instant } from '../base/instant.ts';
import type { Value, ValueMap } from '../base/value.ts';
import type { Environment } from '../model/environment.ts';
import type { Event, EventBody } from '../model/event.ts';
import type { Signal } from '../model/signal.ts';
import type { SecretResolver } from '../model/handle.ts';
import type { Node, Playbook, Step } from '../model/playbook.ts';
import type { Evaluator, Journal, Operator } from '../model/ports.ts';
import type { RunMode, StepKind, StepTable } from '../model/stepkind.ts';
import { Paused } from './control.ts';
import type { Frame } from './frame.ts';
import { Log } from './log.ts';
import { rebound } from './rebind.ts';
import { RunSecrets } from './secrets.ts';

export interface RunOptions {
  readonly playbook: Playbook;
  readonly environment: Environment;
  readonly mode: RunMode;
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
  /** What expressions see as `fault`. */
  readonly fault?: ValueMap;
  /** Told of each secret that a step's `secretOutput` names, so that the journal never holds it. */
  readonly conceal?: (secret: string) => void;
  /** Events to write before the last one: what a sandbox counts when the recovery is over. */
  readonly closing?: () => Promise<readonly EventBody[]>;
}

/** A debt or undo of this run, with what its steps can see. */
export interface Owed {
  readonly key: string;
  readonly step: Step;
  /** Sees the targets as they were when the step ran. */
  readonly frame: Frame;
}

/** What the parts of the interpreter share in one life of a run. */
export class RunContext {
  readonly options: RunOptions;
  readonly log: Log;
  readonly secrets: RunSecrets;
  /** In the order in which they were opened; what became of each is in `log.state.debts`. */
  readonly owed: Owed[] = [];
  /** `always` of called playbooks that an abort left unfinished, outermost first. */
  readonly leftOpen: Frame[] = [];
  readonly walk: (nodes: readonly Node[], frame: Frame) => Promise<void>;
  /** When the run began, in its first life. */
  readonly startedAt: Instant;
  readonly #kinds = new Map<string, StepKind>();
  #environment: Environment;

  constructor(
    options: RunOptions,
    walk: (run: RunContext, nodes: readonly Node[], frame: Frame) => Promise<void>,
  ) {
    this.options = options;
    this.log = new Log(options.journal, options.history);
    this.secrets = new RunSecrets(options.secrets, options.conceal);
    this.walk = (nodes, frame) => walk(this, nodes, frame);
    this.#environment = options.environment;
    const { startedAt } = this.log.state;
    this.startedAt = startedAt === undefined ? options.clock.now() : new Instant(startedAt);
  }

  /** The environment with the targets as the steps so far have replaced them. */
  get environment(): Environment {
    return this.#environment;
  }

  rebind(path: string, target: Value): void {
    this.#environment = { ...this.#environment, data: rebound(this.#environment.data, path, target) };
  }

  async kind(name: string): Promise<StepKind> {
    const known = this.#kinds.get(name);
    if (known !== undefined) return known;
    const kind = await this.options.steps.load(name);
    this.#kinds.set(name, kind);
    return kind;
  }

  /** Where a run may stop: nothing is under way, and nothing has begun that is not journaled. */
  safePoint(): void {
    const { pause, stop } = this.options;
    if (stop.aborted) throw new Paused('stopped');
    if (pause.aborted) throw new Paused('interrupted');
  }
}
