import { isControl } from '../life/failures.ts';
import { createHash } from 'node:crypto';
import type { Json } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import type { ValueMap } from '../../base/value.ts';
import type { Step } from '../../model/playbook.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { changesNothing } from '../life/effect.ts';
import type { Job, Resolved } from '../life/job.ts';
import { environmentOf } from '../life/names.ts';
import { checkReading, createdByRun, identify } from '../safety/targets.ts';

/** Member of a checkpoint that is the interpreter's own: the effect is done, its output is this. */
export const EFFECT_DONE = '$effectDone';

/** Whose output may be secret, where it is a step's. */
interface Discretion {
  readonly step?: Partial<Pick<Step, 'secretOutput'>>;
}

/** Runs a step's kind once and gives its output, secret parts already replaced by handles. */
export async function execute(job: Job, resolved: Resolved, signal: AbortSignal): Promise<ValueMap> {
  const { run, step, key } = job;
  const work = resolved.kind.run(
    resolved.args,
    stepContext({ ...job, onlyReads: changesNothing(resolved.effect) }, signal),
  );
  if (changesNothing(resolved.effect) && !(await settlesSoon(work))) run.log.write();
  try {
    return run.secrets.taken(key, await work, resolved.kind, step.secretOutput);
  } catch (error) {
    if (isControl(run, error)) throw error;
    throw run.secrets.cleanError(error, step.secretOutput);
  }
}

/** Reads with a kind beside the steps: a guard, a requirement, a probe. Throws StepError where it may do more. */
export async function probe(
  at: Pick<Job, 'run' | 'frame' | 'key'> & Discretion,
  kind: StepKind,
  args: ValueMap,
  signal: AbortSignal,
): Promise<ValueMap> {
  checkReading(at, kind, args);
  const context = { ...stepContext({ ...at, onlyReads: true }, signal), checkpoint: undefined };
  return at.run.secrets.taken(at.key, await kind.run(args, context), kind, []);
}

/** What a kind gets of the run: for a step, or for a probe that is none. */
export function stepContext(
  {
    run,
    frame,
    key,
    step,
    waiting,
    onlyReads,
  }: Pick<Job, 'run' | 'frame' | 'key' | 'waiting'> & Discretion & Pick<StepContext, 'onlyReads'>,
  signal: AbortSignal,
): StepContext {
  const { options, log } = run;
  const environment = environmentOf(run, frame);
  return {
    run: { id: options.runId, mode: run.modeOfSteps, folder: options.folder },
    step: key,
    environment,
    onlyReads,
    clock: options.clock,
    signal,
    secrets: run.secrets,
    resourceName: (suffix) => resourceName(options.runId, key, suffix),
    identify: (use) => identify(run, environment, use),
    created: (target) => createdByRun(run, target),
    ...(options.earlier !== undefined && { earlier: options.earlier }),
    checkpoint: kindsCheckpoint(log.state.steps.get(key)?.checkpoint),
    saveCheckpoint: (data) => log.append({ type: 'step.checkpoint', key, data }),
    waiting: ({ class: timeClass, reason, modelledMs, modelledBy }) => {
      waiting?.begin();
      log.write({
        type: 'step.activity',
        key,
        class: timeClass,
        reason,
        ...(modelledMs !== undefined && { modelledMs }),
        ...(modelledBy !== undefined && { modelledBy }),
      });
    },
    working: () => {
      waiting?.end();
      log.write({ type: 'step.activity', key, class: 'machine' });
    },
    log: isHeldBack(step) ? () => undefined : (line) => options.signal({ type: 'log', key, line }),
    progress: (done, total, unit) =>
      options.signal({ type: 'progress', key, done, unit, ...(total !== undefined && { total }) }),
  };
}

/** What a step says while it works goes nowhere when a part of it is secret: which part, is known at its end. */
const isHeldBack = (step: Discretion['step']): boolean => (step?.secretOutput?.length ?? 0) > 0;

function kindsCheckpoint(data: Json | undefined): Json | undefined {
  return isJsonObject(data) && EFFECT_DONE in data ? undefined : data;
}

/** The same in every life of the run, so that a thing can be found again by its name. */
function resourceName(run: string, key: string, suffix: string | undefined): string {
  const parts = ['drillbook', run, key, ...distinction(key), ...(suffix === undefined ? [] : [suffix])];
  return parts.join('-').replaceAll(/[^A-Za-z0-9-]+/g, '-');
}

/** Keys of items may hold anything: two that differ only in what a name cannot hold are told apart by their digest. */
function distinction(key: string): readonly string[] {
  return key.includes('[') ? [createHash('sha256').update(key).digest('hex').slice(0, 8)] : [];
}

/** Turns of the microtask queue within which a step that does no I/O has ended. */
const SOON = 8;

/** Tells steps that only compute from steps that wait for something, without a timer. */
async function settlesSoon(work: Promise<unknown>): Promise<boolean> {
  const state = { settled: false };
  const settle = (): void => {
    state.settled = true;
  };
  work.then(settle, settle);
  for (let turn = 0; turn < SOON && !state.settled; turn++) await Promise.resolve();
  return state.settled;
}
