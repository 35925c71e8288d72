import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from '../../engine/base/programs.ts';
import type { ValueMap } from '../../engine/base/value.ts';
import { reservePort } from '../../engine/sandbox/ground/port.ts';

const run = promisify(execFile);

export interface SshdRig {
  /** The entry of the host in an environment. */
  readonly target: ValueMap;
  /** The home of the account, for those who log in. */
  readonly home: string;
  readonly port: number;
  readonly pid: number;
  /** Of another machine: what a wrong host key looks like. */
  readonly otherKey: string;
  /** A private key that nobody lets in. */
  readonly strangerKey: string;
  /** How many times somebody logged in. */
  readonly logins: () => number;
  /** The processes of those who are logged in now. */
  readonly sessions: () => Promise<readonly number[]>;
  /** Cuts every connection and takes no new one until `start`. */
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

/** A real sshd on a free loopback port, with keys of its own, that lets this account in. */
export async function serveSsh(): Promise<SshdRig> {
  // sshd starts itself anew for each connection, by its whole path.
  const sshd = await findProgram('sshd');
  if (sshd === undefined) throw new Error('a test that starts sshd says so by the tag needs/sshd');
  const folder = await mkdtemp(join(tmpdir(), 'drillbook-sshd-'));
  const key = async (name: string): Promise<string> => {
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(folder, name)]);
    return (await readFile(join(folder, `${name}.pub`), 'utf8')).trim();
  };
  const [hostKey, , otherKey] = [await key('host'), await key('client'), await key('other')];
  await key('stranger');
  const home = join(folder, 'home');
  await mkdir(home);
  await writeFile(join(folder, 'authorized_keys'), await readFile(join(folder, 'client.pub')));
  // As root, sshd wants the folder that its package's service makes.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const port = await reservePort();
  await writeFile(
    join(folder, 'config'),
    [
      `Port ${String(port)}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${join(folder, 'host')}`,
      `AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
      `PidFile ${join(folder, 'pid')}`,
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin prohibit-password',
      'AllowTcpForwarding yes',
      'MaxStartups 100',
      `SetEnv HOME=${home}`,
    ].join('\n'),
  );
  let child: ChildProcess | undefined;
  let logins = 0;
  const start = async (): Promise<void> => {
    const server = spawn(sshd, ['-D', '-e', '-f', join(folder, 'config')], {
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    });
    child = server;
    let said = '';
    server.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      logins += chunk.toString().split('Accepted publickey').length - 1;
    });
    await listening(port, () => {
      if (server.exitCode !== null) throw new Error(`sshd ended: ${said}`);
    });
  };
  const stop = async (): Promise<void> => {
    const server = child;
    if (server?.pid === undefined || server.exitCode !== null) return;
    const gone = new Promise((resolve) => server.once('exit', resolve));
    // Its sessions are children in sessions of their own; they end with their connections.
    const sessions = await childrenOf(server.pid);
    process.kill(server.pid, 'SIGTERM');
    for (const pid of sessions) killQuietly(pid);
    await gone;
  };
  await start();
  return {
    target: {
      name: 'db1',
      address: '127.0.0.1',
      port,
      user: userInfo().username,
      hostKey,
      identity: { $ref: 'file', path: join(folder, 'client') },
      $target: 'hosts.db1',
    },
    home,
    port,
    get pid() {
      return child?.pid ?? 0;
    },
    otherKey,
    strangerKey: join(folder, 'stranger'),
    logins: () => logins,
    sessions: () => childrenOf(child?.pid ?? 0),
    stop,
    start,
    async close() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function childrenOf(parent: number): Promise<readonly number[]> {
  // With no such process ps fails, and says nothing.
  const { stdout } = await run('ps', ['-o', 'pid=', '--ppid', String(parent)]).catch(() => ({ stdout: '' }));
  return stdout.split('\n').map(Number).filter(Boolean);
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch {
    // It has ended meanwhile.
  }
}

/** Tries to connect until somebody answers. */
async function listening(port: number, check: () => void): Promise<void> {
  for (;;) {
    check();
    const answered = await new Promise<boolean>((resolve) => {
      const socket = createConnection(port, '127.0.0.1');
      socket.once('error', () => resolve(false));
      socket.once('data', () => {
        socket.destroy();
        resolve(true);
      });
    });
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
