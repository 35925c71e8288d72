import type { Environment } from '../model/environment.ts';
import type { Playbook } from '../model/playbook.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import type { SourceFile, Span } from '../source/file.ts';
import { nearest } from '../source/nearest.ts';
import { checkFormats } from './formats.ts';
import { kindsOf } from './kinds-of.ts';
import type { Library } from './library.ts';
import type { OwnKind } from './own-kinds.ts';
import { Report, meant } from './report.ts';
import { unitOf } from './resolve/parts.ts';
import { resolvePlaybook } from './resolve/playbook.ts';
import { fileSchema } from './stepschema.ts';
import { member, stringOf, toJson } from './syntax/tree.ts';
import type { Tree } from './syntax/tree.ts';
import { parseYaml } from './syntax/yaml.ts';
import { reportProblems } from './validate.ts';

export type { Library } from './library.ts';

export interface Loaded<T> {
  /** Undefined when there is an error. */
  readonly value: T | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** The file itself, then those that it calls. */
  readonly sources: readonly SourceFile[];
}

export interface LoadedPlaybook extends Loaded<Playbook> {
  /** The kinds of the user's own that these files name. */
  readonly ownKinds: readonly OwnKind[];
}

export interface LoadOptions {
  /** What the playbook asks of an environment is held against this one. */
  readonly environment?: Environment;
  /** `YYYY-MM-DD`: a review that was due before it gives a warning. */
  readonly today?: string;
}

/**
 * Reads a playbook and all that it calls: parses, validates against the schemas, resolves.
 * All errors are told at once, with their places; `value` is there only when there is none.
 */
export async function loadPlaybook(
  file: SourceFile,
  library: Library,
  options: LoadOptions = {},
): Promise<LoadedPlaybook> {
  const report = new Report();
  const loader = new PlaybookLoader(library, options, report);
  const value = await loader.load(file, []);
  return {
    value: report.failed ? undefined : value,
    diagnostics: report.diagnostics,
    sources: loader.sources,
    ownKinds: loader.ownKinds,
  };
}

/** A playbook that is being loaded, and the call that led to it. */
interface Caller {
  readonly id: string;
  readonly span: Span;
}

class PlaybookLoader {
  readonly #library: Library;
  readonly #options: LoadOptions;
  readonly #report: Report;
  readonly #sources = new Map<string, SourceFile>();
  readonly #loaded = new Map<string, Playbook | undefined>();
  readonly #ownKinds = new Map<string, OwnKind>();

  constructor(library: Library, options: LoadOptions, report: Report) {
    this.#library = library;
    this.#options = options;
    this.#report = report;
  }

  get sources(): readonly SourceFile[] {
    return [...this.#sources.values()];
  }

  get ownKinds(): readonly OwnKind[] {
    return [...this.#ownKinds.values()];
  }

  async load(file: SourceFile, callers: readonly Caller[]): Promise<Playbook | undefined> {
    const report = this.#report;
    this.#sources.set(file.path, file);
    const tree = parseYaml(file, report);
    if (tree === undefined) return undefined;
    const { schema, validate } = fileSchema('playbook');
    reportProblems(validate(toJson(tree)), tree, schema, report);
    checkFormats(tree, schema, report);
    if (tree.type !== 'map') return undefined;
    this.#checkReview(tree);
    const kinds = await kindsOf(tree, this.#library.ownKinds);
    report.add(kinds.diagnostics);
    for (const kind of kinds.own) this.#ownKinds.set(kind.name, kind);
    const calls = await this.#calls(tree, callers);
    const { environment } = this.#options;
    const unit = unitOf(tree, { file, report, ...kinds.known, calls, environment });
    return resolvePlaybook(unit);
  }

  async #calls(tree: Tree, callers: readonly Caller[]): Promise<ReadonlyMap<string, Playbook | undefined>> {
    const calls = new Map<string, Playbook | undefined>();
    const self = stringOf(member(tree, 'id')) ?? '';
    for (const { id, span } of callsIn(tree)) {
      if (calls.has(id)) continue;
      calls.set(id, await this.#called(id, span, [...callers, { id: self, span }]));
    }
    return calls;
  }

  async #called(id: string, span: Span, callers: readonly Caller[]): Promise<Playbook | undefined> {
    const start = callers.findIndex((caller) => caller.id === id);
    if (start !== -1) {
      const round = [...callers.slice(start).map((caller) => caller.id), id].join(' → ');
      this.#report.error('DB060', span, `The playbook "${id}" would call itself: ${round}`, {
        related: callers
          .slice(start, -1)
          .map((caller) => ({ message: 'by way of this call', span: caller.span })),
      });
      return undefined;
    }
    if (this.#loaded.has(id)) return this.#loaded.get(id);
    const file = await this.#library.find(id);
    if (file === undefined) {
      const near = nearest(id, await this.#library.ids());
      this.#report.error('DB061', span, `There is no playbook "${id}"`, { hint: meant(near) });
      return undefined;
    }
    const playbook = await this.load(file, callers);
    this.#loaded.set(id, playbook);
    return playbook;
  }

  #checkReview(tree: Tree): void {
    const { today } = this.#options;
    const due = member(tree, 'nextReview');
    const date = stringOf(due);
    if (due === undefined || date === undefined || today === undefined || date >= today) return;
    this.#report.warning('DB057', due.span, `The review of this playbook was due on ${date}`);
  }
}

function* callsIn(tree: Tree): Generator<{ id: string; span: Span }> {
  if (tree.type === 'list') for (const item of tree.items) yield* callsIn(item);
  if (tree.type !== 'map') return;
  const called = member(member(tree, 'with'), 'playbook');
  const id = stringOf(called);
  if (stringOf(member(tree, 'uses')) === 'playbook' && called !== undefined && id !== undefined) {
    yield { id, span: called.span };
  }
  for (const { key, value } of tree.entries) if (key !== 'with') yield* callsIn(value);
}
