import type { Fault, InputType, Playbook, Rehearsal } from '../../model/playbook.ts';
import { allFaults } from '../../model/walk.ts';
import { answerable } from '../answers.ts';
import type { Answerable } from '../answers.ts';
import { meant } from '../report.ts';
import { entries, items, member, stringOf } from '../syntax/tree.ts';
import type { Tree } from '../syntax/tree.ts';
import { checkAnswer } from './call.ts';
import { faultsOf } from './fault.ts';
import { injectOf } from './inject.ts';
import { templateEntries } from './templates.ts';
import { optional, optionsOf, textsOf } from './tree-values.ts';
import type { Unit } from './unit.ts';
import { beforeTheRun } from './world-fault.ts';

/** Where a rehearsal may run that does not say so. */
const SANDBOX = 'sandbox';

/** One of `rehearsals`: what breaks, where, and how it is answered. */
export function rehearsalOf(name: string, tree: Tree, span: Rehearsal['span'], unit: Unit): Rehearsal {
  const named = textsOf(member(tree, 'environments'));
  const title = stringOf(member(tree, 'title')) ?? name;
  const faults = faultsOf(member(tree, 'fault'), title, unit);
  const environments = named.length === 0 ? [SANDBOX] : named;
  const injects = items(member(tree, 'injects')).flatMap((each) => injectOf(each, title, unit) ?? []);
  const rehearsal: Rehearsal = {
    name,
    ...optional('title', stringOf(member(tree, 'title'))),
    faults,
    environments,
    injects,
    answers: templateEntries(member(tree, 'answers'), unit, beforeTheRun('fault')),
    span,
  };
  checkPlaces(allFaults(rehearsal), environments, unit);
  return rehearsal;
}

/** Parts are in worlds, and worlds in the sandbox. */
function checkPlaces(faults: readonly Fault[], environments: readonly string[], unit: Unit): void {
  const other = environments.find((name) => name !== SANDBOX);
  if (other === undefined) return;
  for (const fault of faults) {
    if (fault.type !== 'part') continue;
    unit.report.error('DB157', fault.span, `${fault.uses} breaks a part of a world, and "${other}" is none`, {
      hint: `What runs in "${other}" is broken by steps: fault: { steps: [ … ], always: [ … ] }.`,
    });
  }
}

/** Answers are given to inputs, to steps that ask, and to every gate (`*`). */
export function checkAnswers(playbook: Playbook, unit: Unit): void {
  let asked: Answerable | undefined;
  for (const rehearsal of entries(member(unit.tree, 'rehearsals'))) {
    const injected = items(member(rehearsal.value, 'injects')).map((inject) => member(inject, 'answer'));
    const given = [member(rehearsal.value, 'answers'), ...injected];
    for (const { key, keySpan, value } of given.flatMap((answers) => entries(answers))) {
      const input = member(member(unit.tree, 'inputs'), key);
      if (input !== undefined) {
        const type = (stringOf(member(input, 'type')) ?? 'text') as InputType;
        checkAnswer(value, { name: key, type, options: optionsOf(member(input, 'options')) }, unit);
        continue;
      }
      asked ??= answerable(playbook);
      if (!asked.isAsked(key)) {
        unit.report.error('DB064', keySpan, `Nothing asks for "${key}": it is neither an input nor a step`, {
          hint: meant(asked.nearestTo(key)),
        });
      }
    }
  }
}
