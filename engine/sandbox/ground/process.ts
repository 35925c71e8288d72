import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const POLL_MS = 20;

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Whether this process was started with that text among its arguments: a pid alone
 * may have been given to another program since.
 */
export async function isRunning(pid: number, argument: string): Promise<boolean> {
  if (!Number.isSafeInteger(pid) || pid <= 0 || !isAlive(pid)) return false;
  try {
    const line =
      process.platform === 'linux'
        ? await readFile(`/proc/${String(pid)}/cmdline`, 'utf8')
        : (await run('ps', ['-ww', '-o', 'args=', '-p', String(pid)])).stdout;
    return line.includes(argument);
  } catch {
    return false;
  }
}

/** Resolves with whether it has come to hold, at the latest after `timeoutMs`. */
export async function holdsWithin(
  timeoutMs: number,
  holds: () => Promise<boolean> | boolean,
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (!(await holds())) {
    if (performance.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}

/** Sends the signals one after another, each when the one before was not enough. Resolves when the process is gone. */
export async function end(
  pid: number,
  argument: string,
  steps: readonly (readonly [signal: NodeJS.Signals, timeoutMs: number])[],
): Promise<void> {
  for (const [signal, timeoutMs] of steps) {
    if (!(await isRunning(pid, argument))) return;
    process.kill(pid, signal);
    if (await holdsWithin(timeoutMs, async () => !(await isRunning(pid, argument)))) return;
  }
}
