import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { Transform } from 'node:stream';
import type { Readable, Writable } from 'node:stream';
import { callFolder } from '../shell/client/call-folder.ts';
import type { StepContext } from '../../model/kind.ts';
import { StepError, Stopped } from '../../model/kind.ts';
import { Capture } from '../machine/capture.ts';
import { likeliestLine } from '../machine/likeliest-line.ts';
import type { Finished } from '../machine/process.ts';
import { runCommand, sendToGroup } from '../machine/process.ts';
import { asUser, bootstrap } from '../shell/client/bootstrap.ts';
import { Frame } from '../shell/client/frame.ts';
import { heldConnection } from '../shell/client/held-connection.ts';
import type { RemotePlace } from '../shell/client/remote.ts';
import { encoded, judged, quoteAlways, runPayload } from '../shell/client/remote.ts';
import { sshCommand } from '../shell/client/ssh.ts';

const MAX_SAID = 64 * 1024;

/** Where a copy comes from or goes to: a host, or this machine. */
export type End = RemotePlace | 'here';

/** For an error: `db1`, `this machine`. */
export const nameOfEnd = (end: End): string =>
  end === 'here' ? 'this machine' : (end.route.at(-1)?.name ?? 'the host');

/** Runs lines of bash there to their end and gives what they say. */
export async function ask(lines: string, end: End, context: StepContext): Promise<Finished> {
  const quiet = { secrets: context.secrets, signal: context.signal, log: () => undefined };
  if (end !== 'here') return runPayload(lines, '', end, quiet);
  return runCommand({
    ...{ file: 'bash', argv: ['--norc', '-c', lines], env: localEnv(), cwd: context.run.folder },
    ...{ stdin: undefined, signal: context.signal, maxStdout: MAX_SAID, maxStderr: MAX_SAID },
    onLine: () => undefined,
  });
}

/** One end of a pipe between two places. */
export interface PipeEnd {
  readonly input: Writable;
  readonly output: Readable;
  /** Resolves when it has ended well; rejects with a `StepError` that says why not. */
  readonly done: Promise<Finished>;
}

/** Runs lines of bash there that read or write a stream of any length. */
export async function openPipe(lines: string, end: End, context: StepContext): Promise<PipeEnd> {
  const folder = await callFolder();
  const frame = end === 'here' ? undefined : new Frame();
  const call =
    end === 'here' || frame === undefined ? here(lines, context) : await there(folder, frame, end, context);
  const child = spawn(call.file, call.argv, {
    ...{ cwd: call.cwd, env: call.env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] },
  });
  const own = (stream: 'stdout' | 'stderr', chunk: Buffer): Buffer => frame?.sieve(stream, chunk) ?? chunk;
  const output = child.stdout.pipe(
    new Transform({ transform: (chunk: Buffer, _encoding, pass) => pass(null, own('stdout', chunk)) }),
  );
  const said = new Capture(MAX_SAID, () => undefined);
  child.stderr.on('data', (chunk: Buffer) => said.write(own('stderr', chunk)));
  // Who reads no more says at its own end why.
  child.stdin.on('error', () => undefined);
  void frame?.ready.then(() => child.stdin.write(encoded(lines)));
  const stop = (): void => sendToGroup(child.pid, 'SIGTERM');
  context.signal.addEventListener('abort', stop, { once: true });
  const done = new Promise<{ readonly code: number | null; readonly by: NodeJS.Signals | null }>(
    (resolve) => {
      child.once('error', () => resolve({ code: 127, by: null }));
      child.once('close', (code, by) => resolve({ code, by }));
    },
  ).then(async ({ code, by }) => {
    context.signal.removeEventListener('abort', stop);
    await rm(folder, { recursive: true, force: true });
    const { text, truncated, excerpt } = said.close();
    if (context.signal.aborted) throw new Stopped(context.signal.reason, { stderr: excerpt });
    const finished: Finished = {
      ...{ exitCode: code ?? undefined, endedBy: by ?? undefined, stdout: '', stderr: text, left: [] },
      ...{ truncated: { stdout: false, stderr: truncated }, excerpts: { stderr: excerpt } },
    };
    const ended = frame === undefined || end === 'here' ? finished : judged({ frame, finished }, end);
    if (ended.exitCode !== 0) throw failed(ended, end);
    return ended;
  });
  done.catch(() => undefined);
  // Nothing goes to a script before it is there; what comes first is what it is to run.
  await Promise.race([frame?.ready, done.catch(() => undefined)]);
  return { input: child.stdin, output, done };
}

const here = (lines: string, context: StepContext) => ({
  ...{ file: 'bash', argv: ['--norc', '-c', lines], env: localEnv(), cwd: context.run.folder },
});

async function there(folder: string, frame: Frame, place: RemotePlace, context: StepContext) {
  const { route, sudo } = place;
  const { secrets, signal } = context;
  const socket = await heldConnection(route, { secrets, signal });
  return sshCommand(folder, {
    ...{ route, socket, secrets, signal },
    command: `exec ${asUser(sudo)}bash --norc -c ${quoteAlways(bootstrap({ pieces: frame.pieces }, sudo))}`,
  });
}

/** What a program there said when it failed, with what the account lacks told apart from what the disk does. */
export function failed({ stdout, stderr, excerpts }: Finished, end: End): StepError {
  const known = KNOWN.find(({ says }) => says.test(stderr));
  return new StepError(`on ${nameOfEnd(end)}: ${likeliestLine(stdout, stderr) || 'it did not say why'}`, {
    code: known?.code ?? 'exit',
    details: excerpts,
    ...(known !== undefined && { hint: known.hint }),
  });
}

/** With `LC_ALL=C`, as all of it runs. */
const KNOWN = [
  {
    says: /No space left on device|Disk quota exceeded/,
    code: 'diskFull',
    hint: 'Free space or enlarge the disk, then try again.',
  },
  {
    says: /Permission denied|Operation not permitted|Read-only file system/,
    code: 'notAllowed',
    hint: 'Check the permissions there, or add "sudo".',
  },
] as const;

const localEnv = (): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  HOME: process.env['HOME'] ?? '/',
});
