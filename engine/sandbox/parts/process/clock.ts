import { existsSync } from 'node:fs';
import { readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Duration } from '../../../base/duration.ts';
import type { JsonObject } from '../../../base/json.ts';
import { findProgram, howToInstall } from '../../../base/programs.ts';
import { inFolder } from '../../ground/folder.ts';
import type { PartContext } from '../part.ts';

/**
 * The clock of a program, and of all that it starts: that of this machine, as long as nobody sets it. libfaketime is
 * loaded into the program before it begins, and reads a file each time that it is asked for the time.
 */
export class OwnClock {
  /** What the program is started with. */
  readonly variables: Readonly<Record<string, string>>;
  readonly #file: string;
  #offsetMs = 0;

  private constructor(library: string, file: string) {
    this.#file = file;
    this.variables = {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      // What waits for a length of time goes on: only the calendar is wrong.
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }

  /** Rejects in words where this machine has no libfaketime. To be made before the program, so that it is closed after it. */
  static async make({ id, worldFolder, onClose }: PartContext): Promise<OwnClock> {
    const library = await findProgram('libfaketime');
    if (library === undefined)
      throw new Error(`there is no libfaketime on this machine: ${howToInstall('libfaketime')}`);
    const clock = new OwnClock(library, join(inFolder(worldFolder).parts, `${id}.clock`));
    await clock.set(0);
    await sweep(); // of a world that was killed
    onClose(sweep);
    return clock;
  }

  /** So much is it ahead from now on; a negative number: behind. */
  async set(offsetMs: number): Promise<void> {
    // Whoever reads it meanwhile is to find one or the other.
    const next = `${this.#file}.next`;
    await writeFile(next, `${offsetMs < 0 ? '-' : '+'}${String(Math.abs(offsetMs) / 1000)}\n`);
    await rename(next, this.#file);
    this.#offsetMs = offsetMs;
  }

  /** What is told at the desk: nothing while it is right. */
  get state(): JsonObject {
    if (this.#offsetMs === 0) return {};
    const wrong = Duration.fromMillis(Math.abs(this.#offsetMs)).toString();
    return { clock: `${wrong} ${this.#offsetMs < 0 ? 'behind' : 'ahead'}` };
  }
}

const SHARED_MEMORY = '/dev/shm';

/** Removes what libfaketime leaves in shared memory of a process that was ended from outside: it is named by its id. */
async function sweep(): Promise<void> {
  const names = await readdir(SHARED_MEMORY).catch(() => []);
  for (const name of names) {
    const id = /^(?:sem\.)?faketime_(?:shm|sem)_(\d+)$/.exec(name)?.[1];
    if (id !== undefined && !existsSync(`/proc/${id}`)) await removeOwn(join(SHARED_MEMORY, name));
  }
}

async function removeOwn(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.uid === process.getuid?.()) await rm(path, { force: true });
}
