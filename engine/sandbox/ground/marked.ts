import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { holdsWithin } from './process.ts';

/**
 * The environment variable by which the programs of a world are known, with whatever they start: a program may
 * leave its process group, and outlive who started it, but it keeps its first environment.
 */
const MARK = 'DRILLBOOK_WORLD';

const GONE_MS = 10_000;

/** The variable that marks a program as one of this world. */
export const markOf = (folder: string): Readonly<Record<string, string>> => ({ [MARK]: folder });

/** Ends every program of a world that still runs, one that is stopped or just being started too. */
export async function endMarked(folder: string): Promise<void> {
  await holdsWithin(GONE_MS, async () => {
    const pids = await marked(folder);
    for (const pid of pids) kill(pid);
    return pids.length === 0;
  });
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

async function marked(folder: string): Promise<readonly number[]> {
  const mark = `${MARK}=${folder}`;
  const pids = process.platform === 'linux' ? await inProc(mark) : await byPs(mark);
  return pids.filter((pid) => pid !== process.pid);
}

async function inProc(mark: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  // Those of others may not be read, and one that has ended meanwhile has none.
  const read = (pid: string): Promise<string> => readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
  const environments = await Promise.all(pids.map(read));
  return pids.filter((_, index) => environments[index]?.split('\0').includes(mark)).map(Number);
}

async function byPs(mark: string): Promise<readonly number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axEww', '-o', 'pid=,command='], {
    maxBuffer: 64 * 1024 * 1024,
  });
  const lines = stdout.split('\n').filter((line) => ` ${line} `.includes(` ${mark} `));
  return lines.map((line) => Number.parseInt(line, 10));
}
