import { randomBytes } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import { howToInstall } from '../../base/programs.ts';
import type { ValueMap } from '../../base/value.ts';
import { StepError, Stopped } from '../../model/kind.ts';
import { Capture } from './capture.ts';
import type { LeftRunning, Watch } from './left-running.ts';
import { MARK, watch } from './left-running.ts';

/** From the polite signal to the one that cannot be refused. */
const KILL_AFTER_MS = 5000;
/** What a script left running may write on for that long after the script's own end. */
const DRAIN_MS = 1000;

export interface Command {
  readonly file: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** A text, or whoever writes it when the time has come; an empty input when absent. */
  readonly stdin: string | ((input: Writable) => void) | undefined;
  readonly signal: AbortSignal;
  /** Characters kept of each stream. */
  readonly maxStdout: number;
  readonly maxStderr: number;
  readonly onLine: (line: string) => void;
  /** What of a chunk is the command's own; all of it when absent. */
  readonly sieve?: (stream: 'stdout' | 'stderr', chunk: Buffer) => Buffer;
  /** Resolves when the work is over although its process may go on. */
  readonly over?: Promise<unknown>;
  /** Whether what it leaves running is looked for, and named. */
  readonly nameLeft?: boolean;
}

export interface Finished {
  /** Undefined when a signal ended it. */
  readonly exitCode: number | undefined;
  readonly endedBy: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly truncated: { readonly stdout: boolean; readonly stderr: boolean };
  /** Head and tail of each stream, for an error. */
  readonly excerpts: ValueMap;
  readonly left: readonly LeftRunning[];
}

/**
 * Runs a command in a process group of its own, so that what it starts ends with it: on abort (SIGTERM, then
 * SIGKILL) and when it is done, which is when its process has ended, whoever still holds its output. Throws
 * `Stopped` with what it had said on abort, and `StepError` when it could not be started.
 */
export async function runCommand(command: Command): Promise<Finished> {
  const { execa } = await import('execa');
  command.signal.throwIfAborted();
  const stdout = new Capture(command.maxStdout, command.onLine);
  const stderr = new Capture(command.maxStderr, command.onLine);
  const { stdin, sieve = (_stream, chunk) => chunk } = command;
  const mark = command.nameLeft === true ? randomBytes(12).toString('hex') : undefined;
  const watching = mark === undefined ? undefined : watch(mark);
  const child = execa(command.file, command.argv, {
    cwd: command.cwd,
    env: { ...command.env, ...(mark !== undefined && { [MARK]: mark }) },
    extendEnv: false,
    detached: true,
    reject: false,
    buffer: false,
    stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    ...(typeof stdin === 'string' && { input: stdin }),
  });
  child.stdout.on('data', (chunk: Buffer) => stdout.write(sieve('stdout', chunk)));
  child.stderr.on('data', (chunk: Buffer) => stderr.write(sieve('stderr', chunk)));
  if (typeof stdin === 'function' && child.stdin !== null) {
    // It may have ended before it read everything.
    child.stdin.on('error', () => undefined);
    stdin(child.stdin);
  }
  const left = await ended(child, command, watching);
  const result = await child;
  const out = stdout.close();
  const err = stderr.close();
  const excerpts = { stdout: out.excerpt, stderr: err.excerpt };
  if (command.signal.aborted) throw new Stopped(command.signal.reason, excerpts);
  if (result.exitCode === undefined && result.signal === undefined) throw notStarted(command.file, result);
  return {
    exitCode: result.exitCode,
    endedBy: result.signal,
    stdout: out.text,
    stderr: err.text,
    truncated: { stdout: out.truncated, stderr: err.truncated },
    excerpts,
    left,
  };
}

interface Child {
  readonly pid?: number | undefined;
  readonly stdin: Writable | null;
  readonly stdout: Readable;
  readonly stderr: Readable;
  once(event: 'exit' | 'close' | 'error', listener: () => void): unknown;
}

/** Resolves when the process has ended and its whole group with it, with what was still running then. */
async function ended(
  child: Child,
  { signal, over }: Command,
  watching: Watch | undefined,
): Promise<readonly LeftRunning[]> {
  let isDone = false;
  let kill: NodeJS.Timeout | undefined;
  const terminate = (): void => {
    if (isDone) return;
    sendToGroup(child.pid, 'SIGTERM');
    kill ??= setTimeout(() => sendToGroup(child.pid, 'SIGKILL'), KILL_AFTER_MS);
  };
  signal.addEventListener('abort', terminate, { once: true });
  if (signal.aborted) terminate();
  void over?.then(terminate);
  try {
    const closed = new Promise<void>((resolve) => child.once('close', resolve));
    await new Promise<void>((resolve) => {
      child.once('exit', resolve);
      child.once('error', resolve);
    });
    await closedOrDrained(closed);
    return child.pid === undefined ? [] : ((await watching?.leftRunning(child.pid)) ?? []);
  } finally {
    isDone = true;
    clearTimeout(kill);
    signal.removeEventListener('abort', terminate);
    sendToGroup(child.pid, 'SIGKILL');
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
  }
}

/** What the script left running may write on for a moment; then its output is let go of. */
async function closedOrDrained(closed: Promise<void>): Promise<void> {
  let drained: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    drained = setTimeout(resolve, DRAIN_MS);
  });
  await Promise.race([closed, over]);
  clearTimeout(drained);
}

/** To a process and all that it started and that has not left its group. */
export function sendToGroup(leader: number | undefined, signal: NodeJS.Signals): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, signal);
  } catch {
    // The group is empty.
  }
}

function notStarted(
  file: string,
  result: { readonly code?: string | undefined; readonly shortMessage?: string | undefined },
): StepError {
  const missing = result.code === 'ENOENT';
  const how = howToInstall(file);
  return new StepError(
    missing ? `there is no command "${file}"` : `${file} could not be started: ${result.shortMessage ?? ''}`,
    {
      code: missing ? 'commandNotFound' : 'notStarted',
      ...(missing && {
        hint: `Install it${how === undefined ? '' : ` (${how})`}, or write out where it is. Only PATH, HOME and LANG are handed on.`,
      }),
    },
  );
}
