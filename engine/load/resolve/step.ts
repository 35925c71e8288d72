import { isJsonArray, isJsonObject } from '../../base/json.ts';
import type { JsonObject } from '../../base/json.ts';
import { hasTemplate } from '../../expression/template.ts';
import type { ContextName } from '../../model/names.ts';
import type { Call, Confirm, Retry, Step, Undo } from '../../model/playbook.ts';
import { annotation } from '../schemas/shape.ts';
import type { KindSchema } from '../schemas/kind-schema.ts';
import { entries, entry, items, member, stringOf } from '../syntax/tree.ts';
import type { Tree } from '../syntax/tree.ts';
import { resolveCall } from './call.ts';
import { assertionAt } from './assertion.ts';
import { booleanOf, linksOf, maybe, millisOf, numberOf, optional, textsOf } from './tree-values.ts';
import { onFailureAt, repeatAt } from './ways-out.ts';
import { checkDebts, settlesAt } from './debts.ts';
import { conditionAt, conditionsAt, untilAt } from './conditions.ts';
import type { OwnKind } from './conditions.ts';
import { effectAt, effectSaid } from './effects.ts';
import { expressionAt } from './expressions.ts';
import { argumentsAt, kindAt } from './kinds.ts';
import { checkKeysOfKind, isCall } from './node-kind.ts';
import { backgroundAt, parkAt } from './background-and-park.ts';
import { reaching } from './reasons.ts';
import { remindAt } from './remind.ts';
import { approvalsAt } from './approvals.ts';
import { checkRole } from './roles.ts';
import { checkLateOffers } from './offers.ts';
import { checkSecretOutput, checkWrittenDefaults, secretOutputOf } from './secret-output.ts';
import { SHOWN, templateAt, templateEntries } from './templates.ts';
import type { ExpressionPlace, ResolveNodes, StepSymbol, Unit } from './unit.ts';

const RETRY_DELAY_MS = 5000;

/** A step, or a call of another playbook. `branches`: what it could leave for. */
export function resolveStep(
  tree: Tree,
  unit: Unit,
  outer: ExpressionPlace,
  branches: readonly string[],
  resolveNodes: ResolveNodes,
): Step | Call {
  const symbol = unit.symbols.inLoop.get(tree) ?? symbolOf(tree, unit);
  const before: ExpressionPlace = { ...outer, position: symbol.order, codes: symbol.codes };
  const base = {
    ...baseOf(tree, symbol, unit, before),
    ...optional(
      'onFailure',
      maybe(member(tree, 'onFailure'), (rule) =>
        onFailureAt(rule, unit, { branches, repeats: before.repeats ?? [] }),
      ),
    ),
  };
  const uses = member(tree, 'uses');
  const undo = optional(
    'undo',
    maybe(member(tree, 'undo'), (given) =>
      undoAt(given, unit, undoing(before, symbol), branches, resolveNodes),
    ),
  );
  if (isCall(stringOf(uses))) return resolveCall(tree, { ...base, ...undo }, unit, before);
  const kind = uses === undefined ? undefined : kindAt(uses, unit, 'steps');
  if (kind !== undefined) checkKeysOfKind(tree, kind, unit);
  checkDebts(member(tree, 'with'), kind, symbol, unit);
  checkSecretOutput(tree, kind?.output, unit);
  checkWrittenDefaults(tree, kind?.output, unit);
  checkLateOffers(tree, unit);
  return {
    ...base,
    type: 'step',
    uses: stringOf(uses) ?? '',
    usesSpan: uses?.span ?? tree.span,
    with: argumentsAt(member(tree, 'with'), kind, entry(tree, 'uses')?.keySpan ?? tree.span, unit, before),
    ...effectsOf(tree, kind, unit, before, branches),
    ...checksOf(tree, kind, symbol, unit, before),
    ...undo,
    settles: settlesAt(member(tree, 'settles'), symbol, unit),
  };
}

export function symbolOf(tree: Tree, unit: Unit): StepSymbol {
  const symbol = unit.symbols.byTree.get(tree);
  if (symbol === undefined) throw new Error('a step was resolved that the outline has not seen');
  return symbol;
}

/** What steps, calls and choices have in common. */
export function baseOf(tree: Tree, symbol: StepSymbol, unit: Unit, before: ExpressionPlace) {
  const uses = stringOf(member(tree, 'uses'));
  checkRole(member(tree, 'by'), unit);
  return {
    id: symbol.id,
    named: symbol.named,
    title: stringOf(member(tree, 'title')) ?? (symbol.named ? symbol.id : (uses ?? symbol.id)),
    links: linksOf(member(tree, 'links')),
    span: tree.span,
    ...optional('why', stringOf(member(tree, 'why'))),
    ...optional('by', stringOf(member(tree, 'by'))),
    ...optional(
      'when',
      maybe(member(tree, 'when'), (when) =>
        expressionAt(when, unit, { ...before, position: reaching(tree, before.position) }, 'condition'),
      ),
    ),
  };
}

export const after = (
  before: ExpressionPlace,
  symbol: StepSymbol,
  ...names: readonly ContextName[]
): ExpressionPlace => ({
  ...before,
  names: new Set([...before.names, ...names]),
  output: symbol.output,
});

/** An undo is owed as well when the step failed half-way. */
const undoing = (before: ExpressionPlace, symbol: StepSymbol): ExpressionPlace => ({
  ...after(before, symbol, 'output'),
  outputMayMiss: symbol.own.undo,
});

/** What a step does, and what stands around the doing. */
function effectsOf(
  tree: Tree,
  kind: KindSchema | undefined,
  unit: Unit,
  before: ExpressionPlace,
  branches: readonly string[],
) {
  const own = ownKind(tree, kind);
  return {
    ...optional(
      'confirm',
      maybe(member(tree, 'confirm'), (gate) => confirmAt(gate, unit, before, branches)),
    ),
    ...optional(
      'guard',
      maybe(member(tree, 'guard'), (guard) => conditionAt(guard, unit, before, own)),
    ),
    require: conditionsAt(member(tree, 'require'), unit, before, own),
    ...optional(
      'until',
      maybe(member(tree, 'until'), (until) => untilAt(until, unit, before, own)),
    ),
    ...optional('expectMs', millisOf(member(tree, 'expect'))),
    ...optional('timeoutMs', millisOf(member(tree, 'timeout'))),
    ...optional(
      'retry',
      maybe(member(tree, 'retry'), (retry) => retryAt(retry, unit, before)),
    ),
    ...optional(
      'background',
      maybe(member(tree, 'background'), () => backgroundAt(tree, kind, unit, before)),
    ),
    ...optional(
      'remind',
      maybe(member(tree, 'remind'), () => remindAt(tree, kind, unit, before)),
    ),
    park: parkAt(tree, kind, unit, before),
    ...optional('next', repeatAt(member(tree, 'next'), unit, before.repeats ?? [])),
    noReturn: booleanOf(member(tree, 'noReturn')) ?? false,
    answers: entries(member(tree, 'answers')).map(({ key }) => ({ answer: key, allow: 'never' as const })),
    ...optional(
      'touches',
      maybe(member(tree, 'touches'), (touches) => templateAt(touches, unit, before)),
    ),
    ...optional('effect', effectAt(tree, kind, unit)),
    idempotent: booleanOf(member(tree, 'idempotent')) ?? false,
    secretOutput: secretOutputOf(tree, kind?.output),
  };
}

/** What is asked of the result, and what is kept of it. */
function checksOf(
  tree: Tree,
  kind: KindSchema | undefined,
  symbol: StepSymbol,
  unit: Unit,
  before: ExpressionPlace,
) {
  const done = after(before, symbol, 'output');
  const kept = { ...done, recording: symbol.id };
  const recording: ExpressionPlace = { ...kept, outputMayMiss: symbol.own.record };
  const rebinding: ExpressionPlace = { ...kept, outputMayMiss: symbol.own.rebind };
  const ended = after(before, symbol, 'output', 'error');
  const proving: ExpressionPlace = { ...before, names: new Set<ContextName>(['inputs', 'fault']) };
  return {
    assert: items(member(tree, 'assert')).map((item) => assertionAt(item, unit, done)),
    ...optional(
      'expectFailure',
      maybe(member(tree, 'expectFailure'), (that) =>
        expressionAt(that, unit, after(before, symbol, 'error'), 'condition'),
      ),
    ),
    outcomes: entries(member(tree, 'outcomes')).map(({ key, value }) => ({
      name: key,
      that: expressionAt(value, unit, ended, 'condition'),
    })),
    record: templateEntries(member(tree, 'record'), unit, recording, SHOWN),
    mark: marksOf(member(tree, 'mark')),
    ...optional(
      'attach',
      maybe(member(tree, 'attach'), (files) => templateAt(files, unit, done)),
    ),
    rebind: templateEntries(member(tree, 'rebind'), unit, rebinding, rebindSchema(member(tree, 'rebind'))),
    ...optional(
      'prove',
      maybe(member(member(tree, 'prove'), 'with'), (args) => ({
        with: templateAt(args, unit, proving, kind?.with),
      })),
    ),
  };
}

/** What replaces a target is one of its group; it may be a handle. */
const rebindSchema = (rebind: Tree | undefined): JsonObject => ({
  type: 'object',
  properties: Object.fromEntries(
    entries(rebind).map(({ key }) => [key, { 'x-target': key.split('.')[0] ?? '' }]),
  ),
});

export const marksOf = (tree: Tree | undefined): readonly string[] =>
  tree?.type === 'list' ? textsOf(tree) : maybe(tree, stringOf) === undefined ? [] : [stringOf(tree) ?? ''];

function ownKind(tree: Tree, kind: KindSchema | undefined): OwnKind {
  const effect = effectSaid(tree, kind) ?? 'unknown';
  const reads = effect === 'unknown' ? readsWith(tree, kind) : effect !== 'write' && effect !== 'destructive';
  return { reads: reads && (kind?.doneBy ?? 'kind') === 'kind', output: kind?.output };
}

/** Whether an argument tells that a kind which can do anything only reads this time. */
function readsWith(tree: Tree, kind: KindSchema | undefined): boolean {
  const { properties } = kind?.with ?? {};
  return Object.entries(isJsonObject(properties) ? properties : {}).some(([name, schema]) => {
    const reading = isJsonObject(schema) ? annotation(schema, 'x-reading') : undefined;
    if (reading === undefined || !isJsonArray(reading)) return false;
    const value = stringOf(member(member(tree, 'with'), name));
    return value === undefined || hasTemplate(value) || reading.includes(value);
  });
}

export function confirmAt(
  tree: Tree,
  unit: Unit,
  place: ExpressionPlace,
  branches: readonly string[],
): Confirm {
  const onDecline = member(tree, 'onDecline');
  if (stringOf(onDecline) === 'ask' && onDecline !== undefined) {
    unit.report.error(
      'DB023',
      onDecline.span,
      'Who has declined is not asked again: this must be skip, abort, { branch } or { next }',
    );
  }
  return {
    message: templateAt(member(tree, 'message') ?? tree, unit, place, SHOWN),
    ...optional(
      'type',
      maybe(member(tree, 'type'), (typed) => templateAt(typed, unit, place, SHOWN)),
    ),
    ...optional(
      'onDecline',
      maybe(onDecline, (rule) => onFailureAt(rule, unit, { branches, repeats: place.repeats ?? [] })),
    ),
    ...optional(
      'approvals',
      maybe(member(tree, 'approvals'), (approvals) => approvalsAt(approvals, unit)),
    ),
  };
}

function retryAt(tree: Tree, unit: Unit, before: ExpressionPlace): Retry {
  const failed: ExpressionPlace = { ...before, names: new Set([...before.names, 'error']) };
  return {
    attempts: numberOf(member(tree, 'attempts')) ?? 1,
    delayMs: millisOf(member(tree, 'delay')) ?? RETRY_DELAY_MS,
    backoff: numberOf(member(tree, 'backoff')) ?? 1,
    ...optional(
      'when',
      maybe(member(tree, 'when'), (when) => expressionAt(when, unit, failed, 'condition')),
    ),
  };
}

export function undoAt(
  tree: Tree,
  unit: Unit,
  done: ExpressionPlace,
  branches: readonly string[],
  resolveNodes: ResolveNodes,
): Undo {
  const always: OwnKind = { reads: true, output: done.output };
  return {
    at: stringOf(member(tree, 'at')) === 'exit' ? 'exit' : 'abort',
    pay: stringOf(member(tree, 'pay')) === 'auto' ? 'auto' : 'ask',
    ...optional(
      'when',
      maybe(member(tree, 'when'), (when) => expressionAt(when, unit, done, 'condition')),
    ),
    require: conditionsAt(member(tree, 'require'), unit, done, always),
    ...optional(
      'key',
      maybe(member(tree, 'key'), (key) => templateAt(key, unit, done, SHOWN)),
    ),
    steps: resolveNodes(member(tree, 'steps'), unit, done, branches),
  };
}
