import { Instant } from '../../base/instant.ts';
import { decodeValue, encodeValue } from '../../base/value.ts';
import type { ValueMap } from '../../base/value.ts';
import { BREAKING } from '../../model/blind.ts';
import { StepError } from '../../model/kind.ts';
import type { PartFault } from '../../model/inject.ts';
import type { Fault, Rehearsal, StepsFault } from '../../model/playbook.ts';
import type { RehearsalWorld } from '../../model/ports.ts';
import { outputsOf } from '../flow/outputs.ts';
import { asMap } from '../life/arguments.ts';
import type { RunContext } from '../life/context.ts';
import { playbookFrame } from '../life/frame.ts';
import type { Frame } from '../life/frame.ts';
import { namesOutside } from '../life/names.ts';
import { stopWhenAborting } from '../life/safe-point.ts';

/** What the steps of a fault are called in the journal. */
const keyOf = (number: number): string => BREAKING + (number === 1 ? '' : String(number));

/**
 * Brings about the faults of a rehearsal in their order. What the journal holds of them is not done again. Returns
 * what expressions see as `fault`: of what several give, the first counts. A fault of steps adds its frame to
 * `broken` before it begins, so that whatever becomes of it is put right.
 */
export async function bringAbout(
  run: RunContext,
  { faults }: Rehearsal,
  { world, broken }: { readonly world: RehearsalWorld | undefined; readonly broken: Frame[] },
): Promise<ValueMap> {
  const outputs: ValueMap[] = [];
  for (const [index, fault] of faults.entries()) {
    const number = index + 1;
    outputs.push(
      fault.type === 'part'
        ? await breakPart(run, fault, number, world)
        : await breakBySteps(run, fault, number, broken),
    );
  }
  return Object.assign({}, ...outputs.toReversed()) as ValueMap;
}

/** The frames of the steps that broke something in an earlier part of the run, with all that they came to. */
export async function recallBroken(run: RunContext, faults: readonly Fault[]): Promise<readonly Frame[]> {
  const broken: Frame[] = [];
  for (const [index, fault] of faults.entries()) {
    if (fault.type === 'steps') await walkSteps(run, fault, `${keyOf(index + 1)}/`, broken);
  }
  return broken;
}

async function breakPart(
  run: RunContext,
  { uses, part, with: args }: PartFault,
  number: number,
  world: RehearsalWorld | undefined,
): Promise<ValueMap> {
  const { log, options } = run;
  const recorded = log.state.faults.get(number);
  if (recorded !== undefined) return asMap(decodeValue(recorded.output));
  if (world === undefined)
    throw new StepError(`${uses} breaks a part of a world, and here is none`, { code: 'noWorld' });
  run.safePoint();
  const scope = namesOutside(options.environment, options.clock.now());
  const { description, output } = await world.inject(
    uses,
    asMap(options.evaluator.render(args, scope)),
    part,
  );
  await record(run, number, { fault: uses, description, output });
  return output;
}

async function breakBySteps(
  run: RunContext,
  fault: StepsFault,
  number: number,
  broken: Frame[],
): Promise<ValueMap> {
  const { log } = run;
  const frame = await walkSteps(run, fault, `${keyOf(number)}/`, broken);
  const recorded = log.state.faults.get(number);
  if (recorded !== undefined) return asMap(decodeValue(recorded.output));
  stopWhenAborting(run, frame);
  const { title, outputs } = fault.playbook;
  const key = keyOf(number);
  const told = await outputsOf(run, frame, outputs, { key, id: 'fault', title });
  const output = { at: await lastEnd(run, frame), ...told };
  if (!(output.at instanceof Instant)) {
    throw new StepError(`\`at\` of the fault’s outputs is no moment`, {
      code: 'noMoment',
      hint: 'Give it a time, as a query returns it, or leave it out: then it is when the last of the steps ended.',
    });
  }
  await record(run, number, { fault: 'steps', description: title, output });
  return output;
}

/** Walks the steps of a fault. Their frame is among those that are put right before the first of them begins. */
export async function walkSteps(
  run: RunContext,
  { playbook }: StepsFault,
  prefix: string,
  broken: Frame[],
): Promise<Frame> {
  const frame = playbookFrame(playbook, prefix, {}, false);
  broken.push(frame);
  await run.walk(playbook.steps, frame);
  return frame;
}

/** When the last of the steps ended: the same in each life of the run. */
async function lastEnd(run: RunContext, { prefix }: Frame): Promise<Instant> {
  // What was held back tells of it too.
  await run.log.append();
  const ends = [...run.log.state.steps].flatMap(([key, { toldAt }]) =>
    key.startsWith(prefix) && toldAt !== undefined ? [toldAt] : [],
  );
  return ends.length === 0 ? run.options.clock.now() : new Instant(Math.max(...ends));
}

async function record(
  run: RunContext,
  number: number,
  { fault, description, output }: { fault: string; description: string; output: ValueMap },
): Promise<void> {
  await run.log.append({
    type: 'fault.injected',
    fault,
    description,
    output: encodeValue(output),
    ...(number > 1 && { number }),
  });
}
