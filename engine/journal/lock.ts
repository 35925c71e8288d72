import { randomUUID } from 'node:crypto';
import {
  link,
  mkdir,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  truncate,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import type { Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';
import type { ProcessIdentity } from '../base/process-identity.ts';
import { ownIdentity, stateOf } from '../base/process-identity.ts';
import type { Lock } from './store.ts';

/** Whoever holds a lock, and what for. */
export interface LockOwner extends ProcessIdentity {
  readonly run: string;
  /** RFC 3339. */
  readonly since: string;
}

/**
 * A lock is a folder of numbered files; the highest number holds it. It is free when that
 * file is empty (given back) or when its process is dead. Whoever takes it makes the next
 * number, by linking a file that is complete already: of several takers one succeeds.
 * Lower numbers are removed in rising order, so that a taker who was slow, and made a
 * number that had been used before, finds the number below it gone and steps back.
 *
 * The error is who holds it.
 */
export async function takeLock(
  folder: string,
  purpose: { readonly run: string; readonly since: string },
): Promise<Result<Lock, LockOwner>> {
  await createFolder(folder);
  const own: LockOwner = { ...(await ownIdentity()), ...purpose };
  for (;;) {
    const generation = await newestGeneration(folder);
    if (generation === undefined) throw new Error(`${folder} holds no lock file: remove that folder`);
    const holder = await ownerOf(folder, generation);
    if (holder === 'gone') continue;
    if (holder !== undefined && (await stateOf(holder)) !== 'dead') return err(holder);
    const mine = generation + 1;
    if (!(await claim(folder, generation, own))) continue;
    await removeBelow(folder, mine);
    return ok({ release: () => release(join(folder, String(mine))) });
  }
}

/** Who holds the lock now, if anybody does. */
export async function lockHolder(folder: string): Promise<LockOwner | undefined> {
  const generation = await newestGeneration(folder).catch(ignoreMissing);
  const holder = generation === undefined ? undefined : await ownerOf(folder, generation);
  if (holder === undefined || holder === 'gone') return undefined;
  return (await stateOf(holder)) === 'dead' ? undefined : holder;
}

/** Made elsewhere with its first number in it and moved into place: it is never seen empty. */
async function createFolder(folder: string): Promise<void> {
  if ((await stat(folder).catch(ignoreMissing)) !== undefined) return;
  const draft = `${folder}.${randomUUID()}`;
  await mkdir(draft, { recursive: true, mode: 0o700 });
  await writeFile(join(draft, '0'), '', { mode: 0o600 });
  try {
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Another process made it first.
    if ((await stat(folder).catch(ignoreMissing)) === undefined) throw error;
  }
}

async function generations(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  return names.filter((name) => /^\d{1,15}$/.test(name)).map(Number);
}

async function newestGeneration(folder: string): Promise<number | undefined> {
  const all = await generations(folder);
  return all.length === 0 ? undefined : Math.max(...all);
}

/** Undefined: given back. A text that cannot be read is what a power failure leaves, and whoever wrote it is dead. */
async function ownerOf(folder: string, generation: number): Promise<LockOwner | undefined | 'gone'> {
  const text = await readFile(join(folder, String(generation)), 'utf8').catch(ignoreMissing);
  if (text === undefined) return 'gone';
  try {
    return JSON.parse(text) as LockOwner;
  } catch {
    return undefined;
  }
}

/** Makes the number after `generation`; false when another was first. */
async function claim(folder: string, generation: number, own: LockOwner): Promise<boolean> {
  const draft = join(folder, `draft-${randomUUID()}`);
  const mine = join(folder, String(generation + 1));
  await writeFile(draft, JSON.stringify(own), { mode: 0o600 });
  try {
    await link(draft, mine);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await unlink(draft);
  }
  if ((await stat(join(folder, String(generation))).catch(ignoreMissing)) !== undefined) return true;
  await unlink(mine).catch(ignoreMissing);
  return false;
}

async function removeBelow(folder: string, generation: number): Promise<void> {
  const lower = (await generations(folder)).filter((each) => each < generation).sort((a, b) => a - b);
  for (const each of lower) await unlink(join(folder, String(each))).catch(ignoreMissing);
}

const release = async (file: string): Promise<void> => {
  await truncate(file).catch(ignoreMissing);
};

function ignoreMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
