import type { JsonObject } from '../../base/json.ts';
import type { Condition, Until } from '../../model/playbook.ts';
import type { Template } from '../../model/template.ts';
import { entry, items, member, stringOf } from '../syntax/tree.ts';
import type { Tree } from '../syntax/tree.ts';
import { elseOf } from './assertion.ts';
import { maybe, millisOf, numberOf, optional } from './tree-values.ts';
import { checkReading } from './effects.ts';
import { expressionAt } from './expressions.ts';
import { argumentsAt, kindAt } from './kinds.ts';
import { SHOWN, templateAt } from './templates.ts';
import type { ExpressionPlace, Unit } from './unit.ts';

/** The kind of the step that a condition stands on, as far as a condition over its own output asks. */
export interface OwnKind {
  /** Asking again does no harm. */
  readonly reads: boolean;
  readonly output: JsonObject | undefined;
}

const EVERY_MS = 5000;

/** A condition over the live world: over a probe of its own, or over the output of a step that only reads. */
export function conditionAt(tree: Tree, unit: Unit, place: ExpressionPlace, own: OwnKind): Condition {
  const probe = probeAt(tree, unit, place);
  const inside = insideOf(tree, unit, place, own);
  const that = member(tree, 'that');
  return {
    that: expressionAt(that ?? tree, unit, inside, 'condition'),
    ...optional('else', elseOf(tree, unit, inside)),
    ...optional('probe', probe),
  };
}

/** One condition or a list of them. */
export function conditionsAt(
  tree: Tree | undefined,
  unit: Unit,
  place: ExpressionPlace,
  own: OwnKind,
): readonly Condition[] {
  if (tree === undefined) return [];
  const all = tree.type === 'list' ? items(tree) : [tree];
  return all
    .filter((item) => member(item, 'that') !== undefined)
    .map((item) => conditionAt(item, unit, place, own));
}

export function untilAt(tree: Tree, unit: Unit, place: ExpressionPlace, own: OwnKind): Until {
  if (member(tree, 'uses') === undefined && !own.reads) {
    unit.report.error(
      'DB034',
      entry(tree, 'that')?.keySpan ?? tree.span,
      'To read its output again, this step would be done again',
      {
        hint: 'Read with a step kind that only reads: until: { uses, with, that }.',
      },
    );
  }
  const inside = insideOf(tree, unit, place, { ...own, reads: true });
  return {
    ...conditionAt(tree, unit, place, { ...own, reads: true }),
    ...optional(
      'failWhen',
      maybe(member(tree, 'failWhen'), (when) => expressionAt(when, unit, inside, 'condition')),
    ),
    ...optional(
      'show',
      maybe(member(tree, 'show'), (show) => templateAt(show, unit, inside, SHOWN)),
    ),
    ...optional('timeoutMs', millisOf(member(tree, 'timeout'))),
    delayMs: millisOf(member(tree, 'delay')) ?? 0,
    everyMs: millisOf(member(tree, 'every')) ?? EVERY_MS,
    stable: numberOf(member(tree, 'stable')) ?? 1,
    span: tree.span,
  };
}

/** `{ uses, with }` of a kind that changes nothing. */
export function probeAt(
  tree: Tree,
  unit: Unit,
  place: ExpressionPlace,
): { readonly uses: string; readonly with: Template } | undefined {
  const uses = member(tree, 'uses');
  const name = stringOf(uses);
  if (uses === undefined || name === undefined) return undefined;
  const kind = kindAt(uses, unit, 'steps');
  if (kind?.effect === 'write' || kind?.effect === 'destructive') {
    unit.report.error(
      'DB033',
      uses.span,
      `"${name}" changes something, so it cannot be asked as a condition`,
    );
  }
  checkReading(tree, kind, unit);
  const span = entry(tree, 'uses')?.keySpan ?? uses.span;
  return { uses: name, with: argumentsAt(member(tree, 'with'), kind, span, unit, place) };
}

/** What a condition may say: `output` is that of its probe, or the step's own where asking for it does no harm. */
export function insideOf(tree: Tree, unit: Unit, place: ExpressionPlace, own: OwnKind): ExpressionPlace {
  const uses = stringOf(member(tree, 'uses'));
  if (uses !== undefined) {
    const output = unit.kinds.get(uses)?.output;
    return { ...place, names: new Set([...place.names, 'output']), output };
  }
  if (!own.reads) return place;
  return { ...place, names: new Set([...place.names, 'output']), output: own.output };
}
