import { decodeValue, encodeValue, isValueMap, valueMap } from '../../base/value.ts';
import type { ValueMap } from '../../base/value.ts';
import type { Branch, Choose } from '../../model/playbook.ts';
import type { Expression } from '../../model/template.ts';
import type { BranchQuestion } from '../../model/ports.ts';
import { EvaluationError } from '../../model/ports.ts';
import { ask, decided } from '../people/ask.ts';
import type { RunContext } from '../life/context.ts';
import { Aborting, ENGINE, LeaveBranch, LeftByOperator } from '../life/control.ts';
import { walkBranch } from './branch.ts';
import { setResult } from '../life/frame.ts';
import type { Frame } from '../life/frame.ts';
import { names } from '../life/names.ts';
import { outputsOf } from './outputs.ts';
import { beforeEntering } from '../life/safe-point.ts';
import { isWanted } from './when.ts';
import { shownText } from '../life/text.ts';

/** Takes one branch. It is frozen once journaled; a step inside may send the run to another one. */
export async function runChoose(run: RunContext, frame: Frame, choose: Choose): Promise<void> {
  const { log } = run;
  const key = `${frame.prefix}${choose.id}`;
  const left = log.state.left.get(key);
  if (left?.outcome === 'skipped') return;
  if (!log.state.branches.has(key)) {
    beforeEntering(run, frame);
    if (!(await isWanted(run, frame, choose, key))) {
      return log.append({ type: 'scope.left', key, outcome: 'skipped' });
    }
    await pick(run, frame, choose, key);
  }
  const output = await takeBranches(run, frame, choose, key);
  const recorded = left?.output === undefined ? undefined : decodeValue(left.output);
  setResult(frame, choose.id, { outcome: 'succeeded', output: isValueMap(recorded) ? recorded : output });
  if (left === undefined) {
    await log.append({ type: 'scope.left', key, outcome: 'done', output: encodeValue(output) });
  }
}

/** Walks the branches that were taken, in order: all but the last were left for the next. */
async function takeBranches(run: RunContext, frame: Frame, choose: Choose, key: string): Promise<ValueMap> {
  const { log } = run;
  for (let turn = 0; ; turn++) {
    const name = log.state.branches.get(key)?.[turn];
    const branch = choose.branches.find((candidate) => candidate.name === name);
    if (branch === undefined) throw new Error(`${key}: there is no branch ${String(name)}`);
    const scopeKey = `${key}/${branch.name}`;
    if (!log.state.entered.has(scopeKey)) {
      await log.later({ type: 'scope.entered', key: scopeKey, kind: 'branch', title: branch.title });
    }
    const others = choose.branches.filter((other) => other !== branch);
    const next = (): string | undefined => log.state.branches.get(key)?.[turn + 1];
    const inside = { ...frame, phase: `${scopeKey}/` };
    try {
      await walkBranch(run, { choose, key, branch, isLast: () => next() === undefined }, inside);
      await leave(run, scopeKey, 'done');
      return await outputsOf(run, frame, branch.outputs, { key, id: choose.id, title: choose.title });
    } catch (error) {
      if (error instanceof LeaveBranch && others.some((other) => other.name === error.branch)) {
        await leave(run, scopeKey, 'failed');
        if (next() === undefined) {
          await freeze(run, choose, key, { branch: error.branch, by: ENGINE });
        }
      } else if (error instanceof LeftByOperator) {
        await leave(run, scopeKey, 'cancelled');
        if (next() === undefined) await pickAnother(run, frame, choose, key, others);
      } else throw error;
    }
  }
}

async function leave(run: RunContext, key: string, outcome: 'done' | 'failed' | 'cancelled'): Promise<void> {
  if (!run.log.state.left.has(key)) await run.log.later({ type: 'scope.left', key, outcome });
}

/** The operator has left a branch for another one, which is to be chosen. */
async function pickAnother(
  run: RunContext,
  frame: Frame,
  choose: Choose,
  key: string,
  others: readonly Branch[],
): Promise<void> {
  const scope = names(run, frame, run.options.clock.now());
  const open = others.filter(({ when }) => isOpen(run, when, scope));
  await askForBranch(run, choose, key, { open, scope, trouble: undefined });
}

/** Frozen from here on. Where `pick` gives no branch, a person decides and is told why. */
async function pick(run: RunContext, frame: Frame, choose: Choose, key: string): Promise<void> {
  const scope = names(run, frame, run.options.clock.now());
  const open = choose.branches.filter(({ when }) => isOpen(run, when, scope));
  const picked = choose.pick === undefined ? undefined : evaluatePick(run, choose.pick, scope);
  if (picked !== undefined && 'name' in picked) {
    const { name } = picked;
    if (open.some((branch) => branch.name === name)) {
      return freeze(run, choose, key, { branch: name, by: ENGINE });
    }
  }
  const trouble =
    picked === undefined
      ? undefined
      : 'name' in picked
        ? `pick gives ${picked.name}, which is no branch that is open`
        : picked.trouble;
  await askForBranch(run, choose, key, { open, scope, trouble });
}

/** A branch whose condition cannot be evaluated is shown: whoever chooses knows more. */
function isOpen(run: RunContext, when: Expression | undefined, scope: ValueMap): boolean {
  if (when === undefined) return true;
  try {
    return run.options.evaluator.test(when, scope);
  } catch (error) {
    if (error instanceof EvaluationError) return true;
    throw error;
  }
}

function evaluatePick(
  run: RunContext,
  pick: Expression,
  scope: ValueMap,
): { readonly name: string } | { readonly trouble: string } {
  try {
    return { name: shownText(run.options.evaluator.evaluate(pick, scope)) };
  } catch (error) {
    if (error instanceof EvaluationError) return { trouble: error.message };
    throw error;
  }
}

async function askForBranch(
  run: RunContext,
  choose: Choose,
  key: string,
  context: {
    readonly open: readonly Branch[];
    readonly scope: ValueMap;
    readonly trouble: string | undefined;
  },
): Promise<void> {
  const { open, scope, trouble } = context;
  const { evaluator } = run.options;
  const recorded = run.log.state.steps.get(key)?.decision;
  const preset = choose.default === undefined ? undefined : evaluatePick(run, choose.default, scope);
  const why = trouble ?? choose.why;
  const question: BranchQuestion = {
    type: 'branch',
    key,
    id: choose.id,
    title: choose.prompt === undefined ? choose.title : shownText(evaluator.render(choose.prompt, scope)),
    choices: ['branch', 'note', 'pause', 'abort'],
    ...(why !== undefined && { why }),
    branches: open.map(({ name, title }) => ({ name, title })),
    ...(preset !== undefined &&
      'name' in preset &&
      open.some(({ name }) => name === preset.name) && { default: preset.name }),
  };
  const decision = recorded?.question === 'branch' ? decided(recorded) : await ask(run, question);
  if (decision === undefined) throw new Error('a choice cannot be closed');
  const { answer, by, reason, values = valueMap([]) } = decision;
  if (answer === 'abort') throw new Aborting(reason ?? `${choose.title}: aborted`, by);
  const branch = shownText(values['branch'] ?? null);
  if (!open.some(({ name }) => name === branch)) throw new Error(`${key}: there is no open branch ${branch}`);
  await freeze(run, choose, key, { branch, by });
}

/** Journals which branch is taken: it decides which RPO counts. */
async function freeze(
  run: RunContext,
  choose: Choose,
  key: string,
  chosen: { readonly branch: string; readonly by: string },
): Promise<void> {
  const rpo = choose.branches.find(({ name }) => name === chosen.branch)?.rpo;
  await run.log.append({ type: 'branch.chosen', key, ...chosen, ...(rpo !== undefined && { rpo }) });
}
