import type { ValueMap } from '../../base/value.ts';
import type { Environment } from '../../model/environment.ts';
import type { Playbook, Rehearsal } from '../../model/playbook.ts';
import type { Mode } from '../../model/mode.ts';
import type { WorldPlan } from '../../model/world.ts';
import type { SourceFile } from '../../source/file.ts';
import type { LoadedKind } from '../own-kinds.ts';

/** A world that a file describes. */
export interface FileWorld {
  readonly file: SourceFile;
  /** Read when a world is to be started: one that runs does not need the files any more that it was made of. */
  readonly plan: () => WorldPlan;
}

/** What is to be run, as the command line asked for it. */
export interface RunRequest {
  readonly mode: Mode;
  readonly playbook: Playbook;
  /** The playbook's file, then those that it calls. */
  readonly sources: readonly SourceFile[];
  /** The kinds of the user's own that they name. */
  readonly ownKinds: readonly LoadedKind[];
  /** Absent for the sandbox, which makes its own once it is up. */
  readonly environment?: Environment;
  readonly rehearsal?: Rehearsal;
  /** Whoever performs is not told which rehearsal it is. */
  readonly blind?: boolean;
  /** The name of the sandbox, for the report. */
  readonly world?: string;
  /** What describes the sandbox. */
  readonly fileWorld?: FileWorld;
  /** The backup that is proven. Its copy is somebody's data: the sandbox ends with this process, whatever ends that. */
  readonly backup?: SourceFile;
  readonly answers: ValueMap;
  readonly reason?: string;
}
