import type { Input, InputType, Playbook, Priority, Probe } from '../../model/playbook.ts';
import { entries, entry, items, member, stringOf } from '../syntax/tree.ts';
import type { Tree } from '../syntax/tree.ts';
import { checkAnswer } from './call.ts';
import { assertionAt, elseOf } from './assertion.ts';
import { linksOf, maybe, millisOf, optional, optionsOf, rpoOf, textsOf } from './tree-values.ts';
import { bare } from './bare.ts';
import { insideOf, probeAt } from './conditions.ts';
import { expressionAt } from './expressions.ts';
import { checkFences, checkLossEnd } from './loss-end.ts';
import { checkObjective } from './marks.ts';
import { checkReminders } from './remind.ts';
import { checkLeftBehind } from './left-behind.ts';
import { letValues } from './let.ts';
import { needsOf } from './needs.ts';
import { offersOf } from './offers.ts';
import { resolveNodes } from './nodes.ts';
import { checkAnswers, rehearsalOf } from './rehearsal.ts';
import { checkWrittenAnswers } from './secret-output.ts';
import { templateAt, templateEntries } from './templates.ts';
import { ALWAYS, END, START, at, during } from './unit.ts';
import type { Unit } from './unit.ts';

/** Makes a playbook of a tree, as far as it is right; what is wrong is in the report. */
export function resolvePlaybook(unit: Unit): Playbook {
  const { tree, file } = unit;
  const text = (name: string): string | undefined => stringOf(member(tree, name));
  const playbook: Playbook = {
    id: text('id') ?? '',
    title: text('title') ?? '',
    summary: (text('summary') ?? '').trim(),
    ...optional('owner', text('owner')),
    ...optional('priority', text('priority') as Priority | undefined),
    ...optional('reviewed', text('reviewed')),
    ...optional('nextReview', text('nextReview')),
    symptoms: textsOf(member(tree, 'symptoms')),
    links: linksOf(member(tree, 'links')),
    needs: needsOf(member(tree, 'needs'), unit),
    objectives: objectivesOf(member(tree, 'objectives')),
    inputs: inputsOf(unit),
    let: letOf(unit),
    detect: items(member(tree, 'detect')).flatMap((probe) => detectOf(probe, unit)),
    rehearsals: entries(member(tree, 'rehearsals')).map(({ key, keySpan, value }) =>
      rehearsalOf(key, value, keySpan, unit),
    ),
    steps: resolveNodes(member(tree, 'steps'), unit, during(START), []),
    always: resolveNodes(member(tree, 'always'), unit, during({ ...START, region: ALWAYS }), []),
    outputs: templateEntries(member(tree, 'outputs'), unit, during(END)),
    needed: unit.needed,
    file,
  };
  checkAnswers(playbook, unit);
  // A mark may be missing because of what is wrong elsewhere: that is told, and not what follows from it.
  if (!unit.report.failed) {
    const objectives = member(tree, 'objectives');
    checkObjective(playbook, member(objectives, 'rto'), unit.report);
    checkReminders(playbook, unit.report);
    checkLossEnd(playbook, entry(objectives, 'rpo')?.keySpan, unit.report);
  }
  checkFences(playbook, unit.report);
  checkWrittenAnswers(playbook, unit);
  checkLeftBehind(unit);
  return playbook;
}

/** A part is a playbook without a cover: called, and nothing else. */
export function resolvePart(unit: Unit, name: string, span: Input['span']): Playbook {
  const { tree } = unit;
  const main = stringOf(member(tree, 'title'));
  const part: Playbook = {
    ...bare(span.file),
    id: name,
    title: main ?? name,
    inputs: inputsOf(unit),
    let: letOf(unit),
    steps: resolveNodes(member(tree, 'steps'), unit, during(START), []),
    outputs: templateEntries(member(tree, 'outputs'), unit, during(END)),
    needed: unit.needed,
  };
  checkFences(part, unit.report);
  return part;
}

const inputsOf = (unit: Unit): readonly Input[] =>
  entries(member(unit.tree, 'inputs')).map(({ key, keySpan, value }) => inputOf(key, value, keySpan, unit));

/** Each may use what stands before it. What a step gives is checked where the value is used. */
function letOf(unit: Unit): Playbook['let'] {
  const place = during(END);
  return Array.from(letValues(unit).values(), ({ key, value, index, uses }) => ({
    key,
    value: templateAt(value, unit, { ...place, vars: index, inLet: 'defined' }),
    uses,
  }));
}

function objectivesOf(tree: Tree | undefined): Playbook['objectives'] {
  const rto = member(tree, 'rto');
  const rtoMs = millisOf(member(rto, 'target'));
  return {
    ...(rtoMs !== undefined && {
      rto: {
        targetMs: rtoMs,
        from: stringOf(member(rto, 'from')) ?? 'detected',
        to: stringOf(member(rto, 'to')) ?? 'verified',
      },
    }),
    ...optional('rpo', rpoOf(tree)),
  };
}

const ID = /^[a-z][A-Za-z0-9]*$/;

function inputOf(name: string, tree: Tree, span: Input['span'], unit: Unit): Input {
  if (!ID.test(name)) {
    unit.report.error('DB051', span, `"${name}" cannot be the name of an input`, {
      hint: 'Names begin with a small letter and have letters and digits only.',
    });
  }
  const type = (stringOf(member(tree, 'type')) ?? 'text') as InputType;
  const options = optionsOf(member(tree, 'options'));
  if (type === 'choice' && options.length === 0) {
    unit.report.error('DB065', span, `The input "${name}" is a choice without options`);
  } else if (type !== 'choice' && options.length > 0) {
    unit.report.error(
      'DB065',
      entry(tree, 'options')?.keySpan ?? span,
      `Only a choice has options, "${name}" is a ${type}`,
    );
  }
  const first = member(tree, 'default');
  if (first !== undefined) checkAnswer(first, { name, type, options }, unit);
  return {
    name,
    prompt: stringOf(member(tree, 'prompt')) ?? name,
    type,
    options,
    ...offersOf(name, type, tree, unit),
    ...optional(
      'default',
      maybe(first, (value) => templateAt(value, unit, at(START, 'inputs'))),
    ),
    ...optional(
      'check',
      maybe(member(tree, 'check'), (check) => assertionAt(check, unit, at(START, 'inputs', 'value'))),
    ),
    span,
  };
}

function detectOf(tree: Tree, unit: Unit): readonly Probe[] {
  const place = at(START);
  const probe = probeAt(tree, unit, place);
  const that = member(tree, 'that');
  if (probe === undefined || that === undefined) return [];
  const inside = insideOf(tree, unit, place, { reads: true, output: undefined });
  return [
    {
      ...probe,
      that: expressionAt(that, unit, inside, 'condition'),
      ...optional('else', elseOf(tree, unit, inside)),
      span: tree.span,
    },
  ];
}
