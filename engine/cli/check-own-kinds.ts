import { everyOwnKind } from '../load/own-kinds.ts';
import type { OwnKind } from '../load/own-kinds.ts';
import type { Diagnostic } from '../source/diagnostic.ts';

/** The kinds of the user's own that a check has come upon: the code of each is loaded once, at the end. */
export class OwnKindsChecked {
  readonly #kinds = new Map<string, OwnKind>();
  readonly #problems: Diagnostic[] = [];

  add(kinds: readonly OwnKind[]): void {
    for (const kind of kinds) this.#kinds.set(kind.path, kind);
  }

  /** Those of a whole folder, whether a playbook names them or not. */
  async addAll(folder: string): Promise<void> {
    const { kinds, diagnostics } = await everyOwnKind(folder);
    this.add(kinds);
    this.#problems.push(...diagnostics);
  }

  async problems(): Promise<readonly Diagnostic[]> {
    if (this.#kinds.size === 0) return this.#problems;
    const { loadCode } = await import('./own-kinds.ts');
    return [...this.#problems, ...(await loadCode([...this.#kinds.values()])).diagnostics];
  }
}
