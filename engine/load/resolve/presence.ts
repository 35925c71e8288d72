import { factsOf } from '../../expression/facts.ts';
import type { Comparison, Fact } from '../../expression/facts.ts';
import { parseExpression } from '../../expression/parse.ts';
import type { ParsedExpression } from '../../expression/parse.ts';
import type { NamePath } from '../../expression/path.ts';
import type { Reference } from '../../expression/references.ts';
import { isStable } from './stable.ts';
import { ALWAYS } from './unit.ts';
import type { Condition, ExpressionPlace, StepSymbol, Unit } from './unit.ts';

const ENDED_BEFORE: Condition = { key: 'always', text: 'the run ends before it' };
const NO_ROUND: Condition = { key: 'round', text: 'there is no round before' };
const NO_FAILURE: Condition = { key: 'failure', text: 'it does not fail' };

/** What is known where a reference stands: by the conditions around the place, and by what the expression asks first. */
export const knownAt = (reference: Reference, place: ExpressionPlace): readonly Fact[] => [
  ...place.position.conditions.flatMap(factsOfCondition),
  ...(place.askedFirst ?? []),
  ...reference.facts,
];

/** When the output of a step is not there, though this is reached and does not ask for it; undefined: never. */
export function whenNoOutput(
  symbol: StepSymbol,
  known: readonly Fact[],
  place: ExpressionPlace,
  unit: Unit,
): Condition | undefined {
  const { position } = place;
  const own = position.region === `undo ${symbol.id}` ? symbol.own.undo : [];
  const early = position.region === ALWAYS && symbol.order.region !== ALWAYS ? [ENDED_BEFORE] : [];
  const open = [...early, ...symbol.mayMiss].filter((condition) => !isMet(condition, known, place, unit));
  return [...open, ...own][0];
}

/** When the output of a step in the round before is not there; conditions inside of the rounds may have been others then. */
export function whenNotBefore(
  symbol: StepSymbol,
  known: readonly Fact[],
  place: ExpressionPlace,
  unit: Unit,
): Condition | undefined {
  if (isLeft(symbol, ['previous', 'steps', symbol.id], known)) return undefined;
  if (!known.some(isAfterFirst)) return NO_ROUND;
  const rounds = unit.symbols.byId.get(place.repeats?.at(-1) ?? '');
  const around = new Set(rounds?.order.conditions.map(({ key }) => key));
  return symbol.mayMiss.find(({ key }) => !around.has(key));
}

/** When a step's own `output` is not there, where what it records, replaces or takes back is said. */
export const whenNoOwnOutput = (known: readonly Fact[], place: ExpressionPlace): Condition | undefined =>
  known.some((fact) => fact.type === 'there' && fact.path.length > 1 && startsWith(fact.path, ['output']))
    ? undefined
    : place.outputMayMiss?.[0];

/** When the error of a step is not there. */
export const whenNoError = (
  symbol: StepSymbol,
  root: NamePath,
  known: readonly Fact[],
): Condition | undefined =>
  known.some(
    (fact) =>
      (fact.type === 'there' && startsWith(fact.path, [...root, 'error'])) ||
      (fact.type === 'is' &&
        isOutcome(fact.path, root) &&
        fact.texts.every((text) => symbol.failing.has(text))),
  )
    ? undefined
    : NO_FAILURE;

/** Whether it is known that there is such an entry of the environment: asked for here, or by a step that is known to have been done. */
export const isThere = (path: NamePath, known: readonly Fact[], unit: Unit): boolean =>
  known.some((fact) => fact.type === 'there' && startsWith(fact.path, path)) ||
  behind(known, unit).some((fact) => fact.type === 'there' && startsWith(fact.path, path));

/** What is known because steps are known to have left an output: the conditions that they stand under held, and so on back. */
function behind(known: readonly Fact[], unit: Unit): readonly Fact[] {
  const all = [...known];
  const open = new Set([...unit.symbols.byId.values()].filter(({ named }) => named));
  for (let found = true; found;) {
    found = false;
    for (const symbol of open) {
      if (!isLeft(symbol, ['steps', symbol.id], all)) continue;
      all.push(...symbol.order.conditions.flatMap(factsOfCondition));
      found = open.delete(symbol);
    }
  }
  return all;
}

/** Whether it is known that a step has left an output. */
export function isLeft(symbol: StepSymbol, root: NamePath, known: readonly Fact[]): boolean {
  return known.some((fact) => {
    if (fact.type === 'there') return startsWith(fact.path, [...root, 'output']);
    return (
      fact.type === 'is' && isOutcome(fact.path, root) && !fact.texts.some((text) => symbol.silent.has(text))
    );
  });
}

const isOutcome = (path: NamePath, root: NamePath): boolean =>
  path.length === root.length + 1 && startsWith(path, [...root, 'outcome']);

const startsWith = (path: NamePath, start: NamePath): boolean =>
  start.every((name, index) => path[index] === name);

/** Whether the place stands under this condition, or under the same one written again. */
function isMet(condition: Condition, known: readonly Fact[], place: ExpressionPlace, unit: Unit): boolean {
  if (place.position.conditions.some(({ key }) => key === condition.key)) return true;
  const parsed = parsedCondition(condition);
  if (parsed === undefined || !isStable(parsed, unit)) return false;
  return factsOf(parsed.ast, true).every(
    (wanted) =>
      wanted.type !== 'held' ||
      known.some((fact) => fact.type === 'held' && fact.text === wanted.text && fact.holds === wanted.holds),
  );
}

/** Asked again for each expression under the same condition. */
const facts = new WeakMap<Condition, readonly Fact[]>();

function factsOfCondition(condition: Condition): readonly Fact[] {
  const known = facts.get(condition);
  if (known !== undefined) return known;
  const parsed = parsedCondition(condition);
  const found = parsed === undefined ? [] : factsOf(parsed.ast, true);
  facts.set(condition, found);
  return found;
}

function parsedCondition({ source }: Condition): ParsedExpression | undefined {
  const parsed = source === undefined ? undefined : parseExpression(source);
  return parsed?.ok === true ? parsed.value : undefined;
}

const COMPARE: Readonly<Record<Comparison, (a: number, b: number) => boolean>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

/** `previous.round > 0` and its like: what would be otherwise in the first round. */
function isAfterFirst(fact: Fact): boolean {
  if (fact.type !== 'compared' || fact.path.join('.') !== 'previous.round') return false;
  return COMPARE[fact.operator](0, fact.with) !== fact.holds;
}
