import { resolve } from 'node:path';
import type { Result } from '../base/result.ts';
import { readSourceNow, sourceOf } from '../load/read-source.ts';
import type { ReadSource } from '../load/read-source.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import { SourceFile } from '../source/file.ts';
import { ofFile } from './diagnostics.ts';
import type { Engine } from './engine.ts';
import { folderOf } from './files.ts';
import { Handbook } from './handbook.ts';
import { Survey } from './survey.ts';

/** What was found about a text of a file. */
interface Looked {
  readonly diagnostics: readonly Diagnostic[];
  readonly survey: Survey;
}

/** What is wrong in one of the files of a folder. */
export type CheckOne = (path: string) => Promise<readonly Diagnostic[]>;

/** The files as they stand in the editor, else on the disk, and what the engine says of them. */
export class Workspace {
  readonly engine: Engine;
  readonly handbook: Handbook;
  readonly #open = new Map<string, Result<SourceFile, Diagnostic>>();
  /** By path: of the text that is open, and found once. */
  readonly #looked = new Map<string, { readonly text: string; readonly found: Promise<Looked> }>();
  /** The last one that could be read as a playbook. */
  readonly #lastGood = new Map<string, Survey>();
  /** By path: the files that it was made of when it was checked last. */
  readonly #madeOf = new Map<string, ReadonlySet<string>>();

  constructor(engine: Engine) {
    this.engine = engine;
    this.handbook = new Handbook(engine.shipped);
  }

  /** As the editor has it, else from the disk. */
  readonly read: ReadSource = (path) => this.#open.get(resolve(path)) ?? readSourceNow(path);

  /** A text as the editor has it now. */
  put(path: string, text: string): void {
    this.#open.set(path, sourceOf(path, text));
    this.forget();
  }

  /** The editor has it no longer: what is on the disk counts. */
  close(path: string): void {
    this.#open.delete(path);
    this.#looked.delete(path);
    this.#lastGood.delete(path);
  }

  get openPaths(): readonly string[] {
    return [...this.#open.keys()];
  }

  /** What is wrong in a file, whatever it calls. */
  async diagnosticsOf(path: string): Promise<readonly Diagnostic[]> {
    return (await this.#look(path)).diagnostics;
  }

  /** The same of several files of a folder, which load what they share once. */
  pass(folder: string): CheckOne {
    const pass = this.engine.pass(folder, { read: this.read });
    return async (path) => {
      const { diagnostics, sources } = await pass.check(path);
      this.#noteSources(path, sources);
      return ofFile(path, diagnostics);
    };
  }

  /** What would be wrong in a file if one, itself or another, had another text. */
  async wouldSay(path: string, changedPath: string, text: string): Promise<readonly Diagnostic[]> {
    const changed = sourceOf(changedPath, text);
    const read: ReadSource = (other) => (resolve(other) === changedPath ? changed : this.read(other));
    return ofFile(path, (await this.engine.pass(folderOf(path), { read }).check(path)).diagnostics);
  }

  /** What is known where in a playbook; of its last text that could be read, while the present one cannot. */
  async surveyOf(path: string): Promise<{ readonly survey: Survey; readonly isStale: boolean } | undefined> {
    const { survey } = await this.#look(path);
    if (!survey.isEmpty) return { survey, isStale: false };
    const before = this.#lastGood.get(path);
    return before === undefined ? undefined : { survey: before, isStale: true };
  }

  /** The names of a playbook's parts, as far as it could be read. */
  lastPartsOf(path: string): readonly string[] {
    return this.#lastGood.get(path)?.main?.partNames ?? [];
  }

  /** Files that were checked with this one in them. */
  dependentsOf(path: string): readonly string[] {
    return [...this.#madeOf]
      .filter(([other, files]) => other !== path && files.has(path))
      .map(([one]) => one);
  }

  #look(path: string): Promise<Looked> {
    const file = this.read(path);
    const text = file.ok ? file.value.text : '';
    const before = this.#looked.get(path);
    if (before?.text === text) return before.found;
    const found = this.#lookAnew(path, file);
    if (this.#open.has(path)) this.#looked.set(path, { text, found });
    return found;
  }

  async #lookAnew(path: string, file: Result<SourceFile, Diagnostic>): Promise<Looked> {
    if (!file.ok) return { diagnostics: [file.error], survey: new Survey(new SourceFile(path, '')) };
    const survey = new Survey(file.value);
    const pass = this.engine.pass(folderOf(path), { read: this.read, watcher: survey });
    const { diagnostics, sources } = await pass.check(path);
    this.#noteSources(path, sources);
    if (!survey.isEmpty) this.#lastGood.set(path, survey);
    return { diagnostics: ofFile(path, diagnostics), survey };
  }

  #noteSources(path: string, sources: readonly SourceFile[]): void {
    this.#madeOf.set(path, new Set(sources.map((source) => resolve(source.path))));
  }

  /** Another file has changed: what was found may be so no longer. */
  forget(): void {
    this.#looked.clear();
  }
}
