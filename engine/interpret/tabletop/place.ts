import type { Value } from '../../base/value.ts';
import type { Node, Playbook, Step } from '../../model/playbook.ts';
import type { Expression } from '../../model/template.ts';
import { EvaluationError } from '../../model/ports.ts';
import type { Evaluator } from '../../model/ports.ts';
import { expressionsIn } from '../life/affected.ts';
import type { RunContext } from '../life/context.ts';
import { playbookFrame, resultsOf, setResult } from '../life/frame.ts';
import type { Frame } from '../life/frame.ts';
import { names } from '../life/names.ts';
import { Known } from '../preflight/known-values.ts';

/** Where a tabletop stands, and of which names nobody knows what they would be. */
export interface Place extends Frame {
  /** As an evaluator names them: `steps.restore`, `inputs.at`, `fault`. */
  readonly unknown: Set<string>;
  /** What people would have left to be put right, of the whole table. */
  readonly owed: OwedAtTable[];
}

type Owing = Pick<Step, 'id' | 'title' | 'span' | 'undo'>;

/** A step, or a call or a loop as a whole, with an undo that is due at the end. */
export interface OwedAtTable {
  readonly key: string;
  readonly node: Owing;
  readonly place: Place;
}

/** What only a run that does something knows of itself. */
const NEVER_KNOWN = [
  'fault',
  'previous',
  'item',
  'key',
  'run.occurredAt',
  'run.verified',
  'run.remaining',
  'run.expectedEnd',
];

/** From here on it is left to be put right, where its undo is due at the end. */
export function owe(place: Place, key: string, node: Owing): void {
  if (node.undo?.at === 'exit') place.owed.push({ key, node, place });
}

/** What the steps of these ids owe is put right before the end. */
export function settle({ owed, playbook }: Place, ids: readonly string[]): void {
  for (let index = owed.length - 1; index >= 0; index -= 1) {
    const each = owed[index];
    if (each?.place.playbook === playbook && ids.includes(each.node.id)) owed.splice(index, 1);
  }
}

export const placeIn = (
  playbook: Playbook,
  prefix: string,
  inputs: Record<string, Value>,
  owed: OwedAtTable[],
): Place => ({
  ...playbookFrame(playbook, prefix, inputs, false),
  unknown: new Set(NEVER_KNOWN),
  owed,
});

/** From here on nobody knows what came of it: it was not carried out. */
export const leaveUnknown = ({ unknown }: Place, id: string): unknown => unknown.add(`steps.${id}`);

/** The same for all steps below, once they have been talked through as one of many items or rounds. */
export function leaveAllUnknown(place: Place, nodes: readonly Node[]): void {
  for (const id of Object.keys(resultsOf(nodes))) leaveUnknown(place, id);
}

/** What people said is known like the output of any step. */
export function setKnown(place: Place, id: string, output: Value): void {
  setResult(place, id, { outcome: 'succeeded', output });
}

/** What can be known at this place: whatever rests on something unknown is unknown, also where it has a default for what is missing. */
export const knownAt = (run: RunContext, place: Place): Known =>
  new Known(carefully(run.options.evaluator, place), names(run, place, run.options.clock.now()));

function carefully(evaluator: Evaluator, place: Place): Evaluator {
  const guard = (expression: Expression): void => {
    if (restsOnUnknown(expression, evaluator, place)) throw new EvaluationError('is not known', expression);
  };
  return {
    evaluate: (expression, scope) => {
      guard(expression);
      return evaluator.evaluate(expression, scope);
    },
    test: (expression, scope) => {
      guard(expression);
      return evaluator.test(expression, scope);
    },
    render: (template, scope) => {
      expressionsIn(template).forEach(guard);
      return evaluator.render(template, scope);
    },
    asksFor: (expression, name) => evaluator.asksFor(expression, name),
    namesIn: (expression) => evaluator.namesIn(expression),
  };
}

function restsOnUnknown(expression: Expression, evaluator: Evaluator, place: Place): boolean {
  const { unknown, playbook } = place;
  return evaluator.namesIn(expression).some((name) => {
    const [root, member] = name.split('.');
    if (unknown.has(name) || unknown.has(root ?? name)) return true;
    if (member === undefined && [...unknown].some((each) => each.startsWith(`${name}.`))) return true;
    if (root !== 'vars') return false;
    const asked = playbook.let.filter(({ key }) => member === undefined || key === member);
    return asked.some(({ value }) =>
      expressionsIn(value).some((inner) => restsOnUnknown(inner, evaluator, place)),
    );
  });
}
