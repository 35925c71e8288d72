import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
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

/** Tells what the command that begins now left behind, when it has ended. */
export interface Watch {
  /**
   * All of its process group, and, where the system tells the variables of processes (Linux, of those of this
   * account), what left the group and has the mark.
   */
  leftRunning(group: number): Promise<readonly LeftRunning[]>;
}

/** To be called before the command begins. */
export function watch(mark: string): Watch {
  const there = lastSeen;
  return {
    async leftRunning(group) {
      const found = process.platform === 'linux' ? fromProc(group, mark, there) : await fromPs(group);
      return found.sort((a, b) => a.pid - b.pid);
    },
  };
}

/** Processes by their number, with the inode of their folder in /proc, which is another one for each process. */
type Processes = ReadonlyMap<string, number>;

/**
 * All that were there at the last look. What a command left is not among those that were there before it began: most
 * of a machine need not be read again after each command.
 */
let lastSeen: Processes = new Map();

/** Not by promises: each of these reads costs some microseconds, and ten times that by way of a thread. */
function fromProc(group: number, mark: string, there: Processes): LeftRunning[] {
  const seen = new Map<string, number>();
  const found: LeftRunning[] = [];
  for (const pid of readdirSync('/proc')) {
    if (!/^\d/.test(pid)) continue;
    const inode = statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.ino;
    if (inode === undefined) continue;
    seen.set(pid, inode);
    if (there.get(pid) === inode) continue;
    const left = lookAt(pid, group, mark);
    if (left !== undefined) found.push(left);
  }
  lastSeen = seen;
  return found;
}

function lookAt(pid: string, group: number, mark: string): LeftRunning | undefined {
  try {
    // The name in brackets may hold anything, brackets too.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, , itsGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return undefined;
    const ended = Number(itsGroup) === group;
    if (!ended && !readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`${MARK}=${mark}`)) {
      return undefined;
    }
    const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
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
