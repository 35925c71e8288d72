import type { JoinRule } from '../../model/failure-rules.ts';
import type { Branch, Call, ForEach, Node, Parallel, Repeat, Step, WholeLoop } from '../../model/playbook.ts';
import { entries, entry, member, stringOf } from '../syntax/tree.ts';
import type { Tree } from '../syntax/tree.ts';
import { booleanOf, maybe, millisOf, numberOf, optional } from './tree-values.ts';
import { onFailureAt } from './ways-out.ts';
import { settlesAt } from './debts.ts';
import { expressionAt } from './expressions.ts';
import { checkRebinds } from './rebinds.ts';
import { refuseInLoop } from './approvals.ts';
import { after, baseOf, confirmAt, marksOf, resolveStep, symbolOf, undoAt } from './step.ts';
import { templateAt, templateEntries } from './templates.ts';
import type { ExpressionPlace, ResolveNodes, StepSymbol, Unit } from './unit.ts';

const ROUNDS = 10;

/** Branches side by side. */
export function resolveParallel(
  tree: Tree,
  unit: Unit,
  place: ExpressionPlace,
  branches: readonly string[],
  resolveNodes: ResolveNodes,
): Parallel {
  const symbol = symbolOf(tree, unit);
  const before: ExpressionPlace = { ...place, position: symbol.order };
  const parallel = member(tree, 'parallel');
  const node: Parallel = {
    ...baseOf(tree, symbol, unit, before),
    type: 'parallel',
    onFailure: joinRule(parallel),
    branches: entries(member(parallel, 'branches')).map(({ key, keySpan, value }): Branch => {
      const lanes = [...(symbol.order.lanes ?? []), `${symbol.id} ${key}`];
      const inside: ExpressionPlace = { ...before, position: { ...symbol.order, lanes } };
      return {
        name: key,
        title: stringOf(member(value, 'title')) ?? key,
        ...optional(
          'when',
          maybe(member(value, 'when'), (when) => expressionAt(when, unit, before, 'condition')),
        ),
        steps: resolveNodes(member(value, 'steps'), unit, inside, branches),
        outputs: [],
        span: keySpan,
      };
    }),
  };
  checkRebinds(node, unit);
  return node;
}

const joinRule = (tree: Tree | undefined): JoinRule =>
  stringOf(member(tree, 'onFailure')) === 'wait' ? 'wait' : 'cancel';

/** A loop: over the steps inside, or over the step that it stands beside. */
export function resolveForEach(
  tree: Tree,
  unit: Unit,
  place: ExpressionPlace,
  branches: readonly string[],
  resolveNodes: ResolveNodes,
): ForEach {
  const symbol = symbolOf(tree, unit);
  const loop = member(tree, 'forEach');
  const before: ExpressionPlace = { ...place, position: symbol.order };
  const inside = insideOfLoop(loop, symbol, before);
  const confirm = member(tree, 'confirm');
  const oneGate = confirm !== undefined && booleanOf(member(confirm, 'each')) !== true;
  if (oneGate) refuseInLoop(confirm, unit);
  const { base, steps } =
    member(tree, 'uses') === undefined
      ? {
          base: baseOf(tree, symbol, unit, before),
          steps: bodyOf(tree, unit, inside, branches, resolveNodes),
        }
      : resolveOneStep(tree, unit, before, inside, branches, resolveNodes, oneGate);
  const node: ForEach = {
    ...base,
    type: 'forEach',
    in: templateAt(member(loop, 'in') ?? tree, unit, before),
    ...optional('as', stringOf(member(loop, 'as'))),
    ...optional(
      'key',
      maybe(member(loop, 'key'), (key) => expressionAt(key, unit, inside)),
    ),
    concurrency: numberOf(member(loop, 'concurrency')) ?? 1,
    onFailure: joinRule(loop),
    tolerate: numberOf(member(loop, 'tolerate')) ?? 0,
    ...optional('batch', numberOf(member(loop, 'batch'))),
    ...(oneGate && { confirm: confirmAt(confirm, unit, before, branches) }),
    steps,
    ...(member(tree, 'uses') === undefined && {
      whole: wholeAt(tree, symbol, unit, before, branches, resolveNodes),
    }),
    ...optional(
      'outputs',
      maybe(member(loop, 'outputs'), (outputs) => {
        const end: ExpressionPlace = { ...inside, position: { ...inside.position, index: symbol.end } };
        return templateEntries(outputs, unit, end);
      }),
    ),
  };
  checkBatch(node, loop, unit);
  return node;
}

/** What is said of a loop over several steps as a whole. */
function wholeAt(
  tree: Tree,
  symbol: StepSymbol,
  unit: Unit,
  before: ExpressionPlace,
  branches: readonly string[],
  resolveNodes: ResolveNodes,
): WholeLoop {
  return {
    mark: marksOf(member(tree, 'mark')),
    settles: settlesAt(member(tree, 'settles'), symbol, unit),
    ...optional(
      'undo',
      maybe(member(tree, 'undo'), (undo) =>
        undoAt(undo, unit, after(before, symbol, 'output'), branches, resolveNodes),
      ),
    ),
    ...optional('timeoutMs', millisOf(member(tree, 'timeout'))),
    ...optional(
      'onFailure',
      maybe(member(tree, 'onFailure'), (rule) =>
        onFailureAt(rule, unit, { branches, repeats: before.repeats ?? [] }),
      ),
    ),
  };
}

/** Where its steps stand, which know the item. */
function insideOfLoop(loop: Tree | undefined, symbol: StepSymbol, before: ExpressionPlace): ExpressionPlace {
  const alias = stringOf(member(loop, 'as'));
  return {
    ...before,
    names: new Set([...before.names, 'item']),
    aliases: [...(before.aliases ?? []), ...(alias === undefined ? [] : [alias])],
    position: { ...symbol.order, loops: [...(symbol.order.loops ?? []), symbol.id] },
  };
}

function bodyOf(
  tree: Tree,
  unit: Unit,
  inside: ExpressionPlace,
  branches: readonly string[],
  resolveNodes: ResolveNodes,
): readonly Node[] {
  if (member(tree, 'steps') === undefined) {
    unit.report.error(
      'DB022',
      entry(tree, 'forEach')?.keySpan ?? tree.span,
      '"uses" or "steps" is missing: what is to be done for each item',
    );
  }
  return resolveNodes(member(tree, 'steps'), unit, inside, branches);
}

/** The step has the loop's id; whether the loop is wanted at all is asked once, before it. */
function resolveOneStep(
  tree: Tree,
  unit: Unit,
  before: ExpressionPlace,
  inside: ExpressionPlace,
  branches: readonly string[],
  resolveNodes: ResolveNodes,
  oneGate: boolean,
) {
  const resolved = resolveStep(tree, unit, inside, branches, resolveNodes);
  const base = baseOf(tree, symbolOf(tree, unit), unit, before);
  // Whether it is wanted, and the one gate, are asked before the loop.
  const step: { -readonly [K in keyof Step]: Step[K] } | { -readonly [K in keyof Call]: Call[K] } = {
    ...resolved,
  };
  delete step.when;
  if (oneGate && step.type === 'step') delete step.confirm;
  return { base, steps: [step] };
}

/** In a batch nothing is journaled of an item by itself, so there must be nothing that would have to be. */
function checkBatch({ batch, steps }: ForEach, loop: Tree | undefined, unit: Unit): void {
  if (batch === undefined) return;
  const span = entry(loop, 'batch')?.keySpan ?? loop?.span;
  const [step] = steps;
  if (span === undefined) return;
  const reason =
    steps.length !== 1 || step?.type !== 'step' ? 'it holds one step of a kind' : tooMuch(step, unit);
  if (reason !== undefined) {
    unit.report.error('DB066', span, `A loop can be in batches when ${reason}`, {
      hint: 'Leave "batch" out: then each item has events of its own.',
    });
  }
}

function tooMuch(step: Step, unit: Unit): string | undefined {
  const effect = unit.kinds.get(step.uses)?.effect;
  const own = effect === 'unknown' ? step.effect : effect;
  if (own !== 'none' && own !== 'read' && !step.idempotent) {
    return 'its step only reads, or says that it is idempotent: after a crash a batch is done again';
  }
  const { confirm, guard, until, undo, onFailure, next, noReturn } = step;
  const { background, attach, expectFailure, remind } = step;
  const { require, mark, record, rebind, outcomes, settles, secretOutput } = step;
  const lists = [require, mark, record, rebind, outcomes, settles, secretOutput];
  const plain = [
    confirm,
    guard,
    until,
    undo,
    onFailure,
    next,
    background,
    remind,
    attach,
    expectFailure,
  ].every((part) => part === undefined);
  return plain && !noReturn && !step.park && lists.every(({ length }) => length === 0)
    ? undefined
    : 'its step has "with", "assert", "expect", "timeout", "retry" and "idempotent" at most';
}

/** Rounds. */
export function resolveRepeat(
  tree: Tree,
  unit: Unit,
  place: ExpressionPlace,
  branches: readonly string[],
  resolveNodes: ResolveNodes,
): Repeat {
  const symbol = symbolOf(tree, unit);
  const before: ExpressionPlace = { ...place, position: symbol.order };
  const repeat = member(tree, 'repeat');
  const inside: ExpressionPlace = {
    ...before,
    names: new Set([...before.names, 'previous']),
    repeats: [...(before.repeats ?? []), symbol.id],
  };
  const ends = unit.symbols.roundEnds.get(symbol.id) ?? [];
  const conditions = [...symbol.order.conditions, ...ends];
  const end: ExpressionPlace = { ...inside, position: { ...symbol.order, index: symbol.end, conditions } };
  return {
    ...baseOf(tree, symbol, unit, before),
    type: 'repeat',
    steps: resolveNodes(member(repeat, 'steps'), unit, inside, branches),
    accept: expressionAt(member(repeat, 'accept') ?? tree, unit, end, 'condition'),
    max: numberOf(member(repeat, 'max')) ?? ROUNDS,
    pauseMs: millisOf(member(repeat, 'pause')) ?? 0,
  };
}
