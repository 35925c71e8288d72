import { whenItGives } from '../../expression/choice.ts';
import { asksFor } from '../../expression/parse.ts';
import type { KindSchema } from '../schemas/kind-schema.ts';
import { entries, member, stringOf } from '../syntax/tree.ts';
import type { Tree } from '../syntax/tree.ts';
import type { Condition, Position, StepSymbol } from './unit.ts';

/** What must hold for a node, or a branch, to be reached. */
export function conditionOf(node: Tree): Condition | undefined {
  const when = member(node, 'when');
  if (when?.type !== 'scalar') return undefined;
  const source = String(when.value).trim();
  return { key: `when ${String(when.span.start)}`, text: `"${source}" does not hold`, source };
}

/**
 * What must hold for a branch of a choice to be taken. An expression that picks it tells that of what it asks; its
 * `default` does not, since people may choose otherwise.
 */
export function branchCondition(id: string, name: string, choose: Tree | undefined): Condition {
  const pick = member(choose, 'pick');
  const source = pick?.type === 'scalar' ? whenItGives(String(pick.value).trim(), name) : undefined;
  return {
    key: `branch ${id} ${name}`,
    text: `the branch "${name}" is not chosen`,
    ...(source !== undefined && { source }),
  };
}

/** Where a node's own `when` is asked: under the conditions around it, and not yet under its own. */
export function reaching(node: Tree, position: Position): Position {
  const own = position.conditions.findIndex(({ key }) => key === conditionOf(node)?.key);
  return own === -1 ? position : { ...position, conditions: position.conditions.slice(0, own) };
}

/** What of a step itself may leave it, or what is said in it, without an output, though the run goes on. */
export function reasonsOf(
  node: Tree,
  kind: KindSchema | undefined,
): Pick<StepSymbol, 'own' | 'silent' | 'failing'> & { readonly mayMiss: readonly Condition[] } {
  const never = when(member(node, 'expectFailure') !== undefined, 'it fails as it is expected to');
  const already = when(member(member(node, 'guard'), 'uses') !== undefined, 'its guard holds already');
  const onFailure =
    stringOf(member(node, 'onFailure')) ?? (kind?.failureIsNoted === true ? 'continue' : 'ask');
  const goesOn = onFailure === 'continue' || onFailure === 'skip';
  const named = outcomesOverError(node);
  return {
    mayMiss: [
      ...never,
      ...already,
      ...when(goesOn, 'it fails and the run goes on'),
      ...named.map((name) => because(`its outcome is ${name}`)),
      ...when(goesOnDeclined(node), 'its gate is declined'),
    ],
    own: {
      record: never,
      rebind: [...never, ...already],
      undo: never,
    },
    silent: new Set(
      [...SILENT, ...named, ...(never.length > 0 ? ['succeeded'] : [])].filter(
        (outcome) => outcome !== 'alreadyDone' || already.length > 0,
      ),
    ),
    failing: new Set([...FAILING, ...named, ...(never.length > 0 ? ['succeeded'] : [])]),
  };
}

/** Outcomes that leave no output. */
const SILENT = ['skipped', 'declined', 'cancelled', 'failed', 'timedOut', 'accepted', 'alreadyDone'];

/** Outcomes that leave an error. */
const FAILING = ['failed', 'timedOut', 'accepted'];

const because = (text: string): Condition => ({ key: text, text });

const when = (holds: boolean, text: string): readonly Condition[] => (holds ? [because(text)] : []);

/** Where nothing is said of it, whoever declines a step whose output is needed is asked for it at once. */
function goesOnDeclined(node: Tree): boolean {
  const rule = stringOf(member(member(node, 'confirm'), 'onDecline'));
  return rule === 'skip' || rule === 'continue';
}

/** Names of the outcomes that a failure has: those that ask for `error`. */
const outcomesOverError = (node: Tree): readonly string[] =>
  entries(member(node, 'outcomes')).flatMap(({ key, value }) =>
    value.type === 'scalar' && asksFor(String(value.value).trim(), 'error') ? [key] : [],
  );
