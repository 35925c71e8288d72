import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram, howToInstall } from '../../../base/programs.ts';
import type { ProgramName } from '../../../base/programs.ts';
import { markOf } from '../../ground/marked.ts';

const run = promisify(execFile);

/** The folder of a host: its keys, the home of whoever logs in, its sshd. */
export interface Machine {
  readonly sshd: string;
  readonly config: string;
  /** `ssh-ed25519 AAAA…`, by which it is known. */
  readonly hostKey: string;
  /** What lets somebody in. */
  readonly privateKey: string;
  readonly user: string;
  readonly home: string;
}

interface Place {
  readonly folder: string;
  readonly worldFolder: string;
  readonly port: number;
  /** Where its systemctl asks, and with what. */
  readonly units: { readonly url: string; readonly token: string };
}

/** Makes the folder of a host, with keys that nobody else has. Rejects in words where this machine has no sshd. */
export async function makeMachine({ folder, worldFolder, port, units }: Place): Promise<Machine> {
  const [sshd, keygen] = [await programOf('sshd'), await programOf('ssh-keygen')];
  const [home, bin] = [join(folder, 'home'), join(folder, 'bin')];
  await mkdir(home, { recursive: true, mode: 0o700 });
  await mkdir(bin, { mode: 0o755 });
  const makeKey = async (name: string): Promise<string> => {
    const file = join(folder, name);
    await run(keygen, ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', file]);
    return (await readFile(`${file}.pub`, 'utf8')).trim().split(' ').slice(0, 2).join(' ');
  };
  const hostKey = await makeKey('host-key');
  await makeKey('client-key');
  await copyFile(join(folder, 'client-key.pub'), join(folder, 'authorized_keys'));
  await writeSystemctl(bin, units);
  const path = `${bin}:${process.env['PATH'] ?? '/usr/bin:/bin'}`;
  // A log-in shell makes its own path.
  await writeFile(join(home, '.profile'), `export PATH="${path}"\n`);
  // As root, sshd wants the folder that its package's service makes.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const config = join(folder, 'sshd_config');
  const variables = Object.entries({ HOME: home, PATH: path, ...markOf(worldFolder) });
  await writeFile(
    config,
    [
      ...[`Port ${String(port)}`, 'ListenAddress 127.0.0.1', `HostKey ${join(folder, 'host-key')}`],
      ...[`AuthorizedKeysFile ${join(folder, 'authorized_keys')}`, `PidFile ${join(folder, 'sshd.pid')}`],
      ...['StrictModes no', 'UsePAM no', 'PasswordAuthentication no', 'KbdInteractiveAuthentication no'],
      ...['PermitRootLogin prohibit-password', 'MaxStartups 100'],
      `SetEnv ${variables.map(([name, value]) => `"${name}=${value}"`).join(' ')}`,
      '',
    ].join('\n'),
  );
  const privateKey = await readFile(join(folder, 'client-key'), 'utf8');
  return { sshd, config, hostKey, privateKey, user: userInfo().username, home };
}

async function programOf(name: ProgramName): Promise<string> {
  const file = await findProgram(name);
  if (file === undefined) throw new Error(`there is no ${name} on this machine: ${howToInstall(name)}`);
  return file;
}

/** A program of that name which asks the world: its units are programs of the world, and no process of the session. */
async function writeSystemctl(bin: string, { url, token }: Place['units']): Promise<void> {
  const script = join(bin, 'systemctl.cjs');
  await writeFile(
    script,
    `fetch(${JSON.stringify(url)}, {
  method: 'POST',
  headers: { authorization: ${JSON.stringify(`Bearer ${token}`)} },
  body: JSON.stringify({ args: process.argv.slice(2) }),
})
  .then((response) => response.json())
  .then(({ code, stdout, stderr }) => {
    process.stdout.write(stdout);
    process.stderr.write(stderr);
    process.exitCode = code;
  })
  .catch(() => {
    process.stderr.write('Failed to connect to bus: the world has ended\\n');
    process.exitCode = 1;
  });
`,
    { mode: 0o600 },
  );
  const file = join(bin, 'systemctl');
  await writeFile(file, `#!/bin/sh\nexec '${process.execPath}' '${script}' "$@"\n`);
  await chmod(file, 0o755);
}
