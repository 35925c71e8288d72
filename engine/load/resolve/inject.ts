import type { Inject } from '../../model/playbook.ts';
import { nearest } from '../../source/nearest.ts';
import { meant } from '../report.ts';
import { entry, member, stringOf } from '../syntax/tree.ts';
import type { Tree } from '../syntax/tree.ts';
import { templateAt, templateEntries } from './templates.ts';
import { millisOf } from './tree-values.ts';
import { beforeTheRun } from './world-fault.ts';
import { faultOf } from './fault.ts';
import type { Unit } from './unit.ts';

const FORM = 'An inject says when (at or after) and what comes (message, fault or answer), one of each';

/** One of the `injects` of a rehearsal. */
export function injectOf(tree: Tree, title: string, unit: Unit): Inject | undefined {
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
  const what = whatOf(tree, title, unit);
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

function whatOf(tree: Tree, title: string, unit: Unit): Inject['what'] | undefined {
  const place = beforeTheRun('fault');
  const message = member(tree, 'message');
  if (message !== undefined) return { type: 'message', text: templateAt(message, unit, place) };
  const fault = member(tree, 'fault');
  if (fault === undefined) {
    return { type: 'answer', answers: templateEntries(member(tree, 'answer'), unit, place) };
  }
  return faultWhat(fault, title, unit);
}

/** A further fault, of a part or by steps. Expressions see that of the rehearsal as `fault`, so that steps here give none. */
function faultWhat(tree: Tree, title: string, unit: Unit): Inject['what'] | undefined {
  if (tree.type !== 'map') {
    const forms = '{ uses, with }, { uses, part, with } or { steps, always }';
    unit.report.error('DB158', tree.span, `The fault of an inject is one, as ${forms}`);
    return undefined;
  }
  const outputs = entry(tree, 'outputs');
  if (outputs !== undefined) {
    unit.report.error('DB158', outputs.keySpan, 'An inject has no outputs: nothing could ask for them', {
      hint: 'What expressions see as fault comes from the fault of the rehearsal.',
    });
  }
  const fault = faultOf(tree, title, unit);
  return fault === undefined ? undefined : { type: 'fault', fault };
}
