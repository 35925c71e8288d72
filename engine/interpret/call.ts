import { decodeValue, encodeValue, isValueMap } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import type { Call } from '../model/playbook.ts';
import type { RunContext } from './context.ts';
import { Aborting, Cancelled } from './control.ts';
import { toFailure } from './failures.ts';
import { playbookFrame, setResult } from './frame.ts';
import type { Frame } from './frame.ts';
import { answerInputs } from './inputs.ts';
import { names } from './names.ts';
import { outputsOf } from './outputs.ts';
import { beforeEntering } from './entering.ts';
import { isWanted } from './when.ts';
import { doAlways } from './always.ts';

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
    await log.later({ type: 'scope.entered', key, kind: 'call', title: call.title });
  }
  const inside = await callFrame(run, frame, call, key);
  try {
    await run.walk(call.playbook.steps, inside);
  } catch (error) {
    if (error instanceof Cancelled) run.leftOpen.push(inside);
    if (!(error instanceof Aborting)) throw error;
    if (!isTolerated(call, error)) {
      // What it does at its end is due when the undos are done.
      run.leftOpen.push(inside);
      throw error;
    }
    await doAlways(run, inside);
    const failure = toFailure(error, 'something');
    setResult(frame, call.id, {
      outcome: 'failed',
      error: { ...failure, code: 'playbook', message: error.message },
    });
    if (left === undefined) await log.append({ type: 'scope.left', key, outcome: 'failed' });
    return;
  }
  const failed = await doAlways(run, inside);
  if (failed !== undefined && !isTolerated(call, failed)) throw failed;
  const recorded = left?.output === undefined ? undefined : decodeValue(left.output);
  const output = isValueMap(recorded)
    ? recorded
    : await outputsOf(run, inside, call.playbook.outputs, { key, id: call.id, title: call.title });
  setResult(frame, call.id, { outcome: 'succeeded', output });
  if (left === undefined)
    await log.append({ type: 'scope.left', key, outcome: 'done', output: encodeValue(output) });
}

/** A person who aborts ends the whole run; a failure ends only what was called, where the step says so. */
function isTolerated({ onFailure }: Call, aborting: Aborting): boolean {
  return aborting.by === undefined && (onFailure?.do === 'continue' || onFailure?.do === 'skip');
}

async function callFrame(run: RunContext, frame: Frame, call: Call, key: string): Promise<Frame> {
  const given: Record<string, Value> = {};
  const inside = playbookFrame(call.playbook, `${key}/`, given, frame.closing);
  const { evaluator, clock } = run.options;
  const preset = new Map(call.inputs.map((entry) => [entry.key, entry.value]));
  await answerInputs(run, inside, given, {
    scope: key,
    by: frame.playbook.id,
    evaluate: (name) => {
      const template = preset.get(name);
      return template === undefined ? undefined : evaluator.render(template, names(run, frame, clock.now()));
    },
  });
  return { ...inside, verifies: frame.verifies };
}
