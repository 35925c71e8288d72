import { execFile } from 'node:child_process';
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { promisify } from 'node:util';

/**
 * Which process, beyond doubt. A number alone is given to another process sooner or later,
 * so the time of its start belongs to it, and where that time is counted from.
 */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** When it was started, in the system's own words: only compared. */
  readonly started: string;
  /** Linux: the boot that `started` counts from. */
  readonly boot?: string;
  /** Linux: the PID namespace, for two containers of one host name. */
  readonly namespace?: string;
}

const RUN_PS = promisify(execFile);

export const ownIdentity = (): Promise<ProcessIdentity> => identityOf(process.pid);

/** Of a process of this machine. One that has ended already is like no other. */
export async function identityOf(pid: number): Promise<ProcessIdentity> {
  const boot = await bootId();
  const namespace = await pidNamespace();
  return {
    pid,
    host: hostname(),
    started: (await startOf(pid)) ?? '',
    ...(boot !== undefined && { boot }),
    ...(namespace !== undefined && { namespace }),
  };
}

/** `unknown`: it is out of sight, on another machine or in another container. */
export async function stateOf(identity: ProcessIdentity): Promise<'alive' | 'dead' | 'unknown'> {
  if (identity.host !== hostname()) return 'unknown';
  if (identity.boot !== (await bootId())) return 'dead';
  if (identity.namespace !== (await pidNamespace())) return 'unknown';
  return (await startOf(identity.pid)) === identity.started ? 'alive' : 'dead';
}

const bootId = async (): Promise<string | undefined> =>
  (await orUndefined(readFile('/proc/sys/kernel/random/boot_id', 'utf8')))?.trim();

const pidNamespace = (): Promise<string | undefined> => orUndefined(readlink('/proc/self/ns/pid'));

/** When a process was started; undefined when there is none of that number, or only its remains (a zombie). */
async function startOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    const text = await orUndefined(readFile(`/proc/${pid}/stat`, 'utf8'));
    // The second field is the program's name, which may hold anything, spaces and brackets too.
    const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
    const state = fields?.[0];
    return state === 'Z' || state === 'X' ? undefined : fields?.[19];
  }
  const environment = { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' };
  const ps = RUN_PS('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { env: environment });
  const [state = '', ...start] = (await orUndefined(ps))?.stdout.trim().split(/\s+/) ?? [];
  return state === '' || state.startsWith('Z') ? undefined : start.join(' ');
}

const orUndefined = <T>(promise: Promise<T>): Promise<T | undefined> => promise.catch(() => undefined);
