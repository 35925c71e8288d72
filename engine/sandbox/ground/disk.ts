import { statfsSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '../../base/json.ts';
import { lackOfDisk } from '../../base/own-disk.ts';
import { findProgram } from '../../base/programs.ts';
import { inFolder } from './folder.ts';
import { unmountIn } from './mounts.ts';
import { Program } from './program.ts';
import { messageOf } from './text.ts';

/** What fills it up: as a log that nobody rotates. */
const BALLAST = 'ballast.log';
const CHUNK = Buffer.alloc(1024 * 1024);
const MOUNT_MS = 10_000;
const MEGABYTE = 1_000_000;

/** A small file system of a part, in memory, which can be full. */
export class Disk {
  readonly path: string;
  readonly megabytes: number;
  /** What fills it up, where something does. */
  readonly ballast: string;

  private constructor(path: string, megabytes: number) {
    this.path = path;
    this.megabytes = megabytes;
    this.ballast = join(path, BALLAST);
  }

  /**
   * Mounts it at a folder of the world, which it makes. `onClose` is told how to take it away before it is there: to be
   * made before whoever uses it, so that it goes after. Rejects in words where it cannot be.
   */
  static async make(path: string, size: string, { id, worldFolder, onClose }: DiskContext): Promise<Disk> {
    const lack = lackOfDisk();
    if (lack !== undefined) throw new Error(`${lack.what}. ${lack.hint}`);
    const disk = new Disk(path, megabytesOf(size));
    await mkdir(path, { recursive: true, mode: 0o700 });
    onClose(() => unmountIn(path));
    const options = `size=${String(disk.megabytes * MEGABYTE)},mode=700`;
    const mount = new Program({
      command: [(await findProgram('mount')) ?? 'mount', '-t', 'tmpfs', '-o', options, 'drillbook', path],
      ...{ cwd: worldFolder, env: {}, worldFolder },
      log: join(inFolder(worldFolder).parts, `${id}-disk.log`),
    });
    try {
      await mount.start();
      await mount.succeeds(MOUNT_MS);
    } catch (error) {
      throw new Error(`its disk cannot be mounted: ${messageOf(error)}`, { cause: error });
    }
    return disk;
  }

  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.path);
    return bavail * bsize;
  }

  /** What is told at the desk. */
  get state(): JsonObject {
    return { disk: { megabytes: this.megabytes, freeBytes: this.freeBytes } };
  }

  /** Until nothing more can be written. */
  async fill(): Promise<void> {
    const file = await open(this.ballast, 'a', 0o600);
    try {
      await writeUntilFull(file);
    } finally {
      await file.close();
    }
  }

  /** Takes away what filled it up, and nothing else. */
  async free(): Promise<void> {
    await rm(this.ballast, { force: true });
  }
}

/** What a disk needs to know of its part. */
interface DiskContext {
  readonly id: string;
  readonly worldFolder: string;
  readonly onClose: (close: () => Promise<void>) => void;
}

async function writeUntilFull(file: FileHandle): Promise<void> {
  try {
    // The last of them is written in part.
    for (;;) await file.write(CHUNK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

/** As the schema has it: `200MB`, `2GB`. */
const megabytesOf = (size: string): number => Number.parseInt(size, 10) * (size.endsWith('GB') ? 1000 : 1);
