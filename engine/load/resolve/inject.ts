import type { Inject } from '../../model/inject.ts';
import { nearest } from '../../source/nearest.ts';
import { meant } from '../report.ts';
import { entry, member, stringOf } from '../syntax/tree.ts';
import type { Tree } from '../syntax/tree.ts';
import { templateAt, templateEntries } from './templates.ts';
import { millisOf } from './tree-values.ts';
import { beforeTheRun, partFault } from './world-fault.ts';
import type { Unit } from './unit.ts';

const FORM = 'An inject says when (at or after) and what comes (message, fault or answer), one of each';

/** One of the `injects` of a rehearsal. */
export function injectOf(tree: Tree, unit: Unit): Inject | undefined {
  if (tree.type !== 'map') return undefined;
  const whens = ['at', 'after'].flatMap((key) => entry(tree, key) ?? []);
  const whats = ['message', 'fault', 'answer'].flatMap((key) => entry(tree, key) ?? []);
  if (whens.length !== 1 || whats.length !== 1) {
    const second = whens[1] ?? whats[1];
    unit.report.error('DB158', second?.keySpan ?? tree.span, FORM, {
      hint: 'For example { at: 4m, message: The second engineer is unreachable }.',
    });
    return undefined;
  }
  const when = whenOf(tree, unit);
  const what = whatOf(tree, unit);
  return when === undefined || what === undefined ? undefined : { when, what, span: tree.span };
}

function whenOf(tree: Tree, unit: Unit): Inject['when'] | undefined {
  const after = member(tree, 'after');
  const id = stringOf(after);
  if (after === undefined || id === undefined) {
    const atMs = millisOf(member(tree, 'at'));
    return atMs === undefined ? undefined : { atMs };
  }
  if (!unit.symbols.byId.has(id)) {
    unit.report.error('DB159', after.span, `There is no step "${id}" after which it could come`, {
      hint: meant(nearest(id, [...unit.symbols.byId.keys()])),
    });
  }
  return { after: id };
}

function whatOf(tree: Tree, unit: Unit): Inject['what'] | undefined {
  const place = beforeTheRun('fault');
  const message = member(tree, 'message');
  if (message !== undefined) return { type: 'message', text: templateAt(message, unit, place) };
  const fault = member(tree, 'fault');
  if (fault === undefined) {
    return { type: 'answer', answers: templateEntries(member(tree, 'answer'), unit, place) };
  }
  const uses = entry(fault, 'uses');
  if (uses !== undefined) return { type: 'fault', fault: partFault(fault, uses.value, uses.keySpan, unit) };
  unit.report.error('DB158', fault.span, 'The fault of an inject is { uses, with } or { uses, part, with }');
  return undefined;
}
