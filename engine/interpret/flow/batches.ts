import { givingWay } from '../../base/turn.ts';
import type { ValueMap } from '../../base/value.ts';
import type { Failure } from '../../model/failure.ts';
import type { Step } from '../../model/playbook.ts';
import { StepError } from '../../model/kind.ts';
import type { RunContext } from '../life/context.ts';
import { Aborting } from '../life/control.ts';
import { withLimits } from '../life/deadline.ts';
import { stepContext } from '../attempt/execute.ts';
import { changesNothing, isDangerous } from '../life/effect.ts';
import { CODES } from '../../model/codes.ts';
import { isControl, toFailure } from '../life/failures.ts';
import { errorValue, resultOf } from '../life/frame.ts';
import type { Frame } from '../life/frame.ts';
import { keyPart, namesOfItem } from './items.ts';
import type { Item, Loop, LoopResults } from './items.ts';
import { namesOf, newJob } from '../life/job.ts';
import type { Job, Resolved } from '../life/job.ts';
import { judgeOutput } from '../attempt/outcome.ts';
import { resolveStep } from '../life/arguments.ts';
import { checkTargets } from '../safety/targets.ts';

/**
 * A loop whose items have no events of their own: one event says that a batch is done. After a
 * crash at most a batch is done again, so the body is one step that reads or may be done twice
 * (load/ sees to it). Of the items only those that failed are known afterwards.
 */
export async function runBatches(run: RunContext, loop: Loop, items: readonly Item[]): Promise<LoopResults> {
  const { log } = run;
  const { key, node } = loop;
  const [step] = node.steps;
  if (step?.type !== 'step' || node.batch === undefined) throw new Error(`${key}: a batch is of one step`);
  let done = log.state.batches.get(key)?.done ?? 0;
  while (done < items.length) {
    run.safePoint();
    const batch = items.slice(done, done + node.batch);
    const failed = await runBatch(run, loop, step, batch);
    done += batch.length;
    run.options.signal({ type: 'progress', key, done, total: items.length, unit: 'items' });
    await log.append({ type: 'loop.progressed', key, done, total: items.length, failed });
    const { length } = log.state.batches.get(key)?.failed ?? [];
    const [first] = failed;
    if (length > node.tolerate && first !== undefined) {
      throw new Aborting(`${node.title} (${first.item}): ${first.error.message}`, undefined, {
        failure: first.error,
      });
    }
  }
  const failures = log.state.batches.get(key)?.failed ?? [];
  if (failures.length > node.tolerate) {
    const failure = failures.at(-1)?.error;
    throw new Aborting(`${node.title}: ${String(failures.length)} items failed`, undefined, { failure });
  }
  const values = new Map(failures.length === 0 ? [] : items.map((item) => [item.key, item.value]));
  return {
    items: failures.map(({ item, error }) => ({
      item: values.get(item) ?? null,
      key: item,
      ...resultOf({ outcome: 'failed', error }),
    })),
    counts: { succeeded: items.length - failures.length, failed: failures.length },
  };
}

interface FailedItem {
  readonly item: string;
  readonly error: Failure;
}

async function runBatch(
  run: RunContext,
  loop: Loop,
  step: Step,
  batch: readonly Item[],
): Promise<readonly FailedItem[]> {
  const failed: FailedItem[] = [];
  const { pause, stop } = run.options;
  // One signal for the whole batch: making one for each of a million items costs more than the items do.
  const signal = AbortSignal.any([pause, stop]);
  const giveWay = givingWay(run.options.clock);
  let next = 0;
  const work = async (): Promise<void> => {
    for (let item = batch[next++]; item !== undefined; item = batch[next++]) {
      run.safePoint();
      const error = await runItem(run, loop, step, item, signal);
      if (error !== undefined) failed.push({ item: item.key, error });
      await giveWay();
    }
  };
  const { concurrency } = loop.node;
  const ends = await Promise.allSettled(Array.from({ length: Math.min(concurrency, batch.length) }, work));
  const broken = ends.find((end) => end.status === 'rejected');
  if (broken !== undefined) throw broken.reason;
  return failed;
}

async function runItem(
  run: RunContext,
  loop: Loop,
  step: Step,
  item: Item,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  const job = newJob(run, frameOf(loop, item), step);
  const attempts = step.retry?.attempts ?? 1;
  for (let attempt = 1; ; attempt++) {
    const failure = await attemptItem(job, signal);
    if (failure === undefined || attempt >= attempts || !wantsAnother(job, failure)) return failure;
    const { delayMs = 0, backoff = 1 } = step.retry ?? {};
    await run.options.clock.sleep(delayMs * backoff ** (attempt - 1), run.options.pause);
    run.safePoint();
  }
}

async function attemptItem(job: Job, signal: AbortSignal): Promise<Failure | undefined> {
  const { run, step } = job;
  try {
    const resolved = await resolveStep(job);
    const { kind, args, effect } = resolved;
    await checkUnasked(job, resolved);
    const { timeoutMs } = step;
    const work = (until: AbortSignal): Promise<ValueMap> =>
      kind.run(args, stepContext({ ...job, onlyReads: changesNothing(effect) }, until));
    const limits = { timeoutMs, interruptible: true, changed: 'maybe' } as const;
    const output = await (timeoutMs === undefined ? work(signal) : withLimits(run, limits, work));
    judgeOutput(job, run.secrets.taken(job.key, output, kind, []), run.options.clock.now());
    return undefined;
  } catch (error) {
    if (isControl(run, error)) throw error;
    if (signal.aborted) run.safePoint();
    return toFailure(error, 'nothing');
  }
}

/** Nobody is asked inside of a batch, so an item that needs a confirmation is refused. */
async function checkUnasked(job: Job, resolved: Resolved): Promise<void> {
  const { reasons } = await checkTargets(job, resolved);
  const { run, frame } = job;
  const unseen = isDangerous(resolved.effect) && run.environment.kind !== 'sandbox' && frame.covered !== true;
  if (reasons.length === 0 && !unseen) return;
  throw new StepError(
    [...reasons, 'a person has to see it first, and in a batch nobody is asked'].join('; '),
    {
      code: CODES.interlock,
      hint: unseen ? 'Ask once for all items: "confirm" beside the loop.' : 'Leave "batch" out.',
    },
  );
}

function wantsAnother(job: Job, failure: Failure): boolean {
  const { run, step } = job;
  const { when } = step.retry ?? {};
  if (when === undefined) return true;
  try {
    return run.options.evaluator.test(when, namesOf(job, { error: errorValue(failure) }));
  } catch {
    return false;
  }
}

const frameOf = ({ node, key, frame }: Loop, item: Item): Frame => ({
  ...frame,
  prefix: `${key}[${keyPart(item.key)}]/`,
  also: { ...frame.also, ...namesOfItem(node, item.value) },
});
