import { readdir, readFile, readlink } from 'node:fs/promises';

/** A process that has to do with a folder. */
export interface Found {
  readonly pid: number;
  readonly command: string;
}

/**
 * Every process that names the folder: in its arguments, in the environment that it was started with, or as the place
 * where it works. A server may write a title over the first two.
 */
export async function processesAt(folder: string): Promise<readonly Found[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      // One that has ended meanwhile has none of them.
      const [command, environment, place] = await Promise.all([
        readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
        readFile(`/proc/${pid}/environ`, 'utf8').catch(() => ''),
        readlink(`/proc/${pid}/cwd`).catch(() => ''),
      ]);
      const names = [command, environment, place].some((text) => text.includes(folder));
      return names ? [{ pid: Number(pid), command: command.replaceAll('\0', ' ') }] : [];
    }),
  );
  return found.flat();
}
