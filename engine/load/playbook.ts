import type { Environment } from '../model/environment.ts';
import type { Playbook } from '../model/playbook.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import type { SourceFile, Span } from '../source/file.ts';
import { nearest } from '../source/nearest.ts';
import { checkFormats } from './formats.ts';
import { kindsOf } from './kinds-of.ts';
import type { Library } from './library.ts';
import type { OwnKind } from './own-kinds.ts';
import { MAX_NESTING, callsIn, nestingOf } from './nesting.ts';
import { Report, meant } from './report.ts';
import { unitOf } from './resolve/parts.ts';
import type { Watcher } from './resolve/unit.ts';
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
  /** Told of what is known where, in this file and in those that it calls. */
  readonly watcher?: Watcher;
}

/**
 * Reads a playbook and all that it calls: parses, validates against the schemas, resolves.
 * All errors are told at once, with their places; `value` is there only when there is none.
 */
export const loadPlaybook = (
  file: SourceFile,
  library: Library,
  options: LoadOptions = {},
): Promise<LoadedPlaybook> => new PlaybookLoader(library, options).load(file);

/** The same for several files: each is loaded once, though others of them call it. */
export class PlaybookLoader {
  readonly #library: Library;
  readonly #options: LoadOptions;
  readonly #byPath = new Map<string, LoadedFile>();
  readonly #byId = new Map<string, LoadedFile>();

  constructor(library: Library, options: LoadOptions = {}) {
    this.#library = library;
    this.#options = options;
  }

  async load(file: SourceFile): Promise<LoadedPlaybook> {
    const { playbook, report, sources, ownKinds } = await this.#once(file, [], new Map());
    return {
      value: report.failed ? undefined : playbook,
      diagnostics: report.diagnostics,
      sources: [...sources.values()],
      ownKinds: [...ownKinds.values()],
    };
  }

  async #once(
    file: SourceFile,
    callers: readonly Caller[],
    inThisLoad: Map<string, LoadedFile>,
  ): Promise<LoadedFile> {
    const before = this.#byPath.get(file.path);
    if (before !== undefined) return before;
    const find: FindCalled = async (id, around) => {
      const known = inThisLoad.get(id) ?? this.#byId.get(id);
      if (known !== undefined) return known;
      const called = await this.#library.find(id);
      if (called === undefined) return undefined;
      const loaded = await this.#once(called, around, inThisLoad);
      inThisLoad.set(id, loaded);
      if (!inCircle(loaded)) this.#byId.set(id, loaded);
      return loaded;
    };
    const loaded = await new FileLoad(file, this.#library, this.#options, find).run(callers);
    if (!inCircle(loaded)) this.#byPath.set(file.path, loaded);
    return loaded;
  }
}

/** One file with what it calls, and all that is wrong in them: it can be told to each file that calls it. */
interface LoadedFile {
  readonly playbook: Playbook | undefined;
  readonly report: Report;
  readonly sources: ReadonlyMap<string, SourceFile>;
  readonly ownKinds: ReadonlyMap<string, OwnKind>;
  /** How deep its calls nest. */
  readonly nesting: number;
}

/** A circle is told at the call that closes it, and which one that is depends on where one began. */
const inCircle = ({ report }: LoadedFile): boolean => report.has('DB060');

/** A playbook that is being loaded, and the call that led to it. */
interface Caller {
  readonly id: string;
  readonly span: Span;
}

type FindCalled = (id: string, callers: readonly Caller[]) => Promise<LoadedFile | undefined>;

/** Loads one file, with a report of its own. */
class FileLoad {
  readonly #file: SourceFile;
  readonly #library: Library;
  readonly #options: LoadOptions;
  readonly #find: FindCalled;
  readonly #report = new Report();
  readonly #sources = new Map<string, SourceFile>();
  readonly #ownKinds = new Map<string, OwnKind>();
  /** How deep the calls of those nest that it calls, by their ids. */
  readonly #calledNesting = new Map<string, number>();
  #nesting = 0;

  constructor(file: SourceFile, library: Library, options: LoadOptions, find: FindCalled) {
    this.#file = file;
    this.#library = library;
    this.#options = options;
    this.#find = find;
  }

  async run(callers: readonly Caller[]): Promise<LoadedFile> {
    this.#sources.set(this.#file.path, this.#file);
    const playbook = await this.#resolve(callers);
    return {
      playbook,
      report: this.#report,
      sources: this.#sources,
      ownKinds: this.#ownKinds,
      nesting: this.#nesting,
    };
  }

  async #resolve(callers: readonly Caller[]): Promise<Playbook | undefined> {
    const report = this.#report;
    const file = this.#file;
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
    this.#nesting = nestingOf(tree, this.#calledNesting, report);
    if (this.#nesting > MAX_NESTING) return undefined;
    const { environment, watcher } = this.#options;
    const unit = unitOf(tree, { file, report, ...kinds.known, calls, environment, watcher });
    return resolvePlaybook(unit);
  }

  async #calls(tree: Tree, callers: readonly Caller[]): Promise<ReadonlyMap<string, Playbook | undefined>> {
    const calls = new Map<string, Playbook | undefined>();
    const self = stringOf(member(tree, 'id')) ?? '';
    for (const { uses, id, span } of callsIn(tree)) {
      if (uses !== 'playbook' || calls.has(id)) continue;
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
    const called = await this.#find(id, callers);
    if (called === undefined) {
      const near = nearest(id, await this.#library.ids());
      this.#report.error('DB061', span, `There is no playbook "${id}"`, { hint: meant(near) });
      return undefined;
    }
    this.#report.merge(called.report);
    this.#calledNesting.set(id, called.nesting);
    for (const [path, source] of called.sources) this.#sources.set(path, source);
    for (const [name, kind] of called.ownKinds) this.#ownKinds.set(name, kind);
    return called.playbook;
  }

  #checkReview(tree: Tree): void {
    const { today } = this.#options;
    const due = member(tree, 'nextReview');
    const date = stringOf(due);
    if (due === undefined || date === undefined || today === undefined || date >= today) return;
    this.#report.warning('DB057', due.span, `The review of this playbook was due on ${date}`);
  }
}
