import type { ValueMap } from '../../base/value.ts';
import type { CheckProved } from '../../model/event.ts';
import type { Node, Rehearsal, Step } from '../../model/playbook.ts';
import type { Expression, Template } from '../../model/template.ts';
import { EvaluationError } from '../../model/ports.ts';
import { StepError } from '../../model/kind.ts';
import type { RunContext } from '../life/context.ts';
import { withLimits } from '../life/deadline.ts';
import { changesNothing, effectOf } from '../life/effect.ts';
import { probe } from '../attempt/execute.ts';
import { isControl, toFailure } from '../life/failures.ts';
import { errorValue, playbookFrame } from '../life/frame.ts';
import type { Frame } from '../life/frame.ts';
import { names, namesOutside } from '../life/names.ts';
import { asMap } from '../life/arguments.ts';
import { shownText } from '../life/text.ts';
import { answersBeforehand } from './answers.ts';
import { whyNoReading } from '../safety/targets.ts';
import { isVerification, verifies } from '../attempt/verification.ts';

/** A check that hangs on the broken world is red. */
const CHECK_MS = 10_000;
/** Damage spreads: what still holds right after the fault gets this long to turn red, all checks together. */
const PATIENCE_MS = 15_000;
const PAUSE_MS = 1000;

type Proof = Pick<CheckProved, 'verdict' | 'reading'>;

/**
 * Runs each check of the result against the broken world until it is red. One that stays green there
 * proves nothing. Aimable are steps that only read and need no other step's output; where
 * their target differs while the world is broken, `prove` says so.
 */
export async function proveChecks(run: RunContext, rehearsal: Rehearsal, fault: ValueMap): Promise<void> {
  const { playbook, evaluator, clock, environment } = run.options;
  const scope = { ...namesOutside(environment, clock.now()), fault };
  // Inputs as the rehearsal answers them: the recovery has not asked yet.
  const inputs = answersBeforehand(evaluator, rehearsal.answers, scope);
  const frame = playbookFrame(playbook, '', inputs, false);
  const deadline = run.options.clock.monotonic() + PATIENCE_MS;
  for (const [first, ...others] of samePlaces(checksIn(playbook.steps, frame))) {
    const { step, at } = first;
    const key = keyOf(first);
    if (run.log.state.proved.has(key)) continue;
    const proof = await patientProof(run, deadline, () => proofOf(run, at, step, fault));
    const alsoAt = others.map(keyOf);
    await run.log.append({
      type: 'check.proved',
      step: key,
      ...(alsoAt.length > 0 && { alsoAt }),
      title: step.title,
      ...proof,
    });
  }
}

/** A check of a playbook that is called from several places is the same one at each of them, and is run once. */
function samePlaces(checks: Iterable<Check>): Iterable<readonly [Check, ...Check[]]> {
  const places = new Map<string, [Check, ...Check[]]>();
  for (const check of checks) {
    const { step, at } = check;
    const identity = at.home === '' ? step.id : `${at.playbook.id}/${step.id}`;
    const known = places.get(identity);
    if (known === undefined) places.set(identity, [check]);
    else known.push(check);
  }
  return places.values();
}

const keyOf = ({ step, at }: Check): string => `${at.prefix}${step.id}`;

/** The first red reading; green only when it is still so at the deadline. */
async function patientProof(run: RunContext, deadline: number, prove: () => Promise<Proof>): Promise<Proof> {
  const { clock, pause } = run.options;
  for (;;) {
    run.safePoint();
    const proof = await prove();
    if (proof.verdict !== 'green' || clock.monotonic() + PAUSE_MS > deadline) return proof;
    await clock.sleep(PAUSE_MS, pause);
  }
}

interface Check {
  readonly step: Step;
  readonly at: Frame;
}

/** Those of called playbooks too. What a caller gives them is not known yet, so a check that asks for it cannot be aimed. */
function* checksIn(nodes: readonly Node[], at: Frame): Generator<Check> {
  for (const node of nodes) {
    if (node.type === 'phase')
      yield* checksIn(node.steps, { ...at, verifies: at.verifies || verifies(node) });
    else if (node.type === 'forEach' || node.type === 'repeat') yield* checksIn(node.steps, at);
    else if (node.type === 'choose') {
      for (const branch of node.branches) yield* checksIn(branch.steps, at);
    } else if (node.type === 'parallel') {
      for (const { name, steps } of node.branches) {
        yield* checksIn(steps, { ...at, prefix: `${at.prefix}${node.id}/${name}/` });
      }
    } else if (node.type === 'call') {
      const called = playbookFrame(node.playbook, `${at.prefix}${node.id}/`, {}, false);
      yield* checksIn(node.playbook.steps, { ...called, verifies: at.verifies });
    } else if (isVerification(at, node) && judges(node)) yield { step: node, at };
  }
}

const judges = ({ assert, until, expectFailure }: Step): boolean =>
  assert.length > 0 || until !== undefined || expectFailure !== undefined;

async function proofOf(run: RunContext, frame: Frame, step: Step, fault: ValueMap): Promise<Proof> {
  const { evaluator, clock, steps } = run.options;
  const aim = step.prove?.with ?? step.with;
  const needed = (name: string): Expression | undefined =>
    [...expressionsOf(step, aim)].find((expression) => evaluator.asksFor(expression, name));
  const output = needed('steps');
  if (output !== undefined) return notAimable(`needs another step: ${output.source}`);
  const given = frame.home === '' ? undefined : needed('inputs');
  if (given !== undefined) return notAimable(`needs what its caller gives: ${given.source}`);
  const kind = await run.kind(step.uses);
  const scope = (extra: ValueMap = {}): ValueMap => names(run, frame, clock.now(), { fault, ...extra });
  let args: ValueMap;
  try {
    args = asMap(evaluator.render(aim, scope()));
  } catch (error) {
    if (error instanceof EvaluationError) return notAimable(error.message);
    throw error;
  }
  const problems = await steps.validate(step.uses, args);
  if (problems.length > 0) return notAimable(problems.join('; '));
  if (!changesNothing(effectOf(kind, args, step.effect).effect) || kind.people !== undefined) {
    return notAimable('does not only read');
  }
  const refused = whyNoReading({ run, frame }, kind, args);
  if (refused !== undefined) return notAimable(refused);
  const { until } = step;
  if (until?.probe !== undefined && step.assert.length === 0) return notAimable('is judged by a probe');
  const limits = { timeoutMs: CHECK_MS, interruptible: true, changed: 'nothing' } as const;
  try {
    const key = `${frame.prefix}${step.id}`;
    const output = await withLimits(run, limits, (signal) =>
      probe({ run, frame, key, step }, kind, args, signal),
    );
    return judge(run, step, scope({ output: run.secrets.mask(key, output, step.secretOutput) }));
  } catch (thrown) {
    if (isControl(run, thrown)) throw thrown;
    const error = run.secrets.cleanError(thrown, step.secretOutput);
    if (error instanceof EvaluationError) return { verdict: 'red', reading: error.message };
    if (!(error instanceof StepError)) throw error;
    return judgeError(run, step, error, scope);
  }
}

function judge(run: RunContext, step: Step, scope: ValueMap): Proof {
  const { evaluator } = run.options;
  if (step.expectFailure !== undefined) return { verdict: 'red', reading: 'does not fail as it should' };
  const until = step.until?.probe === undefined && step.until !== undefined ? [step.until] : [];
  for (const { that, else: otherwise } of [...until, ...step.assert]) {
    if (evaluator.test(that, scope)) continue;
    const reading =
      otherwise === undefined ? `not so: ${that.source}` : shownText(evaluator.render(otherwise, scope));
    return { verdict: 'red', reading };
  }
  return { verdict: 'green', reading: 'holds while the world is broken' };
}

function judgeError(
  run: RunContext,
  { expectFailure }: Step,
  error: StepError,
  scope: (extra: ValueMap) => ValueMap,
): Proof {
  const expected =
    expectFailure !== undefined &&
    run.options.evaluator.test(expectFailure, scope({ error: errorValue(toFailure(error, 'nothing')) }));
  return { verdict: expected ? 'green' : 'red', reading: error.message };
}

const notAimable = (reading: string): Proof => ({ verdict: 'notAimable', reading });

/** Every expression that takes part in the check's verdict. */
function* expressionsOf(step: Step, aim: Template): Generator<Expression> {
  yield* inTemplate(aim);
  for (const { that } of step.assert) yield that;
  if (step.until !== undefined) yield step.until.that;
  if (step.expectFailure !== undefined) yield step.expectFailure;
}

function* inTemplate(template: Template): Generator<Expression> {
  switch (template.type) {
    case 'literal':
      return;
    case 'expression':
      yield template.expression;
      return;
    case 'text':
      for (const part of template.parts) if (typeof part !== 'string') yield part;
      return;
    case 'list':
      for (const item of template.items) yield* inTemplate(item);
      return;
    case 'map':
      for (const { value } of template.entries) yield* inTemplate(value);
  }
}
