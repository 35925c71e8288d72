import type { Value } from '../../base/value.ts';
import { decodeValue, encodeValue } from '../../base/value.ts';
import type { DebtSettled, EventBody } from '../../model/event.ts';
import type { AnswerName, DebtQuestion } from '../../model/ports.ts';
import { StepError } from '../../model/kind.ts';
import type { Condition, Node, Undo } from '../../model/playbook.ts';
import { ask, decided } from '../people/ask.ts';
import type { Decision } from '../people/ask.ts';
import { demand } from '../attempt/conditions.ts';
import type { Owed, RunContext } from '../life/context.ts';
import { Aborting } from '../life/control.ts';
import { isOpen, opened, owedBy } from './debts.ts';
import { CODES } from '../../model/codes.ts';
import { isControl } from '../life/failures.ts';
import { NO_OUTPUT, resultsOf } from '../life/frame.ts';
import type { Frame } from '../life/frame.ts';
import type { Job, Settled } from '../life/job.ts';
import { names } from '../life/names.ts';
import { judgeOutput } from '../attempt/outcome.ts';
import { memberAt } from '../life/rebind.ts';
import { asMap } from '../life/arguments.ts';
import { messageOf } from '../life/text.ts';

/** Pays a debt or takes a step back, at the end of the run; the operator is asked first unless it says `pay: auto`. */
export async function pay(run: RunContext, owed: Owed): Promise<void> {
  const { undo } = owed.step;
  if (undo === undefined) return;
  if (!isDue(run, owed, undo)) return settle(run, owed, 'void');
  const objection = await objectionTo(run, owed, undo.require);
  if (undo.pay === 'ask' || objection !== undefined) {
    const { answer, by } = await decide(run, owed, undo, objection);
    if (answer === 'leave') return settle(run, owed, 'declined', by);
  }
  await perform(run, owed, undo);
}

/** Takes one step back in the middle of a run, because the operator says so. */
export async function undoStep(job: Job): Promise<void> {
  const { run, step, key } = job;
  if (step.undo === undefined) return;
  await run.log.append(...opened(job));
  const owed = run.owed.find((each) => each.key === key);
  if (owed !== undefined) await perform(run, owed, step.undo);
}

/** As the journal has them: steps side by side are found again in another order when a run is resumed. */
export function newestFirst(run: RunContext): readonly Owed[] {
  const order = new Map([...run.log.state.debts.keys()].map((key, index) => [key, index] as const));
  const place = ({ key }: Owed): number => order.get(key) ?? -1;
  return [...run.owed].sort((a, b) => place(b) - place(a));
}

/** Pays what a step owes in the middle of the run, because the kind `pay` says so. */
export async function payEarly(job: Job, id: string): Promise<Settled> {
  const { run } = job;
  for (const owed of [...owedBy(job, id)].reverse()) {
    if (!isOpen(run, owed)) continue;
    const paying = await payNow(run, owed, job.key);
    if (paying.end === 'left') {
      return { outcome: 'declined', conclusion: 'tolerated', output: { paid: false }, by: paying.by };
    }
    if (paying.end === 'failed') {
      const message = `what "${owed.step.title}" owes could not be paid; it is still owed`;
      throw new StepError(message, { code: CODES.debt, changed: 'maybe', retryable: true });
    }
  }
  // Where an earlier life of the run has paid, the targets are still to be given back here.
  for (const [path, target] of run.log.state.rebinds.get(job.key) ?? [])
    run.rebind(path, decodeValue(target));
  const paid = owedBy(job, id).some(({ key }) => run.log.state.debts.get(key)?.how === 'paid');
  return judgeOutput(job, { paid }, run.options.clock.now());
}

/**
 * Pays in the middle of the run. What the operator leaves stays owed, and so does what could not be paid.
 * `payer`: the key where a later life of the run finds the targets that were given back.
 */
export async function payNow(
  run: RunContext,
  owed: Owed,
  payer: string,
): Promise<{ readonly end: 'done' | 'failed' } | { readonly end: 'left'; readonly by: string }> {
  const { step, key } = owed;
  const { undo } = step;
  if (undo === undefined) return { end: 'done' };
  if (!isDue(run, owed, undo)) {
    await settle(run, owed, 'void');
    return { end: 'done' };
  }
  const objection = await objectionTo(run, owed, undo.require);
  if (undo.pay === 'ask' || objection !== undefined) {
    const { answer, by } = await decide(run, owed, undo, objection, `${payer}!${key}`);
    if (answer === 'leave') return { end: 'left', by };
  }
  if (await perform(run, owed, undo, payer)) return { end: 'done' };
  await run.log.append({ type: 'debt.opened', key, title: step.title, due: undo.at });
  return { end: 'failed' };
}

/** Whether it could be done. `payer`: what pays it before the end of the run. */
async function perform(run: RunContext, owed: Owed, undo: Undo, payer?: string): Promise<boolean> {
  const { log } = run;
  const round = (log.state.undoRounds.get(owed.key) ?? 0) + 1;
  const key = `${owed.key}!undo${round === 1 ? '' : String(round)}`;
  const frame = undoFrame(owed, key, undo.steps);
  await log.append({ type: 'scope.entered', key, kind: 'undo', title: owed.step.title });
  try {
    await run.walk(undo.steps, frame);
  } catch (error) {
    if (!(error instanceof Aborting)) throw error;
    await log.append(
      { type: 'scope.left', key, outcome: 'failed' },
      { type: 'debt.settled', key: owed.key, how: 'failed' },
    );
    return false;
  }
  await log.append(
    ...targetsBefore(owed).map(([path, target]): EventBody => ({
      type: 'target.rebound',
      // A later life of the run finds them where the paying step stands.
      key: payer ?? key,
      path,
      target: encodeValue(target),
    })),
    { type: 'scope.left', key, outcome: 'done' },
    {
      type: 'debt.settled',
      key: owed.key,
      how: 'paid',
      by: run.options.operator.name,
      ...(payer !== undefined && { early: true }),
    },
  );
  restoreTargets(run, owed);
  return true;
}

/** After an undo the targets are again what they were before the step. */
export function restoreTargets(run: RunContext, owed: Owed): void {
  for (const [path, target] of targetsBefore(owed)) run.rebind(path, target);
}

function targetsBefore({ step, frame }: Owed): (readonly [string, Value])[] {
  const data = frame.environment?.data ?? {};
  return step.rebind.map(({ key: path }) => [path, memberAt(data, path)] as const);
}

/** An undo sees what its step saw, and that step's output with it. */
function undoFrame(owed: Owed, key: string, steps: readonly Node[]): Frame {
  const frame = withOutput(owed);
  const results = { ...frame.results, ...resultsOf(steps) };
  return { ...frame, prefix: `${key}/`, results, phase: `${key}/`, verifies: false, closing: true };
}

/** The names of an undo's own conditions and steps: `output` is that of the step it belongs to. */
function withOutput({ frame, step }: Owed): Frame {
  return { ...frame, also: { ...frame.also, output: frame.results[step.id]?.output ?? NO_OUTPUT } };
}

function isDue(run: RunContext, owed: Owed, undo: Undo): boolean {
  if (undo.when === undefined) return true;
  const scope = names(run, withOutput(owed), run.options.clock.now());
  try {
    return run.options.evaluator.test(undo.when, scope);
  } catch (error) {
    if (isControl(run, error)) throw error;
    // Where `when` cannot be evaluated the debt counts as owed, and the operator sees it.
    return true;
  }
}

/** Why paying could hurt now, where the debt has requirements. */
async function objectionTo(
  run: RunContext,
  owed: Owed,
  require: readonly Condition[],
): Promise<string | undefined> {
  const { key, step } = owed;
  const asker = { run, frame: withOutput(owed), key, step };
  for (const condition of require) {
    try {
      await demand(asker, condition);
    } catch (error) {
      if (isControl(run, error)) throw error;
      return messageOf(error);
    }
  }
  return undefined;
}

const CHOICES: readonly AnswerName[] = ['pay', 'leave', 'note', 'pause'];

async function decide(
  run: RunContext,
  owed: Owed,
  undo: Undo,
  objection: string | undefined,
  key = owed.key,
): Promise<Decision> {
  const { step } = owed;
  const recorded = run.log.state.steps.get(key)?.decision;
  if (recorded?.question === 'debt') return decided(recorded);
  const question: DebtQuestion = {
    type: 'debt',
    key,
    id: step.id,
    title: step.title,
    choices: CHOICES,
    ...(objection !== undefined && { why: objection }),
    describe: await Promise.all(undo.steps.map((node) => describe(run, withOutput(owed), node))),
  };
  const decision = await ask(run, question);
  if (decision === undefined) throw new Error('a question about a debt cannot be closed');
  return decision;
}

async function describe(run: RunContext, frame: Frame, node: Node): Promise<string> {
  if (node.type !== 'step') return node.title;
  try {
    const kind = await run.kind(node.uses);
    const scope = names(run, frame, run.options.clock.now());
    const args = asMap(run.options.evaluator.render(node.with, scope));
    return kind.describe(args, node.secretOutput.length > 0);
  } catch (error) {
    if (isControl(run, error)) throw error;
    return node.title;
  }
}

function settle(run: RunContext, { key }: Owed, how: DebtSettled['how'], by?: string): Promise<void> {
  return run.log.append({ type: 'debt.settled', key, how, ...(by !== undefined && { by }) });
}
