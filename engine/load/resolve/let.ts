import type { Fact } from '../../expression/facts.ts';
import { parseExpression } from '../../expression/parse.ts';
import type { Reference } from '../../expression/references.ts';
import { hasTemplate, splitTemplate } from '../../expression/template.ts';
import { EVERYWHERE } from '../../model/names.ts';
import type { Diagnostic } from '../../source/diagnostic.ts';
import type { Span } from '../../source/file.ts';
import { Report } from '../report.ts';
import { entries, member } from '../syntax/tree.ts';
import type { Tree } from '../syntax/tree.ts';
import type { ExpressionPlace, Position, Unit } from './unit.ts';

/** A value of `let`, and what can be told of it wherever it is used. */
export interface LetValue {
  readonly key: string;
  readonly keySpan: Span;
  readonly value: Tree;
  /** How many stand before it: it may use those alone. */
  readonly index: number;
  readonly references: readonly Reference[];
  /** Names of those before it that it uses. */
  readonly uses: readonly string[];
  /** It asks for what is not known everywhere. */
  readonly asksOfPlace: boolean;
  /** It does, or uses one that does. */
  readonly dependsOnPlace: boolean;
}

const known = new WeakMap<Tree, ReadonlyMap<string, LetValue>>();

/** The values of `let` of a playbook or a part by their names, in the order of the file. */
export function letValues({
  tree,
  environment,
}: Pick<Unit, 'tree' | 'environment'>): ReadonlyMap<string, LetValue> {
  const before = known.get(tree);
  if (before !== undefined) return before;
  const values = new Map<string, LetValue>();
  for (const [index, { key, keySpan, value }] of entries(member(tree, 'let')).entries()) {
    const references = [...referencesIn(value)];
    const uses = new Set(references.flatMap(({ root, path }) => (root === 'vars' ? [nameAt(path)] : [])));
    const used = [...uses].flatMap((name) => values.get(name) ?? []);
    const asksOfPlace = references.some((reference) => isOfPlace(reference, environment));
    values.set(key, {
      key,
      keySpan,
      value,
      index,
      references,
      uses: used.map((one) => one.key),
      asksOfPlace,
      dependsOnPlace: asksOfPlace || used.some((one) => one.dependsOnPlace),
    });
  }
  known.set(tree, values);
  return values;
}

/** The name that `vars` is asked for. */
export const nameAt = (path: Reference['path']): string => String(path[0]?.name);

/** An entry of the environment may be missing, and only be asked for where it is known to be there. */
const isOfPlace = ({ root }: Reference, environment: Unit['environment']): boolean =>
  (root === 'env' && environment !== undefined) || !EVERYWHERE.some((name) => name === root);

function* referencesIn(tree: Tree): Generator<Reference> {
  if (tree.type === 'map') for (const { value } of tree.entries) yield* referencesIn(value);
  if (tree.type === 'list') for (const item of tree.items) yield* referencesIn(item);
  if (tree.type !== 'scalar' || typeof tree.value !== 'string' || !hasTemplate(tree.value)) return;
  for (const part of splitTemplate(tree.value)) {
    const parsed = part.type === 'expression' ? parseExpression(part.source) : undefined;
    if (parsed?.ok === true) yield* parsed.value.references;
  }
}

/** Told at its own place in the value, and once, however many places use it unasked. */
export const MISSING_ENTRY = 'DB070';

type Told = Pick<Diagnostic, 'code' | 'severity' | 'message' | 'span' | 'hint'>;

/** What a value of `let`, and those that it leads to, ask for that is not there where it is used, or may not be. */
export function toldAtUse(value: LetValue, unit: Unit, place: ExpressionPlace): readonly Told[] {
  return askingBelow(value, letValues(unit)).flatMap(({ value: asking, askedFirst }) =>
    askedAt(asking, unit, { ...place, askedFirst: [...(place.askedFirst ?? []), ...askedFirst] }),
  );
}

/** A value that asks for something of the place, and what those that lead to it have asked before. */
interface Asking {
  readonly value: LetValue;
  readonly askedFirst: readonly Fact[];
}

const below = new WeakMap<LetValue, readonly Asking[]>();

/** The values that this one leads to, itself among them, that ask for something of the place; in the order of the file. */
function askingBelow(value: LetValue, all: ReadonlyMap<string, LetValue>): readonly Asking[] {
  const before = below.get(value);
  if (before !== undefined) return before;
  // One after another, and not each inside of the other: they may be thousands.
  const found = new Set([value]);
  for (const one of found) for (const name of one.uses) addIfDependent(found, all.get(name));
  const inOrder = [...found].sort((a, b) => a.index - b.index);
  const first = askedBefore(value, inOrder, all);
  const asking = inOrder.flatMap((one) =>
    one.asksOfPlace ? [{ value: one, askedFirst: first.get(one) ?? [] }] : [],
  );
  below.set(value, asking);
  return asking;
}

/** What has been asked on each way from a value to those that it leads to; they are in the order of the file. */
function askedBefore(
  value: LetValue,
  found: readonly LetValue[],
  all: ReadonlyMap<string, LetValue>,
): ReadonlyMap<LetValue, readonly Fact[]> {
  const asked = new Map<LetValue, readonly Fact[]>([[value, []]]);
  // Each uses those before it alone: who uses it has been seen.
  for (const user of found.toReversed()) {
    for (const { root, path, facts } of user.references) {
      const used = root === 'vars' ? all.get(nameAt(path)) : undefined;
      if (used === undefined || used.index >= user.index) continue;
      const here = [...(asked.get(user) ?? []), ...facts];
      asked.set(used, common(asked.get(used) ?? here, here));
    }
  }
  return asked;
}

function common(some: readonly Fact[], others: readonly Fact[]): readonly Fact[] {
  const known = new Set(others.map((fact) => JSON.stringify(fact)));
  return some.filter((fact) => known.has(JSON.stringify(fact)));
}

function addIfDependent(found: Set<LetValue>, value: LetValue | undefined): void {
  if (value?.dependsOnPlace === true) found.add(value);
}

/** By the value, and the position and the names of the place. */
const asked = new WeakMap<LetValue, WeakMap<Position, WeakMap<ExpressionPlace['names'], readonly Told[]>>>();

/** What of a value of `let` depends on where it is used. */
const AT_USE = new Set(['DB042', 'DB044', 'DB046', MISSING_ENTRY]);

function askedAt(value: LetValue, unit: Unit, place: ExpressionPlace): readonly Told[] {
  const { position, names, askedFirst = [] } = place;
  if (askedFirst.length > 0) return askAt(value, unit, place);
  const byPosition =
    asked.get(value) ?? new WeakMap<Position, WeakMap<ExpressionPlace['names'], readonly Told[]>>();
  asked.set(value, byPosition);
  const byNames = byPosition.get(position) ?? new WeakMap<ExpressionPlace['names'], readonly Told[]>();
  byPosition.set(position, byNames);
  const before = byNames.get(names);
  if (before !== undefined) return before;
  const told = askAt(value, unit, place);
  byNames.set(names, told);
  return told;
}

function askAt(value: LetValue, unit: Unit, place: ExpressionPlace): readonly Told[] {
  const report = new Report();
  unit.checkTemplate(
    value.value,
    { ...unit, report, watcher: undefined },
    { ...place, vars: value.index, inLet: 'used' },
  );
  return report.diagnostics.filter(({ code }) => AT_USE.has(code));
}
