import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** A variable of the command, by which whatever it started is known for its own, whatever group that has moved to. */
export const MARK = 'DRILLBOOK_MARK';

/** A process that was still there when the command that started it had ended. */
export interface LeftRunning {
  readonly pid: number;
  readonly command: string;
  /** It had not left the command's group, and is ended with it. */
  readonly ended: boolean;
}

/**
 * What a command that has ended left behind: all of its process group, and, where the system tells the variables of
 * processes (Linux, of those of this account), what left the group and has the mark.
 */
export async function leftRunning(group: number, mark: string): Promise<readonly LeftRunning[]> {
  const found = process.platform === 'linux' ? await fromProc(group, mark) : await fromPs(group);
  return found.sort((a, b) => a.pid - b.pid);
}

async function fromProc(group: number, mark: string): Promise<LeftRunning[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const looked = await Promise.all(pids.map((pid) => lookAt(pid, group, mark)));
  return looked.filter((found) => found !== undefined);
}

async function lookAt(pid: string, group: number, mark: string): Promise<LeftRunning | undefined> {
  try {
    // The name in brackets may hold anything, brackets too.
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const [state, , itsGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return undefined;
    const ended = Number(itsGroup) === group;
    if (!ended && !(await readFile(`/proc/${pid}/environ`, 'latin1')).includes(`${MARK}=${mark}`)) {
      return undefined;
    }
    const argv = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim();
    return { pid: Number(pid), command: shortened(argv), ended };
  } catch {
    // It has ended meanwhile, or belongs to another account.
    return undefined;
  }
}

async function fromPs(group: number): Promise<LeftRunning[]> {
  const list = await promisify(execFile)('ps', ['-A', '-ww', '-o', 'pid=,pgid=,state=,args=']).catch(() => ({
    stdout: '',
  }));
  return list.stdout.split('\n').flatMap((line) => {
    const [, pid, itsGroup, state = '', command = ''] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    if (Number(itsGroup) !== group || state.startsWith('Z')) return [];
    return [{ pid: Number(pid), command: shortened(command), ended: true }];
  });
}

/** Of a command line that is a whole script the beginning says enough. */
const shortened = (command: string): string =>
  command.length <= 200 ? command : `${command.slice(0, 200)}…`;
