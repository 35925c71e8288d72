import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProcessIdentity } from '../../base/process-identity.ts';
import { identityOf, stateOf } from '../../base/process-identity.ts';
import { isAlive } from './process.ts';

/**
 * Which programs a world has started, each the leader of a process group, in files of its folder. Servers that write
 * a title over their environment (sshd, Redis) are not known by the mark in it any more: they are found by this.
 */
const notesIn = (worldFolder: string): string => join(worldFolder, 'started');

const noteOf = (worldFolder: string, pid: number): string =>
  join(notesIn(worldFolder), `${String(pid)}.json`);

/** Notes a program that has just been started. */
export async function noteStarted(worldFolder: string, pid: number): Promise<void> {
  await mkdir(notesIn(worldFolder), { recursive: true, mode: 0o700 });
  await writeFile(noteOf(worldFolder, pid), JSON.stringify(await identityOf(pid)), { mode: 0o600 });
}

/** Forgets one that has ended, with all of its group. */
export async function forgetStarted(worldFolder: string, pid: number): Promise<void> {
  await rm(noteOf(worldFolder, pid), { force: true });
}

/** Ends the groups of those that are noted. A number that has been given to another program since is left alone. */
export async function endStarted(worldFolder: string): Promise<void> {
  const names = await readdir(notesIn(worldFolder)).catch(() => []);
  await Promise.all(names.map((name) => endGroup(join(notesIn(worldFolder), name))));
}

async function endGroup(note: string): Promise<void> {
  // One that was being written when the world was killed says nothing.
  const identity = await readFile(note, 'utf8')
    .then((text) => JSON.parse(text) as ProcessIdentity)
    .catch(() => undefined);
  if (identity === undefined) return;
  // As long as one of a group is left, its number is given to nobody else.
  if ((await stateOf(identity)) !== 'alive' && isAlive(identity.pid)) return;
  try {
    process.kill(-identity.pid, 'SIGKILL');
  } catch {
    // Nobody of the group is left.
  }
}
