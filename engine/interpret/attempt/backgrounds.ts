import type { ValueMap } from '../../base/value.ts';
import type { BackgroundChanged, StepFinished } from '../../model/event.ts';
import type { Background } from '../../model/playbook.ts';
import type { BackgroundProcess } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { readProbe } from './conditions.ts';
import { withLimits } from '../life/deadline.ts';
import { changesNothing } from '../life/effect.ts';
import { stepContext } from './execute.ts';
import { CODES } from '../../model/codes.ts';
import { isControl } from '../life/failures.ts';
import type { RunContext } from '../life/context.ts';
import type { Job, Resolved } from '../life/job.ts';
import { pollUntil } from './poll.ts';
import { resolveStep } from '../life/arguments.ts';
import { checkTargets } from '../safety/targets.ts';
import { messageOf } from '../life/text.ts';

/** Between the loss of a process and its next start; doubled from one to the next. */
const DELAY_MS = 1000;
const LONGEST_DELAY_MS = 30_000;
/** Starts in a row that fail before the run fails for it. */
const RESTARTS = 5;
/** A process that lived for so long had been started well. */
const SOUND_MS = 60_000;

/** A step's process that lives beside the run. */
interface Beside {
  readonly job: Job;
  readonly background: Background;
  /** While it is up. */
  process?: BackgroundProcess | undefined;
  restarting?: Promise<void>;
  restarts: number;
  /** Why the next step fails. */
  lost?: string | undefined;
  /** A step has failed because it was lost; the next step starts it anew. */
  told: boolean;
}

const ofRuns = new WeakMap<RunContext, Backgrounds>();

/** The processes beside this life of a run: the same ones for all its branches. */
export function backgroundsOf({ root }: RunContext): Backgrounds {
  const known = ofRuns.get(root) ?? new Backgrounds();
  ofRuns.set(root, known);
  return known;
}

/** The processes that live beside a run. None of them outlives this life of it. */
class Backgrounds {
  readonly #all = new Map<string, Beside>();
  readonly #starting = new Set<Promise<unknown>>();
  readonly #over = new AbortController();

  /** What a step with `background` does: it is done when the process is ready. */
  async begin(job: Job, resolved: Resolved, signal: AbortSignal): Promise<ValueMap> {
    const { background } = job.step;
    if (background === undefined) throw new Error('a step without a background');
    await this.#end(job.key);
    const beside: Beside = { job: lasting(job), background, restarts: 0, told: false };
    const running = await this.#start(beside, resolved, signal);
    this.#all.set(job.key, beside);
    this.#watch(beside, running);
    return {};
  }

  /** Starts anew what a step started in an earlier life of the run; an orphan of that life is ended first. */
  async resume(job: Job, { outcome }: StepFinished): Promise<void> {
    const { background } = job.step;
    if (background === undefined || outcome !== 'succeeded' || this.#all.has(job.key)) return;
    const beside: Beside = { job: lasting(job), background, restarts: 0, told: false };
    this.#all.set(job.key, beside);
    try {
      await this.#startAgain(beside);
    } catch (error) {
      if (isControl(beside.job.run, error)) throw error;
      this.#gone(beside, messageOf(error));
    }
  }

  /** Before a step begins: throws when a process is lost that must not be, once; then it is started anew. */
  async demand(job: Job): Promise<void> {
    for (const beside of this.#all.values()) {
      await beside.restarting;
      job.run.safePoint();
      if (beside.lost !== undefined && beside.told) await this.#revive(beside);
      if (beside.lost === undefined) continue;
      beside.told = true;
      const title = beside.job.step.title;
      throw new StepError(`the process in the background of "${title}" is lost: ${beside.lost}`, {
        code: CODES.background,
        hint: 'To try again is to start it again.',
      });
    }
  }

  /** Ends them all, newest first. From then on none is started. */
  async endAll(): Promise<void> {
    this.#over.abort();
    const restarting = [...this.#all.values()].map((beside) => beside.restarting);
    await Promise.allSettled([...this.#starting, ...restarting]);
    for (const key of [...this.#all.keys()].reverse()) await this.#end(key);
  }

  async #end(key: string): Promise<void> {
    const beside = this.#all.get(key);
    const running = beside?.process;
    if (beside === undefined || running === undefined) return;
    beside.process = undefined;
    try {
      await running.end();
      await tell(beside, { state: 'ended' });
    } catch (error) {
      if (isControl(beside.job.run, error)) throw error;
      await tell(beside, { state: 'left', reason: messageOf(error) });
    }
  }

  #start(beside: Beside, resolved: Resolved, signal: AbortSignal): Promise<BackgroundProcess> {
    const starting = startProcess(beside, resolved, AbortSignal.any([signal, this.#over.signal]));
    this.#starting.add(starting);
    const done = (): void => void this.#starting.delete(starting);
    starting.then(done, done);
    return starting;
  }

  async #startAgain(beside: Beside): Promise<void> {
    const { job } = beside;
    const resolved = await resolveStep(job);
    await checkTargets(job, resolved);
    const limits = { timeoutMs: job.step.timeoutMs, interruptible: true, changed: 'maybe' } as const;
    const running = await withLimits(job.run, limits, (signal) => this.#start(beside, resolved, signal));
    beside.lost = undefined;
    beside.told = false;
    this.#watch(beside, running);
    await tell(beside, { state: 'restarted' });
  }

  async #revive(beside: Beside): Promise<void> {
    try {
      await this.#startAgain(beside);
    } catch (error) {
      if (isControl(beside.job.run, error)) throw error;
      beside.lost = messageOf(error);
    }
  }

  #watch(beside: Beside, running: BackgroundProcess): void {
    const { clock } = beside.job.run.options;
    const since = clock.monotonic();
    beside.process = running;
    void running.lost.then((reason) => {
      if (beside.process !== running || this.#over.signal.aborted) return;
      beside.process = undefined;
      if (clock.monotonic() - since >= SOUND_MS) beside.restarts = 0;
      this.#gone(beside, reason);
    });
  }

  #gone(beside: Beside, reason: string): void {
    const { whenLost } = beside.background;
    const told = tell(beside, { state: 'lost', reason, whenLost });
    if (whenLost === 'fail') beside.lost = reason;
    if (whenLost === 'restart') beside.restarting = told.then(() => this.#restart(beside, reason));
  }

  async #restart(beside: Beside, reason: string): Promise<void> {
    const { clock, pause, stop } = beside.job.run.options;
    const awake = AbortSignal.any([this.#over.signal, pause, stop]);
    let last = reason;
    while (beside.restarts < RESTARTS) {
      await clock.sleep(Math.min(DELAY_MS * 2 ** beside.restarts, LONGEST_DELAY_MS), awake);
      if (awake.aborted) return;
      beside.restarts += 1;
      try {
        await this.#startAgain(beside);
        return;
      } catch (error) {
        if (isControl(beside.job.run, error)) return;
        last = messageOf(error);
      }
    }
    beside.lost = `${last}, and ${String(RESTARTS)} starts in a row failed`;
  }
}

/** The process outlives the branch that its step stands in. */
const lasting = (job: Job): Job => ({ ...job, run: job.run.root });

async function startProcess(
  { job, background }: Beside,
  resolved: Resolved,
  signal: AbortSignal,
): Promise<BackgroundProcess> {
  const { kind, args } = resolved;
  if (kind.begin === undefined) {
    throw new StepError(`${kind.name} cannot go on in the background`, { code: CODES.background });
  }
  signal.throwIfAborted();
  const running = await kind.begin(
    args,
    stepContext({ ...job, onlyReads: changesNothing(resolved.effect) }, signal),
  );
  try {
    await untilReady(job, background, running, signal);
    signal.throwIfAborted();
    return running;
  } catch (error) {
    await running.end();
    throw error;
  }
}

async function untilReady(
  job: Job,
  { ready }: Background,
  running: BackgroundProcess,
  signal: AbortSignal,
): Promise<void> {
  const { probe } = ready ?? {};
  if (ready === undefined || probe === undefined) return;
  const over = new AbortController();
  const closed = AbortSignal.any([signal, over.signal]);
  const reached = pollUntil(job, ready, (poll) => readProbe(job, { probe }, poll), closed);
  const lost = running.lost.then((reason) => {
    throw new StepError(`lost before it was ready: ${reason}`, { code: CODES.background, changed: 'maybe' });
  });
  // Only the first of them counts.
  reached.catch(() => undefined);
  lost.catch(() => undefined);
  try {
    await Promise.race([reached, lost]);
  } finally {
    over.abort();
  }
}

/** An error of the journal is not lost: the next write throws it. */
function tell(
  { job }: Beside,
  change: Pick<BackgroundChanged, 'state' | 'reason' | 'whenLost'>,
): Promise<void> {
  const { title } = job.step;
  return job.run.log
    .append({ type: 'background.changed', key: job.key, title, ...change })
    .catch(() => undefined);
}
