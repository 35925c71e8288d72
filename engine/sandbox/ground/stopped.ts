import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** Whether a process has been stopped (SIGSTOP) and not continued. */
export async function isStopped(pid: number): Promise<boolean> {
  try {
    return (await stateOf(pid)).startsWith('T');
  } catch {
    return false;
  }
}

async function stateOf(pid: number): Promise<string> {
  if (process.platform !== 'linux')
    return (await promisify(execFile)('ps', ['-o', 'state=', '-p', String(pid)])).stdout.trim();
  // The name in brackets may hold anything: what follows its last bracket is the state.
  const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2);
}
