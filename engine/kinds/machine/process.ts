import { setTimeout as sleep } from 'node:timers/promises';
import { howToInstall } from '../../base/programs.ts';
import { StepError } from '../../model/kind.ts';
import { Capture } from './capture.ts';

/** From the polite signal to the one that cannot be refused. */
const KILL_AFTER_MS = 5000;
/** What a script left running may write on for that long after the script's own end. */
const DRAIN_MS = 1000;

export interface Command {
  readonly file: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly stdin: string | undefined;
  readonly signal: AbortSignal;
  /** Characters kept of each stream. */
  readonly maxStdout: number;
  readonly maxStderr: number;
  readonly onLine: (line: string) => void;
}

export interface Finished {
  /** Undefined when a signal ended it. */
  readonly exitCode: number | undefined;
  readonly endedBy: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly truncated: { readonly stdout: boolean; readonly stderr: boolean };
}

/**
 * Runs a command in a process group of its own, so that what it starts ends with it: on abort
 * (SIGTERM, then SIGKILL) and when it is done. Throws the signal's reason on abort, and
 * `StepError` when it could not be started.
 */
export async function runCommand(command: Command): Promise<Finished> {
  const { execa } = await import('execa');
  command.signal.throwIfAborted();
  const stdout = new Capture(command.maxStdout, command.onLine);
  const stderr = new Capture(command.maxStderr, command.onLine);
  const child = execa(command.file, command.argv, {
    cwd: command.cwd,
    env: command.env,
    extendEnv: false,
    detached: true,
    reject: false,
    buffer: false,
    stdio: [command.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    ...(command.stdin !== undefined && { input: command.stdin }),
  });
  child.stdout.on('data', (chunk: Buffer) => {
    stdout.write(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr.write(chunk);
  });
  const result = await ended(child, command.signal);
  command.signal.throwIfAborted();
  if (result.exitCode === undefined && result.signal === undefined) throw notStarted(command.file, result);
  const out = stdout.close();
  const err = stderr.close();
  return {
    exitCode: result.exitCode,
    endedBy: result.signal,
    stdout: out.text,
    stderr: err.text,
    truncated: { stdout: out.truncated, stderr: err.truncated },
  };
}

interface Child<R> extends PromiseLike<R> {
  readonly pid?: number | undefined;
  once(event: 'exit', listener: () => void): unknown;
}

/** The result, after the whole group has ended. */
async function ended<R>(child: Child<R>, signal: AbortSignal): Promise<R> {
  const over = new AbortController();
  const terminate = (): void => {
    sendToGroup(child.pid, 'SIGTERM');
    void afterwards(KILL_AFTER_MS, over.signal, () => {
      sendToGroup(child.pid, 'SIGKILL');
    });
  };
  signal.addEventListener('abort', terminate, { once: true });
  child.once('exit', () => {
    void afterwards(DRAIN_MS, over.signal, () => {
      sendToGroup(child.pid, 'SIGKILL');
    });
  });
  try {
    return await child;
  } finally {
    over.abort();
    signal.removeEventListener('abort', terminate);
    sendToGroup(child.pid, 'SIGKILL');
  }
}

async function afterwards(millis: number, cancelled: AbortSignal, act: () => void): Promise<void> {
  try {
    await sleep(millis, undefined, { signal: cancelled });
    act();
  } catch {
    // Cancelled: it ended by itself.
  }
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
