import { decodeValue, encodeValue, isValueMap } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import type { Failure } from '../model/event.ts';
import type { Call } from '../model/playbook.ts';
import type { RunContext } from './context.ts';
import { Aborting, Cancelled, GivenUp } from './control.ts';
import { takenBack } from './conclude.ts';
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
    if (error instanceof GivenUp) error.leftOpen.push(inside);
    if (!(error instanceof Aborting)) throw error;
    const failure = toleratedIn(call, error);
    if (failure === undefined) {
      // What it does at its end is due when the undos are done.
      run.leftOpen.push(inside);
      throw error;
    }
    await doAlways(run, inside);
    setResult(frame, call.id, { outcome: 'failed', error: failure });
    if (left === undefined) await leaveFailed(run, key, error);
    return;
  }
  const failed = await doAlways(run, inside);
  if (failed !== undefined && toleratedIn(call, failed) === undefined) throw failed;
  const recorded = left?.output === undefined ? undefined : decodeValue(left.output);
  const output = isValueMap(recorded)
    ? recorded
    : await outputsOf(run, inside, call.playbook.outputs, { key, id: call.id, title: call.title });
  setResult(frame, call.id, { outcome: 'succeeded', output });
  if (left === undefined)
    await log.append({ type: 'scope.left', key, outcome: 'done', output: encodeValue(output) });
}

/** A person who aborts ends the whole run; a failure ends only what was called, where the step says so. */
function toleratedIn({ onFailure }: Call, { by, failure }: Aborting): Failure | undefined {
  return by === undefined && (onFailure?.do === 'continue' || onFailure?.do === 'skip') ? failure : undefined;
}

/** A check of the result that failed inside is red, though the run goes on. */
async function leaveFailed(run: RunContext, key: string, { verification }: Aborting): Promise<void> {
  const red = verification ? takenBack(run, key) : [];
  await run.log.append(...red, {
    type: 'scope.left',
    key,
    outcome: 'failed',
    ...(verification ? { verification } : {}),
  });
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
  const { verifies, item } = frame;
  return { ...inside, verifies, ...(item === undefined ? {} : { item }) };
}
