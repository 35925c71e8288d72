import type { ReadSource } from '../load/read-source.ts';
import type { Watcher } from '../load/resolve/unit.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import type { SourceFile } from '../source/file.ts';

/** What the language server asks of the engine; the command puts it in. */
export interface Engine {
  /** One pass over files of a folder, as `check` makes it: what several of them call is loaded once. */
  pass(folder: string, options: PassOptions): Pass;
  /** The files of a folder that `check` looks at. */
  files(folder: string): Iterable<string>;
  /** The ids of the playbooks that can be called from a folder. */
  callable(folder: string): readonly string[];
  /** Where a playbook of this id is, for one who calls it from a folder. */
  find(id: string, folder: string, read: ReadSource): Promise<SourceFile | undefined>;
  /** The folder with the schemas and the pages that drillbook ships. */
  readonly shipped: string;
}

interface PassOptions {
  readonly read: ReadSource;
  readonly watcher?: Watcher;
}

interface Pass {
  check(path: string): Promise<{
    readonly diagnostics: readonly Diagnostic[];
    /** The file, then those that it calls. */
    readonly sources: readonly SourceFile[];
  }>;
}
