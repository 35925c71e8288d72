import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Diagnostic } from '../source/diagnostic.ts';
import { folderOf } from './files.ts';
import type { CheckOne, Workspace } from './workspace.ts';

/** How long nothing was typed before a text is checked. */
const QUIET_MS = 150;

type Publish = (path: string, diagnostics: readonly Diagnostic[]) => void;

/**
 * Checks what has changed as soon as nobody types, and the rest of its folder when there is nothing else to do: a
 * file of the rest at a time, so that what an editor asks meanwhile is answered between them.
 */
export class Checker {
  readonly #workspace: Workspace;
  readonly #publish: Publish;
  /** Texts that have changed, until nobody types. */
  readonly #changed = new Set<string>();
  /** Those among them that are to be checked now. */
  readonly #due = new Set<string>();
  /** What is checked when nothing else is to be done. */
  #rest = new Set<string>();
  /** Files with something to be said: to be taken back when there no longer is. */
  readonly #told = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #isWorking = false;

  constructor(workspace: Workspace, publish: Publish) {
    this.#workspace = workspace;
    this.#publish = publish;
  }

  /** A text is another one now. */
  changed(path: string): void {
    this.#changed.add(path);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#nobodyTypes(), QUIET_MS);
  }

  /** Files of a folder have come, gone or changed on the disk. */
  folderChanged(folder: string): void {
    this.#workspace.forget();
    for (const path of this.#workspace.engine.files(folder)) this.#rest.add(path);
    for (const path of this.#workspace.openPaths) if (folderOf(path) === folder) this.#due.add(path);
    void this.#work();
  }

  /** What was said of a file is taken back. */
  takeBack(path: string): void {
    if (this.#told.delete(path)) this.#publish(path, []);
  }

  #nobodyTypes(): void {
    for (const path of this.#changed) this.#due.add(path);
    this.#changed.clear();
    void this.#work();
  }

  async #work(): Promise<void> {
    if (this.#isWorking) return;
    this.#isWorking = true;
    let pass: { readonly folder: string; readonly check: CheckOne } | undefined;
    for (;;) {
      if (this.#due.size > 0) {
        await this.#checkDue();
        // What it had loaded may have been changed.
        pass = undefined;
      }
      const [path] = this.#rest;
      if (path === undefined) break;
      this.#rest.delete(path);
      const folder = folderOf(path);
      if (pass?.folder !== folder) pass = { folder, check: this.#workspace.pass(folder) };
      this.#say(path, await pass.check(path));
      await nextTurn();
    }
    this.#isWorking = false;
  }

  /** First what has changed, then, before all else that waits, those that call it and those that are looked at. */
  async #checkDue(): Promise<void> {
    const due = [...this.#due];
    this.#due.clear();
    for (const path of due) this.#say(path, await this.#workspace.diagnosticsOf(path));
    const concerned = due.flatMap((path) => this.#alsoConcerned(path));
    this.#rest = new Set([...concerned, ...this.#rest]);
    for (const path of due) this.#rest.delete(path);
  }

  #alsoConcerned(path: string): readonly string[] {
    const open = this.#workspace.openPaths.filter((other) => folderOf(other) === folderOf(path));
    return [...this.#workspace.dependentsOf(path), ...open];
  }

  #say(path: string, diagnostics: readonly Diagnostic[]): void {
    if (diagnostics.length === 0) {
      this.takeBack(path);
      return;
    }
    this.#told.add(path);
    this.#publish(path, diagnostics);
  }
}
