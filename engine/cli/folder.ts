import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { folderLibrary, idsIn } from '../load/library.ts';
import type { Library } from '../load/library.ts';
import { CommandError, EXIT } from './exit.ts';
import { invocation } from './invocation.ts';
import { SHIPPED_PLAYBOOKS } from './paths.ts';

// What counts in a folder of playbooks. What drillbook ships are examples, to be looked at, drilled and taken
// over; they are nobody's default. Environments, worlds, schedule and monitors are always the folder's own.

/** The folder when `--playbooks` does not name one. */
export const DEFAULT_FOLDER = 'playbooks';

/** The one folder whose playbooks count: the team's own as soon as there is one in it, else that of the examples. */
export function countedFolder(own: string): string {
  if (!existsSync(own) && own !== DEFAULT_FOLDER) {
    throw new CommandError(`there is no folder ${own}`, {
      exitCode: EXIT.invalid,
      hint: 'Nothing was changed. --playbooks names the folder in which your playbooks and environments are.',
    });
  }
  return hasPlaybooks(own) ? resolve(own) : SHIPPED_PLAYBOOKS;
}

const hasPlaybooks = (folder: string): boolean => idsIn([folder]).length > 0;

/** The playbooks that count, by their ids. */
export const countedPlaybooks = (own: string): Library => folderLibrary([countedFolder(own)]);

/** Where a playbook finds those that it calls: beside it, then among the shipped ones. */
export const callFolders = (own: string): readonly string[] =>
  isShipped(own) ? [SHIPPED_PLAYBOOKS] : [resolve(own), SHIPPED_PLAYBOOKS];

/** Whether it is the folder of what drillbook ships. */
export const isShipped = (folder: string): boolean => resolve(folder) === resolve(SHIPPED_PLAYBOOKS);

/** Whether what counts is what drillbook ships, in a folder that is somebody else's. */
export const showsExamples = (own: string): boolean => !isShipped(own) && isShipped(countedFolder(own));

/** The ids of the team's own playbooks that are those of shipped ones: calls of them lead to the team's. */
export function shadowedIds(own: string): readonly string[] {
  if (isShipped(own)) return [];
  const shipped = new Set(idsIn([SHIPPED_PLAYBOOKS]));
  return idsIn([own]).filter((id) => shipped.has(id));
}

/** How a shipped playbook of this id is taken over; undefined when there is none. */
export const takeOverHint = (id: string): string | undefined =>
  idsIn([SHIPPED_PLAYBOOKS]).includes(id)
    ? `drillbook ships a playbook of that name as an example: ${invocation(`new ${id} --from ${id}`)} takes it over.`
    : undefined;

/** A file or folder beside the team's own playbooks, by its name: a schedule, the environments. */
export const beside = (own: string, name: string): string => join(resolve(own), name);
