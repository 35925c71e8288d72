import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { folderLibrary } from '../../load/library.ts';
import type { RunStarted, SourceText } from '../../model/event.ts';
import { CommandError, EXIT } from '../exit.ts';
import { callFolders } from '../folder.ts';
import { findEnvironment, findWorld } from '../loading.ts';
import { shownPath } from '../paths.ts';

/**
 * A worker carries out what is in its own folder, and nothing else: whoever may write to the store must not be able to
 * have it run commands of his own with its rights and its secrets. Throws where a file of the run is another one here.
 */
export async function expectOwnFiles(started: RunStarted, folder: string): Promise<void> {
  for (const source of started.sources) {
    const here = await sameFileHere(source, started, folder);
    if (here === source.text) continue;
    throw new CommandError(
      `run ${started.run} is not carried out here: ${basename(source.path)} is ${here === undefined ? 'not' : 'another one'} in ${shownPath(folder)} of this worker`,
      {
        exitCode: EXIT.invalid,
        hint: 'A worker carries out only what is in its own folder of playbooks. Bring both to the same edition and ask anew.',
      },
    );
  }
}

/** What the file of that role and name says here; undefined where there is none. */
async function sameFileHere(
  source: SourceText,
  started: RunStarted,
  folder: string,
): Promise<string | undefined> {
  const name = basename(source.path).replace(/\.ya?ml$/, '');
  switch (source.role) {
    case 'playbook':
    case 'called':
      return (await folderLibrary(callFolders(folder)).find(name))?.text;
    case 'environment':
      return (await findEnvironment(started.environment.name, folder)).file.text;
    case 'source':
      return (await findEnvironment(name, folder)).file.text;
    case 'world':
      return (await findWorld(name, folder))?.file.text;
    default:
      return existsSync(source.path) ? source.text : undefined;
  }
}
