import type { Branch, Choose, Node, Phase } from '../../model/playbook.ts';
import type { Span } from '../../source/file.ts';
import { entries, entry, items, member, stringOf } from '../syntax/tree.ts';
import type { Tree } from '../syntax/tree.ts';
import { maybe, optional, rpoOf } from './tree-values.ts';
import { expressionAt } from './expressions.ts';
import { kindOfNode } from './node-kind.ts';
import { resolveForEach, resolveParallel, resolveRepeat } from './blocks.ts';
import { branchCondition, conditionOf, reaching } from './reasons.ts';
import { baseOf, resolveStep, symbolOf } from './step.ts';
import { SHOWN, templateAt, templateEntries } from './templates.ts';
import type { ExpressionPlace, ResolveNodes, Unit } from './unit.ts';

/** A list of steps and of what holds steps. `branches`: those of the choices around it. */
export const resolveNodes: ResolveNodes = (tree, unit, place, branches) => {
  const phaseIds = new Set<string>();
  return items(tree).flatMap((node): readonly Node[] => {
    const kind = node.type === 'map' ? kindOfNode(node, unit) : undefined;
    switch (kind) {
      case undefined:
        return [];
      case 'phase':
        return [resolvePhase(node, unit, place, branches, phaseIds)];
      case 'choose':
        return [resolveChoose(node, unit, place, branches)];
      case 'parallel':
        return [resolveParallel(node, unit, place, branches, resolveNodes)];
      case 'forEach':
        return [resolveForEach(node, unit, place, branches, resolveNodes)];
      case 'repeat':
        return [resolveRepeat(node, unit, place, branches, resolveNodes)];
      case 'uses':
        return [resolveStep(node, unit, place, branches, resolveNodes)];
    }
  });
};

function resolvePhase(
  tree: Tree,
  unit: Unit,
  place: ExpressionPlace,
  branches: readonly string[],
  taken: Set<string>,
): Phase {
  const title = stringOf(member(tree, 'phase')) ?? '';
  const id = unique(slug(title), taken);
  const steps = member(tree, 'steps');
  const first = items(steps)[0];
  if (steps === undefined) {
    unit.report.error('DB022', entry(tree, 'phase')?.keySpan ?? tree.span, '"steps" is missing');
  }
  const position = first === undefined ? place.position : firstPosition(first, unit, place);
  const before: ExpressionPlace = { ...place, position: reaching(tree, position) };
  return {
    type: 'phase',
    id,
    title,
    ...optional(
      'when',
      maybe(member(tree, 'when'), (when) => expressionAt(when, unit, before, 'condition')),
    ),
    steps: resolveNodes(steps, unit, place, branches),
    span: tree.span,
  };
}

/** A phase asks before its first step. */
function firstPosition(node: Tree, unit: Unit, place: ExpressionPlace): ExpressionPlace['position'] {
  const symbol = unit.symbols.byTree.get(node);
  if (symbol !== undefined) return symbol.order;
  const inner = items(member(node, 'steps'))[0];
  return inner === undefined ? place.position : firstPosition(inner, unit, place);
}

function resolveChoose(tree: Tree, unit: Unit, place: ExpressionPlace, branches: readonly string[]): Choose {
  const symbol = symbolOf(tree, unit);
  const before: ExpressionPlace = { ...place, position: symbol.order };
  const choose = member(tree, 'choose');
  const found = entries(member(choose, 'branches'));
  const owner = entry(tree, 'choose')?.keySpan ?? tree.span;
  checkChoice(choose, owner, unit);
  checkOutputs(found, unit);
  const around = [...found.map(({ key }) => key), ...branches];
  return {
    ...baseOf(tree, symbol, unit, before),
    type: 'choose',
    ...optional(
      'prompt',
      maybe(member(choose, 'prompt'), (prompt) => templateAt(prompt, unit, before, SHOWN)),
    ),
    ...optional(
      'pick',
      maybe(member(choose, 'pick'), (pick) => expressionAt(pick, unit, before)),
    ),
    ...optional(
      'default',
      maybe(member(choose, 'default'), (first) => expressionAt(first, unit, before)),
    ),
    branches: found.map(({ key, keySpan, value }) => {
      const condition = branchCondition(symbol.id, key, choose);
      const offered = conditionOf(value);
      const conditions = [...symbol.order.conditions, ...(offered === undefined ? [] : [offered]), condition];
      const inside: ExpressionPlace = { ...before, position: { ...symbol.order, conditions } };
      return resolveBranch(key, value, keySpan, unit, inside, { before, around, end: symbol.end });
    }),
  };
}

function resolveBranch(
  name: string,
  tree: Tree,
  span: Span,
  unit: Unit,
  inside: ExpressionPlace,
  choice: { readonly before: ExpressionPlace; readonly around: readonly string[]; readonly end: number },
): Branch {
  const atEnd: ExpressionPlace = { ...inside, position: { ...inside.position, index: choice.end } };
  return {
    name,
    title: stringOf(member(tree, 'title')) ?? name,
    ...optional(
      'when',
      maybe(member(tree, 'when'), (when) => expressionAt(when, unit, choice.before, 'condition')),
    ),
    ...optional('rpo', rpoOf(member(tree, 'objectives'))),
    steps: resolveNodes(member(tree, 'steps'), unit, inside, choice.around),
    outputs: templateEntries(member(tree, 'outputs'), unit, atEnd),
    span,
  };
}

function checkChoice(choose: Tree | undefined, owner: Span, unit: Unit): void {
  const prompt = entry(choose, 'prompt');
  const pick = entry(choose, 'pick');
  if (prompt === undefined && pick === undefined) {
    unit.report.error('DB056', owner, 'Nobody chooses here: "prompt" or "pick" is missing');
  } else if (prompt !== undefined && pick !== undefined) {
    unit.report.error(
      'DB056',
      pick.keySpan,
      'Either the operator chooses ("prompt") or an expression does ("pick")',
      {
        related: [{ message: 'the prompt is here', span: prompt.keySpan }],
      },
    );
  }
}

/** Later steps read the outputs without knowing which branch was taken. */
function checkOutputs(branches: ReturnType<typeof entries>, unit: Unit): void {
  const [first, ...others] = branches;
  if (first === undefined) return;
  const names = (branch: (typeof branches)[number]): readonly string[] =>
    entries(member(branch.value, 'outputs')).map(({ key }) => key);
  const wanted = names(first);
  for (const branch of others) {
    const given = names(branch);
    const missing = wanted.filter((name) => !given.includes(name));
    const extra = given.filter((name) => !wanted.includes(name));
    if (missing.length === 0 && extra.length === 0) continue;
    const difference = [
      ...missing.map((name) => `"${name}" is missing`),
      ...extra.map((name) => `"${name}" is only here`),
    ];
    unit.report.error(
      'DB055',
      branch.keySpan,
      `The branches give different outputs: ${difference.join(', ')}`,
      {
        related: [{ message: `"${first.key}" gives ${wanted.join(', ') || 'none'}`, span: first.keySpan }],
      },
    );
  }
}

function slug(title: string): string {
  const words = title
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  return words.join('-') || 'phase';
}

function unique(name: string, taken: Set<string>): string {
  let id = name;
  for (let count = 2; taken.has(id); count++) id = `${name}-${String(count)}`;
  taken.add(id);
  return id;
}
