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
  /** It asks for what is not known everywhere, or uses one that does. */
  readonly dependsOnPlace: boolean;
}

const known = new WeakMap<Tree, ReadonlyMap<string, LetValue>>();

/** The values of `let` of a playbook or a part by their names, in the order of the file. */
export function letValues({ tree }: Pick<Unit, 'tree'>): ReadonlyMap<string, LetValue> {
  const before = known.get(tree);
  if (before !== undefined) return before;
  const values = new Map<string, LetValue>();
  for (const [index, { key, keySpan, value }] of entries(member(tree, 'let')).entries()) {
    const references = [...referencesIn(value)];
    const uses = new Set(references.flatMap(({ root, path }) => (root === 'vars' ? [nameAt(path)] : [])));
    const used = [...uses].flatMap((name) => values.get(name) ?? []);
    values.set(key, {
      key,
      keySpan,
      value,
      index,
      references,
      uses: used.map((one) => one.key),
      dependsOnPlace: references.some(isOfPlace) || used.some((one) => one.dependsOnPlace),
    });
  }
  known.set(tree, values);
  return values;
}

/** The name that `vars` is asked for. */
export const nameAt = (path: Reference['path']): string => String(path[0]?.name);

const isOfPlace = ({ root }: Reference): boolean => !EVERYWHERE.some((name) => name === root);

function* referencesIn(tree: Tree): Generator<Reference> {
  if (tree.type === 'map') for (const { value } of tree.entries) yield* referencesIn(value);
  if (tree.type === 'list') for (const item of tree.items) yield* referencesIn(item);
  if (tree.type !== 'scalar' || typeof tree.value !== 'string' || !hasTemplate(tree.value)) return;
  for (const part of splitTemplate(tree.value)) {
    const parsed = part.type === 'expression' ? parseExpression(part.source) : undefined;
    if (parsed?.ok === true) yield* parsed.value.references;
  }
}

type Told = Pick<Diagnostic, 'code' | 'severity' | 'message'>;

/** What a value of `let`, and those that it leads to, ask for that is not there where it is used, or may not be. */
export function toldAtUse(value: LetValue, unit: Unit, place: ExpressionPlace): readonly Told[] {
  const told = new Map<string, Told>();
  for (const asking of askingBelow(value, letValues(unit))) {
    for (const one of askedAt(asking, unit, place)) told.set(`${one.code} ${one.message}`, one);
  }
  return [...told.values()];
}

const below = new WeakMap<LetValue, readonly LetValue[]>();

/** The values that this one leads to, itself among them, that ask for something of the place; in the order of the file. */
function askingBelow(value: LetValue, all: ReadonlyMap<string, LetValue>): readonly LetValue[] {
  const before = below.get(value);
  if (before !== undefined) return before;
  // One after another, and not each inside of the other: they may be thousands.
  const found = new Set([value]);
  for (const one of found) for (const name of one.uses) addIfDependent(found, all.get(name));
  const asking = [...found].filter(({ references }) => references.some(isOfPlace));
  asking.sort((a, b) => a.index - b.index);
  below.set(value, asking);
  return asking;
}

function addIfDependent(found: Set<LetValue>, value: LetValue | undefined): void {
  if (value?.dependsOnPlace === true) found.add(value);
}

/** By the value, and the position and the names of the place. */
const asked = new WeakMap<LetValue, WeakMap<Position, WeakMap<ExpressionPlace['names'], readonly Told[]>>>();

/** What of a value of `let` depends on where it is used. */
const AT_USE = new Set(['DB042', 'DB044', 'DB046']);

function askedAt(value: LetValue, unit: Unit, place: ExpressionPlace): readonly Told[] {
  const { position, names } = place;
  const byPosition =
    asked.get(value) ?? new WeakMap<Position, WeakMap<ExpressionPlace['names'], readonly Told[]>>();
  asked.set(value, byPosition);
  const byNames = byPosition.get(position) ?? new WeakMap<ExpressionPlace['names'], readonly Told[]>();
  byPosition.set(position, byNames);
  const before = byNames.get(names);
  if (before !== undefined) return before;
  const report = new Report();
  unit.checkTemplate(value.value, { ...unit, report }, { ...place, vars: value.index, inLet: 'used' });
  const told = report.diagnostics.filter(({ code }) => AT_USE.has(code));
  byNames.set(names, told);
  return told;
}
