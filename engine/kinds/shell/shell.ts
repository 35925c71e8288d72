import { stat } from 'node:fs/promises';
import { readJson } from '../../base/json-text.ts';
import type { Value } from '../../base/value.ts';
import { isHandle } from '../../model/handle.ts';
import type { Target } from '../../model/environment.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { plainText, plainTexts, shownText } from '../context/reveal.ts';
import { excerpt } from '../machine/capture.ts';
import { likeliestLine } from '../machine/likeliest-line.ts';
import type { Finished } from '../machine/process.ts';
import { runCommand } from '../machine/process.ts';
import { quote } from '../context/quote.ts';
import { workHere, workThere } from './client/by-hand.ts';
import type { RemotePlace, Work } from './client/remote.ts';
import { nameOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

type Args = With['shell'];
type Result = Output['shell'];

/** Handed on to every command; everything else is named in `env`. */
const INHERITED = ['PATH', 'HOME', 'LANG'] as const;
const MAX_STDOUT = 1024 * 1024;
const MAX_STDERR = 64 * 1024;

/**
 * Runs a script with `bash -euo pipefail`, or one command. It sees no variable of drillbook's own
 * environment but PATH, HOME and LANG, and the run's folder in DRILLBOOK_FOLDER; a secret is handed over in `env` or on `stdin`, never
 * as an argument, where every user of the machine could read it. With `host` it runs there, over ssh.
 */
export const shell: StepKind<Args, Result> = {
  name: 'shell',
  outputs: ['stdout'],
  effect: () => 'unknown',
  describe(args, discreet = false) {
    return `Run ${discreet ? discreetWork(args) : shownWork(args)}${shownPlace(args)}`;
  },
  byHand(args, environment, folder) {
    if (args.host === undefined) return workHere(args, environment, folder);
    const sudo = sudoOf(args);
    const as = sudo === undefined ? '' : `sudo ${sudo === '' ? '' : `-u ${sudo} `}`;
    return workThere(args, args.host, environment, as);
  },
  targets(args) {
    return args.host === undefined ? [] : [targetUse('hosts', args.host, 'unknown')];
  },
  // On a host it is that one which resolves names.
  goesTo: ({ host, command = [], env = {} }) => host ?? [command, env],
  programs: (args) => (args.host !== undefined ? ['ssh'] : args.script === undefined ? [] : ['bash']),
  async run(args, context) {
    const { file, argv } = await commandOf(args, context);
    const finished =
      args.host === undefined
        ? await runHere(file, argv, args, context)
        : await runThere([file, ...argv], args.host, args, context);
    for (const { pid, command, ended } of finished.left) {
      context.log(
        `${ended ? 'ended what it left running' : 'it leaves running'}: ${command} (${String(pid)})`,
      );
    }
    return outputOf(args, goodExit(args, finished), finished);
  },
  async begin(args, context) {
    if (args.job === true) {
      throw new StepError('a job goes on by itself, a process in the background ends with the run', {
        code: 'usage',
        hint: 'Remove "job" or "background".',
      });
    }
    const { file, argv } = await commandOf(args, context);
    if (args.host === undefined) {
      const { beginCommand } = await import('./client/background.ts');
      const onLine = (line: string): void => context.log(line);
      return beginCommand({ file, argv, ...(await surroundings(args, context)), onLine }, context);
    }
    const { beginRemote } = await import('./client/background-remote.ts');
    const { work, place } = await remoteWork([file, ...argv], args.host, args, context);
    return beginRemote(work, place, context);
  },
};

async function runHere(
  file: string,
  argv: readonly string[],
  args: Args,
  context: StepContext,
): Promise<Finished> {
  return runCommand({
    file,
    argv,
    ...(await surroundings(args, context)),
    signal: context.signal,
    maxStdout: MAX_STDOUT,
    maxStderr: MAX_STDERR,
    onLine: (line) => context.log(line),
    nameLeft: true,
  });
}

/** What a command on this machine finds around it. */
async function surroundings(args: Args, context: StepContext) {
  if (args.sudo !== undefined || args.job === true) {
    throw new StepError('"sudo" and "job" are for a host', { code: 'usage', hint: 'Add "host".' });
  }
  return {
    env: {
      ...inherited(),
      DRILLBOOK_FOLDER: context.run.folder,
      ...(await plainTexts(args.env ?? {}, 'env', context)),
    },
    cwd: await folderOf(args),
    stdin: args.stdin === undefined ? undefined : await plainText(args.stdin, 'stdin', context),
  };
}

async function runThere(
  argv: readonly string[],
  host: Target,
  args: Args,
  context: StepContext,
): Promise<Finished> {
  const { work, place } = await remoteWork(argv, host, args, context);
  if (args.job === true) return (await import('./client/job.ts')).runJob(work, place, context);
  return (await import('./client/remote.ts')).runRemote(work, place, context);
}

async function remoteWork(argv: readonly string[], host: Target, args: Args, context: StepContext) {
  const { routeTo } = await import('./client/host.ts');
  const place: RemotePlace = {
    route: routeTo(host, context.environment),
    sudo: sudoOf(args),
  };
  const work: Work = {
    argv,
    env: await plainTexts(args.env ?? {}, 'env', context),
    cwd: args.cwd,
    stdin: args.stdin === undefined ? '' : await plainText(args.stdin, 'stdin', context),
  };
  return { work, place };
}

/** An empty name: root. */
function sudoOf(args: Args): string | undefined {
  const { sudo } = args;
  if (sudo === undefined || sudo === false) return undefined;
  return typeof sudo === 'string' ? sudo : '';
}

async function commandOf(
  args: Args,
  context: StepContext,
): Promise<{ readonly file: string; readonly argv: readonly string[] }> {
  const { script } = args;
  const command = args.command ?? [];
  if ((script === undefined) === (command.length === 0)) {
    throw new StepError('give either "script" or "command"', { code: 'usage' });
  }
  // Over ssh bash would read the account's .bashrc, which may not stand a variable that is not set.
  if (script !== undefined)
    return { file: 'bash', argv: ['--norc', '-euo', 'pipefail', '-c', script, 'drillbook'] };
  const words: string[] = [];
  for (const word of command) words.push(await argument(word, context));
  return { file: words[0] ?? '', argv: words.slice(1) };
}

function argument(word: Value, context: StepContext): Promise<string> {
  if (isHandle(word)) {
    throw new StepError('a secret cannot be an argument: every user of the machine could read it', {
      code: 'usage',
      hint: 'Hand it over in "env" or on "stdin".',
    });
  }
  return plainText(word, 'command', context);
}

const inherited = (): Record<string, string> =>
  Object.fromEntries(
    INHERITED.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );

async function folderOf(args: Args): Promise<string> {
  const cwd = args.cwd ?? process.cwd();
  const isFolder = await stat(cwd).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (isFolder) return cwd;
  throw new StepError(`there is no folder ${cwd}`, { code: 'usage' });
}

/** The exit code, where it is one of those that are a success. Throws `StepError` for any other end. */
function goodExit(args: Args, { exitCode, endedBy, stdout, stderr, excerpts }: Finished): number {
  const good = args.ok ?? [0];
  if (exitCode !== undefined && good.includes(exitCode)) return exitCode;
  const how =
    exitCode === undefined ? `was ended by ${endedBy ?? 'a signal'}` : `ended with exit code ${exitCode}`;
  const said = likeliestLine(stdout, stderr);
  throw new StepError(`the command ${how}${said === '' ? '' : `: ${said}`}`, {
    code: exitCode === undefined ? 'signal' : 'exit',
    changed: 'maybe',
    details: { exitCode: exitCode ?? null, ...excerpts },
  });
}

function outputOf(args: Args, exitCode: number, { stdout, stderr, truncated, left }: Finished): Result {
  const form = args.stdout ?? 'text';
  if (form !== 'text' && truncated.stdout) {
    throw new StepError(`the command wrote more than ${MAX_STDOUT} characters, too much to take apart`, {
      code: 'outputTooLarge',
      changed: 'maybe',
      hint: 'Let it write to a file, or choose in the script.',
    });
  }
  return {
    exitCode,
    stdout,
    stderr,
    truncated: truncated.stdout || truncated.stderr,
    lines:
      form === 'lines'
        ? stdout
            .replace(/\n$/, '')
            .split('\n')
            .filter((line, index) => line !== '' || index > 0)
        : [],
    json: form === 'json' ? jsonOf(stdout) : null,
    left: left.map(({ pid, command, ended }) => ({ pid, command, ended })),
  };
}

function jsonOf(stdout: string): Value {
  try {
    return readJson(stdout);
  } catch (cause) {
    throw new StepError('the command was asked for JSON on its standard output, and wrote something else', {
      code: 'notJson',
      changed: 'maybe',
      details: { stdout: excerpt(stdout) },
      cause,
    });
  }
}

function shownWork(args: Args): string {
  const { script } = args;
  if (script === undefined) return (args.command ?? []).map((word) => quote(shownText(word))).join(' ');
  const lines = script.trim().split('\n');
  return lines.length === 1 ? (lines[0] ?? '') : `a script of ${lines.length} lines`;
}

function discreetWork(args: Args): string {
  const lines = args.script?.trim().split('\n').length;
  if (lines === undefined) return shownText(args.command?.[0] ?? '');
  return lines === 1 ? 'a script of one line' : `a script of ${lines} lines`;
}

function shownPlace(args: Args): string {
  if (args.host === undefined) return '';
  const sudo = sudoOf(args);
  const as = sudo === undefined ? '' : ` as ${sudo === '' ? 'root' : sudo}`;
  return ` on ${nameOf(args.host)}${as}${args.job === true ? ', as a job that outlives the connection' : ''}`;
}
