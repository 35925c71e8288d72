import { decodeValue, encodeValue, isValueMap } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import type { Call } from '../../model/playbook.ts';
import type { RunContext } from '../life/context.ts';
import { Aborting, Cancelled, GivenUp, LeaveBranch, NextRound } from '../life/control.ts';
import { playbookFrame, setResult } from '../life/frame.ts';
import type { Frame } from '../life/frame.ts';
import { answerInputs } from '../people/inputs.ts';
import { names } from '../life/names.ts';
import { outputsOf } from './outputs.ts';
import { beforeEntering } from '../life/safe-point.ts';
import { isWanted } from './when.ts';
import { doAlways } from '../debts/always.ts';
import { leaveWhole, oweWhole } from './undo-of-whole.ts';

/** Another playbook's steps under this step's key, with inputs, results and outputs of its own. */
export async function runCall(run: RunContext, frame: Frame, call: Call): Promise<void> {
  const { log } = run;
  const key = `${frame.prefix}${call.id}`;
  const left = log.state.left.get(key);
  if (left?.outcome === 'skipped') return;
  if (!log.state.entered.has(key)) {
    beforeEntering(run, frame);
    if (!(await isWanted(run, frame, call, key))) {
      return log.append({ type: 'scope.left', key, outcome: 'skipped' });
    }
    await log.later({
      type: 'scope.entered',
      key,
      kind: 'call',
      title: call.title,
      playbook: call.playbook.id,
    });
  }
  const inside = await callFrame(run, frame, call, key);
  const whole = { run, frame, key, id: call.id, title: call.title };
  await oweWhole(whole, call.undo);
  try {
    await run.walk(call.playbook.steps, inside);
  } catch (error) {
    if (error instanceof Cancelled) run.leftOpen.push(inside);
    if (error instanceof GivenUp) error.leftOpen.push(inside);
    if (!(error instanceof Aborting)) throw error;
    const { failure: cause, verification } = error;
    if (!isCaught(call, error) || cause === undefined) {
      // Its `always` comes after the undos.
      run.leftOpen.push(inside);
      throw error;
    }
    await doAlways(run, inside);
    setResult(frame, call.id, { outcome: 'failed', error: cause });
    await leaveWhole(run, key, { error: cause, verification });
    goOn(call);
    return;
  }
  const failed = await doAlways(run, inside);
  run.answers.forget(key);
  if (failed !== undefined && !isCaught(call, failed)) throw failed;
  const recorded = left?.output === undefined ? undefined : decodeValue(left.output);
  const output = isValueMap(recorded)
    ? recorded
    : await outputsOf(run, inside, call.playbook.outputs, { key, id: call.id, title: call.title });
  setResult(frame, call.id, { outcome: 'succeeded', output });
  if (left === undefined)
    await log.append({ type: 'scope.left', key, outcome: 'done', output: encodeValue(output) });
}

/** Rules by which a failure ends only what was called. */
const CATCHING: ReadonlySet<string | undefined> = new Set(['continue', 'skip', 'branch', 'next']);

/** A person who aborts ends the whole run; a failure ends only what was called, where the step says so. */
function isCaught({ onFailure }: Call, { by, failure }: Aborting): boolean {
  return by === undefined && failure !== undefined && CATCHING.has(onFailure?.do);
}

function goOn({ onFailure }: Call): void {
  if (onFailure?.do === 'branch') throw new LeaveBranch(onFailure.branch);
  if (onFailure?.do === 'next') throw new NextRound(onFailure.repeat);
}

async function callFrame(run: RunContext, frame: Frame, call: Call, key: string): Promise<Frame> {
  const { log } = run;
  const given: Record<string, Value> = {};
  const inside = playbookFrame(call.playbook, `${key}/`, given, frame.closing);
  const { evaluator, clock } = run.options;
  const preset = new Map(call.inputs.map((entry) => [entry.key, entry.value]));
  await answerInputs(run, inside, given, {
    scope: key,
    by: frame.playbook.id,
    isOver: log.state.left.has(key),
    gives: (name) => preset.has(name),
    evaluate: (name) => {
      const template = preset.get(name);
      return template === undefined ? undefined : evaluator.render(template, names(run, frame, clock.now()));
    },
  });
  const { verifies, item } = frame;
  return { ...inside, verifies, ...(item !== undefined && { item }) };
}
