import type { ExpressionPlace, StepSymbol, Unit, Watcher } from '../load/resolve/unit.ts';
import { member } from '../load/syntax/tree.ts';
import type { Tree, TreeScalar } from '../load/syntax/tree.ts';
import type { SourceFile, Span } from '../source/file.ts';

/** A value in which an expression may stand, and what may be asked for there. */
export interface Value {
  readonly tree: TreeScalar;
  /** It is an expression as a whole, without `${{ }}`. */
  readonly bare: boolean;
  readonly unit: Unit;
  readonly place: ExpressionPlace;
}

/** What is known where in one playbook, as it was found while it was checked. */
export class Survey implements Watcher {
  readonly file: SourceFile;
  readonly #units = new Set<Unit>();
  readonly #values = new Map<TreeScalar, Value>();

  constructor(file: SourceFile) {
    this.file = file;
  }

  unit(unit: Unit): void {
    if (unit.file.text === this.file.text && unit.file.path === this.file.path) this.#units.add(unit);
  }

  value(tree: TreeScalar, bare: boolean, unit: Unit, place: ExpressionPlace): void {
    // A value of `let` is looked at once more wherever it is used; what it may ask for is said the first time.
    if (tree.span.file.path === this.file.path && !this.#values.has(tree)) {
      this.#values.set(tree, { tree, bare, unit, place });
    }
  }

  /** Nothing was found: the text is no YAML, or no playbook. */
  get isEmpty(): boolean {
    return this.#units.size === 0;
  }

  get values(): readonly Value[] {
    return [...this.#values.values()];
  }

  get units(): readonly Unit[] {
    return [...this.#units];
  }

  /** The playbook, or the part of it around a place. */
  unitAt(offset: number): Unit | undefined {
    return narrowest(this.units, offset, ({ tree }) => tree.span) ?? this.main;
  }

  /** The playbook itself, which holds its parts. */
  get main(): Unit | undefined {
    return this.units.find(({ tree }) => member(tree, 'version') !== undefined) ?? this.units.at(-1);
  }

  valueAt(offset: number): Value | undefined {
    return narrowest(this.values, offset, ({ tree }) => tree.span);
  }
}

/** The innermost step around a place. */
export function stepAt(unit: Unit, offset: number): StepSymbol | undefined {
  const steps: readonly (readonly [Tree, StepSymbol])[] = [...unit.symbols.byTree];
  return narrowest(steps, offset, ([tree]) => tree.span)?.[1];
}

/** The tree of a step, by its symbol. */
export const treeOf = (unit: Unit, symbol: StepSymbol): Tree | undefined =>
  [...unit.symbols.byTree].find(([, found]) => found === symbol)?.[0];

function narrowest<T>(all: readonly T[], offset: number, spanOf: (one: T) => Span): T | undefined {
  let best: T | undefined;
  let length = Infinity;
  for (const one of all) {
    const { start, end } = spanOf(one);
    if (start > offset || offset > end || end - start >= length) continue;
    best = one;
    length = end - start;
  }
  return best;
}
