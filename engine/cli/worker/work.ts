import type { WorkerRows, WorkerSelf } from '../../journal/postgres/worker-rows.ts';
import type { Store } from '../../journal/store.ts';
import type { Environment } from '../../model/environment.ts';
import { systemClock } from '../clock.ts';
import { EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import type { Child, ChildOptions } from './child.ts';
import { startChild } from './child.ts';
import { startEngine } from './engine.ts';
import { hasMonitors } from './monitors.ts';
import { BEAT_MS, newSelf, takeFromTheDead } from './heart.ts';
import { dueIn } from './due.ts';
import { leftToOthers, perform } from './perform.ts';
import { Queue, queueOf, readingQueueOf } from './queue.ts';
import { tellWaiting } from './tell-waiting.ts';
import { isAnswered, wakeAnswered } from './wake.ts';

export interface WorkOptions {
  readonly env: string;
  /** Absent for the sandbox. */
  readonly environment?: Environment;
  readonly playbooks: string;
  readonly store: Store;
  readonly address: string;
  readonly name?: string;
  readonly rows: WorkerRows;
  readonly tell: (line: string) => void;
  /** For what telling people writes. */
  readonly folder: string;
  /** Told each secret that a channel needs. */
  readonly onReveal: (text: string) => void;
}

/** Works until it is told to end. What it had begun is handed over, each at a safe point. */
export async function work(options: WorkOptions): Promise<ExitCode> {
  const { rows, tell } = options;
  const self = newSelf(options.env, options.name);
  const shift = new Shift(self, options);
  const queue = await Queue.at(options.address);
  // Seen before it takes anything: a worker that nobody sees counts as dead.
  await shift.beat();
  const engine = await startEngine({
    ...{ address: options.address, worker: self.id, environment: self.environment },
    carryOut: (run) => shift.carryOut(run),
    prove: (backup) => shift.read(`the proof of ${backup}`, ['prove', backup, '--reason', 'it was due']),
    lookForDue: () => askForDue(shift, queue, options),
    lookAtAlerts: () => lookAtAlerts(shift, options),
    trouble: (what) => tell(`The queue: ${what}`),
  });
  tell(`Worker ${self.name} takes what is asked for in ${self.environment}. Ctrl-C or SIGTERM ends it.`);
  const listening = shift.listen();
  try {
    while (!shift.isOver) {
      await beat(shift, queue, options);
      await shift.pause(BEAT_MS);
    }
    return EXIT.done;
  } finally {
    listening.release();
    await rows.leave(self.id).catch(() => undefined);
    await Promise.all([engine.stop(), queue.close()]);
  }
}

/** A database that cannot be reached for now is met by the next beat; leases decide what became of the runs. */
async function beat(shift: Shift, queue: Queue, options: WorkOptions): Promise<void> {
  const { rows, store, env, tell, environment, folder, onReveal } = options;
  try {
    await shift.beat();
    if (shift.isDraining) return;
    for (const { id, by } of await takeFromTheDead(rows, queue, [queueOf(env), readingQueueOf(env)]))
      tell(`${id} was left by ${by}, who is not heard of any more: it is in the queue again.`);
    for (const run of await wakeAnswered({ rows, store, queue }, env))
      tell(`${run} was answered: it is in the queue again.`);
    if (environment !== undefined) {
      const bench = { environment, store, folder, onReveal, signal: shift.draining };
      for (const untold of await tellWaiting(bench)) shift.tellOnce(untold);
    }
  } catch (error) {
    shift.tellOnce(`The store: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Asks for what the schedule says: a process that dies in between leaves the rest to the next look. */
async function askForDue(shift: Shift, queue: Queue, options: WorkOptions): Promise<void> {
  const { env, rows, tell } = options;
  try {
    for (const { key, playbook, backup, day } of await dueIn(env, options)) {
      tell(`${playbook} was due on ${day}: it is asked for.`);
      if (backup === undefined) {
        const drill = ['drill', playbook, '--env', env, '--reason', `due on ${day}`];
        await shift.read(`the drill ${playbook}`, [...drill, '--queue', '--key', key]);
      } else {
        await queue.putProof(key, backup, env);
        await rows.claim(key, backup);
      }
    }
  } catch (error) {
    tell(`The schedule: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Alerts of this environment, where there are any. */
async function lookAtAlerts(shift: Shift, { env, playbooks }: WorkOptions): Promise<void> {
  if (await hasMonitors(env, playbooks)) await shift.read('the alerts', ['monitor']);
}

/** What one worker has in hand. */
class Shift {
  readonly #self: WorkerSelf;
  readonly #options: WorkOptions;
  readonly #drain = new AbortController();
  readonly #children = new Map<string, Child>();
  #wake = (): void => undefined;
  #trouble = '';

  constructor(self: WorkerSelf, options: WorkOptions) {
    this.#self = self;
    this.#options = options;
  }

  get draining(): AbortSignal {
    return this.#drain.signal;
  }

  get isDraining(): boolean {
    return this.#drain.signal.aborted;
  }

  get isOver(): boolean {
    return this.isDraining && this.#children.size === 0;
  }

  beat(): Promise<void> {
    const doing = [...this.#children.keys()];
    return this.#options.rows.say(this.#self, { doing, draining: this.isDraining });
  }

  async carryOut(run: string): Promise<string> {
    const { rows, store, tell } = this.#options;
    const end = await perform(run, {
      ...{ name: this.#self.name, store, tell, clock: systemClock, draining: this.#drain.signal },
      isAnswered: (id) => isAnswered(id, rows, store),
      start: (id) => this.#start(id),
    });
    tell(`${run} rests: ${end}`);
    return end;
  }

  /** What is found anew with each beat is said when it begins. */
  tellOnce(trouble: string): void {
    if (trouble !== this.#trouble) this.#options.tell(trouble);
    this.#trouble = trouble;
  }

  /** Does what only reads in a process of its own, and says how it ended. One that is broken off is done again. */
  async read(what: string, args: readonly string[]): Promise<string> {
    const { exitCode } = await this.#startAs(what, args, 'signals').ended;
    if (this.isDraining && exitCode !== EXIT.done && exitCode !== EXIT.missed) return leftToOthers();
    this.#options.tell(`${what}: exit code ${exitCode ?? 'none'}`);
    return String(exitCode);
  }

  /** Once: nothing is taken any more, and what goes on ends at a safe point. Twice: its steps are stopped. */
  listen(): { release(): void } {
    const end = (): void => {
      const isFirst = !this.isDraining;
      this.#drain.abort(new Error('the worker ends'));
      this.#options.tell(
        isFirst
          ? `Ending: nothing more is taken. ${this.#inHand()} Once more stops the steps that go on.`
          : 'Stopping the steps that go on.',
      );
      for (const child of this.#children.values()) child.order(isFirst ? 'pause' : 'stop');
      this.#wake();
    };
    for (const signal of SIGNALS) process.on(signal, end);
    return {
      release: () => {
        for (const signal of SIGNALS) process.off(signal, end);
      },
    };
  }

  /** Until that time is over, or something has changed. */
  pause(millis: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, millis);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #start(run: string): Child {
    const child = this.#startAs(run, ['carry-out', run], 'orders');
    this.#options.tell(`${run} is carried out by process ${child.pid ?? '–'}.`);
    return child;
  }

  #startAs(what: string, args: readonly string[], obeys: ChildOptions['obeys']): Child {
    const { tell, playbooks, address } = this.#options;
    const child = startChild([...args, '--playbooks', playbooks], {
      // Not on its command line, which others can read.
      env: { DRILLBOOK_STORE: address },
      ...{ obeys, told: (line) => tell(`${what}  ${line}`) },
    });
    this.#children.set(what, child);
    void child.ended.then(() => {
      this.#children.delete(what);
      this.#wake();
    });
    return child;
  }

  #inHand(): string {
    const runs = [...this.#children.keys()];
    return runs.length === 0 ? 'Nothing goes on.' : `Handed over at a safe point: ${runs.join(', ')}.`;
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
