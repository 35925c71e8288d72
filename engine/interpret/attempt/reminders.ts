import { valueMap } from '../../base/value.ts';
import type { Reminded, StepFinished } from '../../model/event.ts';
import type { Remind } from '../../model/playbook.ts';
import { StepError } from '../../model/kind.ts';
import { CODES } from '../../model/codes.ts';
import { asMap, resolveStep } from '../life/arguments.ts';
import type { RunContext } from '../life/context.ts';
import { changesNothing } from '../life/effect.ts';
import { isControl } from '../life/failures.ts';
import type { Job } from '../life/job.ts';
import { namesOf, recordOf } from '../life/job.ts';
import { messageOf } from '../life/text.ts';
import { checkTargets } from '../safety/targets.ts';
import { stepContext } from './execute.ts';

const ofRuns = new WeakMap<RunContext, Reminders>();

/** The reminders of this life of a run: the same ones for all its branches. */
export function remindersOf({ root }: RunContext): Reminders {
  const known = ofRuns.get(root) ?? new Reminders();
  ofRuns.set(root, known);
  return known;
}

/** With these the step has been at it; people are reminded although the first time nobody could be told. */
const TRIED: ReadonlySet<string> = new Set(['succeeded', 'failed', 'timedOut']);

/**
 * What steps have told people, told again while the run lasts. A reminder is journaled before it goes out: after a
 * crash in between it is not told a second time, since the next one comes anyway. One that became due while no
 * process drove the run goes out when the run goes on, once.
 */
class Reminders {
  readonly #all = new Map<string, Promise<void>>();
  /** What is being told at this moment, by the mark with which it ends. */
  readonly #telling = new Map<Promise<void>, string | undefined>();
  readonly #over = new AbortController();

  /** From the end of a step on, in this life of the run or an earlier one. */
  begin(job: Job, { outcome }: StepFinished): void {
    const { key, frame } = job;
    const { remind } = job.step;
    if (remind === undefined || frame.closing || !TRIED.has(outcome) || this.#all.has(key)) return;
    // It outlives the branch that its step stands in. An error of the journal is not lost: the next write throws it.
    this.#all.set(
      key,
      this.#goOn({ ...job, run: job.run.root }, remind).catch(() => undefined),
    );
  }

  /** Before a step begins: nobody is reminded any more of what its mark has ended. */
  async settle({ log }: RunContext): Promise<void> {
    const ended = [...this.#telling].filter(([, until]) => isSet(log.state.marks, until));
    await Promise.allSettled(ended.map(([telling]) => telling));
  }

  /** Ends them all. From then on nobody is reminded. */
  async endAll(): Promise<void> {
    this.#over.abort();
    await Promise.allSettled(this.#all.values());
  }

  async #goOn(job: Job, { everyMs, until }: Remind): Promise<void> {
    const { log, options } = job.run;
    const { clock, pause, stop } = options;
    const awake = AbortSignal.any([this.#over.signal, pause, stop]);
    let last = (recordOf(job)?.toldAt ?? 0) / 1000;
    for (;;) {
      await clock.sleep(Math.max(0, last + everyMs - clock.now().epochMillis), awake);
      if (awake.aborted) return;
      last = clock.now().epochMillis;
      // A mark can be taken back: then people hear of it again.
      if (isSet(log.state.marks, until)) continue;
      const telling = this.#tell(job);
      this.#telling.set(telling, until);
      await telling.finally(() => this.#telling.delete(telling));
    }
  }

  async #tell(job: Job): Promise<void> {
    const { run, key, step } = job;
    const number = (recordOf(job)?.reminders ?? 0) + 1;
    const note = (more: Pick<Reminded, 'state' | 'reason'>): Promise<void> =>
      run.log.append({ type: 'reminded', key, title: step.title, number, ...more });
    await note({ state: 'begun' });
    try {
      await this.#say(job, number);
    } catch (error) {
      if (isControl(run, error)) throw error;
      return note({ state: 'failed', reason: messageOf(error) });
    }
    return note({ state: 'told' });
  }

  async #say(job: Job, number: number): Promise<void> {
    const { run, step } = job;
    const { evaluator, clock } = run.options;
    // A step of its own to whoever tells it, so that no mail program takes it for the first message come twice.
    const own = { ...job, key: `${job.key}~${String(number)}`, now: clock.now() };
    const scope = namesOf(own);
    const told = asMap(evaluator.render(step.with, scope));
    const changed = step.remind?.with.map(({ key, value }) => [key, evaluator.render(value, scope)] as const);
    const resolved = await resolveStep({ ...own, override: { ...told, ...valueMap(changed ?? []) } });
    const { reasons } = await checkTargets(own, resolved);
    if (reasons[0] !== undefined) throw new StepError(reasons[0], { code: CODES.interlock });
    const signal = AbortSignal.any([this.#over.signal, run.options.stop]);
    await resolved.kind.run(resolved.args, {
      ...stepContext({ ...own, onlyReads: changesNothing(resolved.effect) }, signal),
      // Of the step itself nothing changes: its time, and what it left for a later life, stay as they are.
      checkpoint: undefined,
      saveCheckpoint: () => Promise.resolve(),
      waiting: () => undefined,
      working: () => undefined,
    });
  }
}

const isSet = (marks: ReadonlyMap<string, number | null>, mark: string | undefined): boolean =>
  mark !== undefined && (marks.get(mark) ?? null) !== null;
