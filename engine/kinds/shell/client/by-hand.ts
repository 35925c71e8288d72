import type { Value } from '../../../base/value.ts';
import type { Environment, Target } from '../../../model/environment.ts';
import { isHandle } from '../../../model/handle.ts';
import { inShell, shellWord } from '../../context/in-shell.ts';
import { quote } from '../../context/quote.ts';
import type { With } from '../../types.ts';
import type { Host } from './host.ts';
import { routeTo } from './host.ts';

type Args = With['shell'];

const BASH = 'bash -euo pipefail';

/** The same work on this machine, as a person runs it. */
export function workHere(args: Args, environment: Environment, folder: string | undefined): string {
  const { script, cwd, stdin } = args;
  const isAskedFor = folder !== undefined && script?.includes('DRILLBOOK_FOLDER') === true;
  const env = { ...(isAskedFor && { DRILLBOOK_FOLDER: folder }), ...args.env };
  const assigned = Object.entries(env).map(([name, value]) => `${name}=${shellWord(environment, value)} `);
  const before =
    (cwd === undefined ? '' : `cd ${quote(cwd)} && `) + fed(stdin, environment) + assigned.join('');
  if (script === undefined) return before + commandOf(args, environment);
  const text = script.trimEnd();
  // What the script reads comes over its input, so that it cannot itself.
  if (stdin !== undefined) return `${before}${BASH} -c ${quote(text)}`;
  return `${before}${BASH} <<'SCRIPT'\n${text}\nSCRIPT`;
}

/** The same work on a host: its secrets are read here, and go over the connection and not into a line of arguments. */
export function workThere(args: Args, host: Target, environment: Environment, as: string): string {
  const ssh = `${sshTo(host, environment)} ${as}${BASH}`;
  const work = [
    ...(args.cwd === undefined ? [] : [`cd ${quote(args.cwd)}`]),
    args.script?.trimEnd() ?? commandOf(args, environment),
  ].join('\n');
  const exported = Object.entries(args.env ?? {});
  const { stdin } = args;
  if (stdin !== undefined) {
    const known = exported.map(([name, value]) => `export ${name}=${shellWord(environment, value)}\n`);
    return `${fed(stdin, environment)}${ssh} -c ${quote(quote(known.join('') + work))}`;
  }
  if (!exported.some(([, value]) => isHandle(value))) {
    const lines = exported.map(([name, value]) => `export ${name}=${shellWord(environment, value)}`);
    return `${ssh} -s <<'SCRIPT'\n${[...lines, work].join('\n')}\nSCRIPT`;
  }
  const lines = exported.map(
    ([name, value]) => `printf 'export ${name}=%q\\n' ${shellWord(environment, value)}`,
  );
  return ['{', ...lines, "cat <<'SCRIPT'", work, 'SCRIPT', `} | ${ssh} -s`].join('\n');
}

const fed = (stdin: Value | undefined, environment: Environment): string =>
  stdin === undefined ? '' : `printf %s ${shellWord(environment, stdin)} | `;

const commandOf = ({ command = [] }: Args, environment: Environment): string =>
  command.map((word) => shellWord(environment, word)).join(' ');

/** ssh to a host that is the one of the environment: by its key, over the hosts before it. */
export function sshTo(target: Target, environment: Environment): string {
  const { hostKey } = target;
  const [host, ...before] = typeof hostKey === 'string' ? routeTo(target, environment).toReversed() : [];
  if (host === undefined) return 'ssh host';
  return ['ssh', ...optionsTo(host, before, environment, '-p'), accountOf(host)].join(' ');
}

/** The same for scp, which writes the port with a large letter. */
export function scpOptions(target: Target, environment: Environment): readonly string[] {
  const [host, ...before] =
    typeof target['hostKey'] === 'string' ? routeTo(target, environment).toReversed() : [];
  return host === undefined ? [] : optionsTo(host, before, environment, '-P');
}

function optionsTo(
  host: Host,
  before: readonly Host[],
  environment: Environment,
  portOption: string,
): readonly string[] {
  const { identity, port } = host;
  const jumps = before.toReversed().map((jump) => `${accountOf(jump)}:${String(jump.port)}`);
  return [
    // Nobody has to say yes to a key that the environment knows.
    `-o UserKnownHostsFile=/dev/null -o KnownHostsCommand='/bin/echo %H ${host.hostKey}'`,
    ...(identity === undefined ? [] : [`-i ${identityFile(identity, environment)}`]),
    ...(jumps.length === 0 ? [] : [`-J ${jumps.join(',')}`]),
    ...(port === 22 ? [] : [`${portOption} ${String(port)}`]),
  ];
}

function identityFile(identity: NonNullable<Host['identity']>, environment: Environment): string {
  const { $ref, path, at } = identity;
  if ($ref === 'file' && typeof path === 'string' && at === undefined) return quote(path);
  return `<(printf '%s\\n' "${inShell(identity, environment)}")`;
}

const accountOf = ({ user, address }: Host): string => `${user === undefined ? '' : `${user}@`}${address}`;
