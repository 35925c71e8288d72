import { existsSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { loadBackup } from '../../load/backups/backup.ts';
import { readSource } from '../../load/read-source.ts';
import type { Backup } from '../../model/backup.ts';
import { nearest } from '../../source/nearest.ts';
import { CommandError, EXIT } from '../exit.ts';
import { expectLoaded } from '../loading.ts';
import { printDiagnostic } from '../terminal.ts';
import { shownPath } from '../paths.ts';

/** Where the team's backups are described. None are brought along: they would be nobody's. */
export const backupsFolder = (playbooks: string): string => join(resolve(playbooks), 'backups');

/** Their names. */
export function backupNames(playbooks: string): readonly string[] {
  const folder = backupsFolder(playbooks);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => basename(name).replace(/\.ya?ml$/, ''))
    .sort();
}

/** The backups of these names or files, all where none is named. What is wrong in any of them ends the command. */
export async function findBackups(names: readonly string[], playbooks: string): Promise<readonly Backup[]> {
  const known = backupNames(playbooks);
  const wanted = names.length > 0 ? names : known;
  if (wanted.length === 0) {
    throw new CommandError(`no backup is described in ${shownPath(backupsFolder(playbooks))}`, {
      exitCode: EXIT.invalid,
      hint: 'docs/prove.md says what stands in such a file; drillbook prove FILE.yaml takes one from elsewhere.',
    });
  }
  const backups: Backup[] = [];
  for (const name of wanted) backups.push(await findBackup(name, playbooks, known));
  return backups;
}

async function findBackup(name: string, playbooks: string, known: readonly string[]): Promise<Backup> {
  const isPath = /\.ya?ml$/.test(name);
  if (!isPath && !known.includes(name)) {
    const near = nearest(name, known);
    throw new CommandError(`there is no backup "${name}" in ${shownPath(backupsFolder(playbooks))}`, {
      exitCode: EXIT.invalid,
      hint: near === undefined ? `There are ${known.join(', ') || 'none'}.` : `Did you mean "${near}"?`,
    });
  }
  const places = isPath ? [name] : ['.yaml', '.yml'].map((end) => join(backupsFolder(playbooks), name + end));
  const path = places.find((place) => existsSync(place)) ?? name;
  const file = await readSource(path);
  if (file.ok) return expectLoaded(await loadBackup(file.value), file.value);
  printDiagnostic(file.error);
  throw new CommandError('nothing was changed', { exitCode: EXIT.invalid });
}
