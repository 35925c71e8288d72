import type { Fault, InputType, Playbook, Rehearsal, StepsFault } from '../../model/playbook.ts';
import { placedSteps } from '../../model/walk.ts';
import { answerable } from '../answers.ts';
import type { Answerable } from '../answers.ts';
import { meant } from '../report.ts';
import { entries, entry, items, member, stringOf } from '../syntax/tree.ts';
import type { Tree } from '../syntax/tree.ts';
import { bare } from './bare.ts';
import { checkAnswer } from './call.ts';
import { injectOf } from './inject.ts';
import { resolveNodes } from './nodes.ts';
import { outline } from './outline.ts';
import { templateEntries } from './templates.ts';
import { optional, optionsOf, textsOf } from './tree-values.ts';
import { ALWAYS, END, START, during } from './unit.ts';
import type { Unit } from './unit.ts';
import { beforeTheRun, partFault } from './world-fault.ts';

/** Where a rehearsal may run that does not say so. */
const SANDBOX = 'sandbox';

/** One of `rehearsals`: what breaks, where, and how it is answered. */
export function rehearsalOf(name: string, tree: Tree, span: Rehearsal['span'], unit: Unit): Rehearsal {
  const named = textsOf(member(tree, 'environments'));
  const faults = faultsOf(member(tree, 'fault'), stringOf(member(tree, 'title')) ?? name, unit);
  const environments = named.length === 0 ? [SANDBOX] : named;
  const injects = items(member(tree, 'injects')).flatMap((each) => injectOf(each, unit) ?? []);
  const further = injects.flatMap(({ what }) => (what.type === 'fault' ? [what.fault] : []));
  checkPlaces([...faults, ...further], environments, unit);
  return {
    name,
    ...optional('title', stringOf(member(tree, 'title'))),
    faults,
    environments,
    injects,
    answers: templateEntries(member(tree, 'answers'), unit, beforeTheRun('fault')),
    span,
  };
}

const FORMS = '{ uses, with }, { uses, part, with }, { steps, always, outputs } or a list of these';

function faultsOf(tree: Tree | undefined, title: string, unit: Unit): readonly Fault[] {
  if (tree === undefined || stringOf(tree) === 'none') return [];
  const written = tree.type === 'list' ? tree.items : [tree];
  return written.flatMap((each) => faultOf(each, title, unit) ?? []);
}

function faultOf(tree: Tree, title: string, unit: Unit): Fault | undefined {
  const uses = entry(tree, 'uses');
  const steps = entry(tree, 'steps');
  if (tree.type !== 'map') {
    unit.report.error('DB023', tree.span, `A fault is ${FORMS}, or none`);
    return undefined;
  }
  if ((uses === undefined) === (steps === undefined)) {
    unit.report.error('DB151', steps?.keySpan ?? tree.span, `A fault is either ${FORMS}`, {
      hint: 'uses names a fault kind, which breaks a part of a world; steps break something by step kinds, anywhere.',
    });
    return undefined;
  }
  const foreign = (uses === undefined ? ['part', 'with'] : ['always', 'outputs']).flatMap(
    (key) => entry(tree, key) ?? [],
  );
  for (const { key, keySpan } of foreign) {
    const only = uses === undefined ? 'a fault kind (uses)' : 'a fault of steps';
    unit.report.error('DB151', keySpan, `"${key}" belongs to ${only}`);
  }
  return uses === undefined ? stepsFault(tree, title, unit) : partFault(tree, uses.value, uses.keySpan, unit);
}

/** Its steps know of each other, and of nothing of the recovery: that has not begun. */
function stepsFault(tree: Tree, title: string, unit: Unit): StepsFault {
  const { kinds, calls, report } = unit;
  const symbols = outline(tree, { kinds, calls, parts: member(unit.tree, 'parts') }, report);
  const own: Unit = { ...unit, tree, inputs: new Set(), needed: new Map(), symbols };
  const playbook: Playbook = {
    ...bare(tree.span.file),
    title,
    steps: resolveNodes(member(tree, 'steps'), own, during(START), []),
    always: resolveNodes(member(tree, 'always'), own, during({ ...START, region: ALWAYS }), []),
    outputs: templateEntries(member(tree, 'outputs'), own, during(END)),
    needed: own.needed,
  };
  if (items(member(tree, 'steps')).length === 0) {
    report.error(
      'DB151',
      entry(tree, 'steps')?.keySpan ?? tree.span,
      'A fault without steps breaks nothing',
      {
        hint: 'Write fault: none where nothing is to break.',
      },
    );
  }
  checkBreaking(playbook, own);
  return { type: 'steps', playbook, span: tree.span };
}

/** What a step may carry that is of the recovery, which these are not. */
function checkBreaking(playbook: Playbook, { report }: Unit): void {
  for (const { node } of placedSteps(playbook)) {
    if (node.type !== 'step') continue;
    const { mark, rebind, background, remind } = node;
    const wrong = [
      ...(mark.length > 0 ? ['mark'] : []),
      ...(rebind.length > 0 ? ['rebind'] : []),
      ...(background !== undefined ? ['background'] : []),
      ...(remind !== undefined ? ['remind'] : []),
    ];
    for (const name of wrong) {
      report.error('DB152', node.span, `A step that breaks has no "${name}": that is the recovery’s`, {
        hint: 'Marks of the failure come from the fault (occurred) and from detect (detected).',
      });
    }
  }
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
