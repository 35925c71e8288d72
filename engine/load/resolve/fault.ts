import type { Fault, Playbook, StepsFault } from '../../model/playbook.ts';
import { placedSteps } from '../../model/walk.ts';
import { entry, items, member, stringOf } from '../syntax/tree.ts';
import type { Tree } from '../syntax/tree.ts';
import { bare } from './bare.ts';
import { resolveNodes } from './nodes.ts';
import { outline } from './outline.ts';
import { templateEntries } from './templates.ts';
import { ALWAYS, END, START, during } from './unit.ts';
import type { Unit } from './unit.ts';
import { partFault } from './world-fault.ts';

const FORMS = '{ uses, with }, { uses, part, with }, { steps, always, outputs } or a list of these';

/** What a rehearsal breaks; nothing for `none`. */
export function faultsOf(tree: Tree | undefined, title: string, unit: Unit): readonly Fault[] {
  if (tree === undefined || stringOf(tree) === 'none') return [];
  const written = tree.type === 'list' ? tree.items : [tree];
  return written.flatMap((each) => faultOf(each, title, unit) ?? []);
}

/** One fault: of a part of a world, or by steps. */
export function faultOf(tree: Tree, title: string, unit: Unit): Fault | undefined {
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
