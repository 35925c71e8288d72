import type { WorkerRows, WorkerSelf } from '../../journal/postgres/worker-rows.ts';
import type { Store } from '../../journal/store.ts';
import { systemClock } from '../clock.ts';
import { EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import type { Child } from './child.ts';
import { startChild } from './child.ts';
import { startEngine } from './engine.ts';
import { BEAT_MS, newSelf, takeFromTheDead } from './heart.ts';
import { perform } from './perform.ts';
import { Queue, queueOf } from './queue.ts';

export interface WorkOptions {
  readonly env: string;
  readonly playbooks: string;
  readonly store: Store;
  readonly address: string;
  readonly name?: string;
  readonly rows: WorkerRows;
  readonly tell: (line: string) => void;
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
async function beat(shift: Shift, queue: Queue, { rows, env, tell }: WorkOptions): Promise<void> {
  try {
    await shift.beat();
    if (shift.isDraining) return;
    for (const { id, by } of await takeFromTheDead(rows, queue, [queueOf(env)]))
      tell(`${id} was left by ${by}, who is not heard of any more: it is in the queue again.`);
  } catch (error) {
    tell(`The store: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What one worker has in hand. */
class Shift {
  readonly #self: WorkerSelf;
  readonly #options: WorkOptions;
  readonly #drain = new AbortController();
  readonly #children = new Map<string, Child>();
  #wake = (): void => undefined;

  constructor(self: WorkerSelf, options: WorkOptions) {
    this.#self = self;
    this.#options = options;
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
    const { store, tell } = this.#options;
    const end = await perform(run, {
      ...{ name: this.#self.name, store, tell, clock: systemClock, draining: this.#drain.signal },
      start: (id) => this.#start(id),
    });
    tell(`${run} rests: ${end}`);
    return end;
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
    const { tell, playbooks, address } = this.#options;
    const child = startChild(['carry-out', run, '--playbooks', playbooks], {
      // Not on its command line, which others can read.
      env: { DRILLBOOK_STORE: address },
      told: (line) => tell(`${run}  ${line}`),
    });
    tell(`${run} is carried out by process ${child.pid ?? '–'}.`);
    this.#children.set(run, child);
    void child.ended.then(() => {
      this.#children.delete(run);
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
