import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Existing accounts without privileges, in the order of preference. None is ever created: that would leave a trace. */
const CANDIDATES = ['postgres', '_postgres', 'nobody'];

/** Whom the database servers run as. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * PostgreSQL refuses to run as root. Undefined when this process is not root: then the
 * servers run as whoever started it. Throws when there is no account to run as.
 */
export async function serverAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of CANDIDATES) {
    const account = await lookUp(name);
    if (account !== undefined) return account;
  }
  throw new Error(
    `PostgreSQL does not run as root, and none of the accounts ${CANDIDATES.join(', ')} exists here: ` +
      'run drillbook as an ordinary user',
  );
}

async function lookUp(name: string): Promise<Account | undefined> {
  try {
    const { stdout } = await run('id', [name]);
    const [, uid, gid] = /^uid=(\d+)\S* gid=(\d+)/.exec(stdout) ?? [];
    return uid === undefined || gid === undefined ? undefined : { name, uid: Number(uid), gid: Number(gid) };
  } catch {
    return undefined;
  }
}

/** Spawn options that make a child run as that account. */
export function runAs(account: Account | undefined): { uid?: number; gid?: number } {
  return account === undefined ? {} : { uid: account.uid, gid: account.gid };
}

/** Nothing of whoever started drillbook: a PGOPTIONS or a locale of theirs would change the servers. */
export function serverEnvironment(): Record<string, string> {
  const path = process.env['PATH'] ?? '/usr/bin:/bin';
  const libraries = process.env['LD_LIBRARY_PATH'];
  return {
    PATH: path,
    LC_ALL: 'C',
    TZ: 'UTC',
    ...(libraries !== undefined && { LD_LIBRARY_PATH: libraries }),
  };
}
