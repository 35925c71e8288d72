import type { SourceFile } from '../source/file.ts';

/** A backup that is to be proven, as `backups/<name>.yaml` describes it, with what its proof is made of. */
export interface Backup {
  readonly name: string;
  readonly title: string;
  readonly file: SourceFile;
  /** Files and folders of this machine that it is read from. */
  readonly places: readonly string[];
  /** The proof as a playbook: each check a step. */
  readonly playbook: SourceFile;
  /** Where it is carried out: a copy to be thrown away, and the application where one is named. */
  readonly world: SourceFile;
}

/** The id of the playbook that proves a backup: its runs are known by it. */
export const proofOf = (backup: string): string => `prove-${backup}`;

/** The backup that a run proves; undefined for a run of anything else. */
export const backupOf = (playbook: string): string | undefined =>
  playbook.startsWith('prove-') ? playbook.slice('prove-'.length) : undefined;

/** Steps that are checks of the backup, and those that show that a check can be red: `checkSize`, `redSize`. */
export const CHECK = 'check';
export const SHOWN_RED = 'red';

/** The step that succeeds when all of them are as they must be: monitors ask for it. */
export const PROVEN = 'proven';
