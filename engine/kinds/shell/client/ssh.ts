import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SecretResolver } from '../../../model/handle.ts';
import { StepError } from '../../../model/kind.ts';
import type { Host } from './host.ts';
import type { Command } from '../../machine/process.ts';

const CONNECT_SECONDS = 15;
/** A connection on which nothing has come for so long is dead: three times unasked. */
const ALIVE_SECONDS = 10;
const ALIVE_TIMES = 3;

export interface RemoteCommand {
  /** On the way to the host, the host itself last. */
  readonly route: readonly Host[];
  /** For the shell of the account there. Seen by every user of that machine. */
  readonly command: string;
  readonly signal: AbortSignal;
  readonly secrets: SecretResolver;
  /** The socket of the connection that is held to that host; one of its own when absent. */
  readonly socket?: string | undefined;
}

/**
 * The call of the system's ssh that runs a command there, with a configuration of its own: each host's key is held
 * against the environment's and no other, nothing is asked, and no file of the user's is read. `folder` holds it
 * until ssh has connected.
 */
export async function sshCommand(
  folder: string,
  remote: RemoteCommand,
): Promise<Pick<Command, 'file' | 'argv' | 'env' | 'cwd'>> {
  const config = await writeConfig(folder, remote);
  const own = remote.route.every(({ identity }) => identity !== undefined);
  return {
    file: 'ssh',
    argv: ['-F', config, '-T', hostAlias(remote.route), remote.command],
    // The agent only where the environment names no key.
    env: inherited(own ? ['PATH', 'HOME', 'LANG'] : ['PATH', 'HOME', 'LANG', 'SSH_AUTH_SOCK']),
    cwd: folder,
  };
}

/** What the configuration calls the host itself. */
export const hostAlias = (route: readonly Host[]): string => aliasOf(route.length - 1);

const aliasOf = (index: number): string => `drillbook-${String(index)}`;

/** The file of the configuration, in that folder. */
export async function writeConfig(
  folder: string,
  { route, secrets, signal, socket }: Omit<RemoteCommand, 'command'>,
): Promise<string> {
  const known = join(folder, 'known_hosts');
  const blocks: string[] = [];
  for (const [index, host] of route.entries()) {
    const identity = await identityFile(folder, index, host, secrets, signal);
    blocks.push(
      [
        `Host ${aliasOf(index)}`,
        `HostName ${host.address}`,
        `Port ${String(host.port)}`,
        `HostKeyAlias ${aliasOf(index)}`,
        ...(host.user === undefined ? [] : [`User ${host.user}`]),
        ...(identity === undefined ? [] : [`IdentityFile ${quoted(identity)}`, 'IdentitiesOnly yes']),
        ...(socket !== undefined && index === route.length - 1 ? [`ControlPath ${quoted(socket)}`] : []),
        ...(index === 0 ? [] : [`ProxyJump ${aliasOf(index - 1)}`]),
      ].join('\n  '),
    );
  }
  const common = [
    'Host *',
    'BatchMode yes',
    'StrictHostKeyChecking yes',
    `UserKnownHostsFile ${quoted(known)}`,
    'GlobalKnownHostsFile /dev/null',
    'UpdateHostKeys no',
    'CheckHostIP no',
    'ForwardAgent no',
    'ForwardX11 no',
    'ControlMaster no',
    'ControlPath none',
    'EscapeChar none',
    'LogLevel ERROR',
    `ConnectTimeout ${String(CONNECT_SECONDS)}`,
    `ServerAliveInterval ${String(ALIVE_SECONDS)}`,
    `ServerAliveCountMax ${String(ALIVE_TIMES)}`,
  ].join('\n  ');
  const keys = route.map(({ hostKey }, index) => `${aliasOf(index)} ${hostKey}\n`).join('');
  const config = join(folder, 'config');
  await writeFile(known, keys, { mode: 0o600 });
  await writeFile(config, `${[...blocks, common].join('\n\n')}\n`, { mode: 0o600 });
  return config;
}

/** A key in a file is used where it lies; one from elsewhere is written to a file that lives as long as the command. */
async function identityFile(
  folder: string,
  index: number,
  { identity }: Host,
  secrets: SecretResolver,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (identity === undefined) return undefined;
  const { $ref, path, at } = identity;
  if ($ref === 'file' && typeof path === 'string' && at === undefined) return path;
  const key = await secrets.reveal(identity, signal);
  const file = join(folder, `identity-${String(index)}`);
  await writeFile(file, `${key.reveal().trimEnd()}\n`, { mode: 0o600 });
  return file;
}

/** A percent sign begins a token of ssh's. */
const quoted = (path: string): string => `"${path.replaceAll('%', '%%')}"`;

const inherited = (names: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );

/** ssh's own exit code for whatever went wrong with the connection. */
export const SSH_FAILED = 255;

const KNOWN: readonly {
  readonly says: RegExp;
  readonly code: string;
  readonly what: string;
  readonly hint?: string;
  readonly retryable?: boolean;
}[] = [
  {
    says: /REMOTE HOST IDENTIFICATION HAS CHANGED|Host key verification failed|host key is known for|no matching host key type/i,
    code: 'hostKeyMismatch',
    what: 'does not show the host key that the environment names',
    hint: 'Either it is another machine, or its key was renewed: find out on the machine itself before you change "hostKey".',
  },
  {
    says: /Permission denied|Too many authentication failures|Load key|no such identity/i,
    code: 'auth',
    what: 'does not let this user in with this key',
    hint: 'Check "user" and "identity" of the host, and the authorized keys there.',
  },
  { says: /Could not resolve hostname/i, code: 'dns', what: 'cannot be resolved', retryable: true },
  {
    says: /Connection refused|timed out|No route to host|Network is unreachable|Operation timed out/i,
    code: 'unreachable',
    what: 'cannot be reached',
    retryable: true,
  },
];

/** Why there was no connection. `stderr`: what ssh said. */
export function connectionError(route: readonly Host[], stderr: string): StepError {
  const host = route.at(-1);
  const name = host === undefined ? 'the host' : `${host.name} (${host.address}:${String(host.port)})`;
  const known = KNOWN.find(({ says }) => says.test(stderr));
  const lines = stderr.split(/\r*\n/).filter((line) => line.trim() !== '' && !/^@/.test(line));
  const said = lines.at(-1)?.trim() ?? 'ssh did not say why';
  const way =
    route.length > 1
      ? `, on the way over ${route
          .slice(0, -1)
          .map((jump) => jump.name)
          .join(', ')}`
      : '';
  return new StepError(`${name} ${known?.what ?? 'broke the connection off'}${way}: ${said}`, {
    code: known?.code ?? 'unreachable',
    retryable: known?.retryable ?? known === undefined,
    ...(known?.hint !== undefined && { hint: known.hint }),
  });
}
