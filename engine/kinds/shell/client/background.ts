import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Duplex, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Json } from '../../../base/json.ts';
import { isJsonObject } from '../../../base/json.ts';
import type { ProcessIdentity } from '../../../base/process-identity.ts';
import { identityOf, stateOf } from '../../../base/process-identity.ts';
import { howToInstall } from '../../../base/programs.ts';
import type { BackgroundProcess, StepContext } from '../../../model/kind.ts';
import { StepError } from '../../../model/kind.ts';
import { Capture } from '../../machine/capture.ts';
import { sendToGroup } from '../../machine/process.ts';

/** From the polite way to end a process to the one that cannot be refused. */
const KILL_AFTER_MS = 5000;
/** What the process still wrote is read for that long after its end. */
const DRAIN_MS = 500;
const POLL_MS = 50;
const KEPT = 64 * 1024;

export interface BackgroundCommand {
  readonly file: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly stdin: string | undefined;
  /** The process ends when its standard input does, which also happens when drillbook is killed. */
  readonly endsWithInput?: boolean;
  /** Whether a line is what the command said, and not what was said about it. */
  readonly isOwn?: (line: string) => boolean;
  readonly onLine: (line: string) => void;
}

type Context = Pick<StepContext, 'checkpoint' | 'saveCheckpoint' | 'signal' | 'log'>;

/**
 * Waits for a line before it becomes the command: a process that is killed together with drillbook before
 * the journal knows it, or whose drillbook is, never begins.
 */
const HELD = 'IFS= read -r _ <&3 || exit 125; exec 3<&-; exec "$@"';

/** Starts a command that lives beside the run, in a process group of its own. */
export async function beginCommand(command: BackgroundCommand, context: Context): Promise<BackgroundProcess> {
  await endOrphan(context);
  const child = spawn('bash', ['--norc', '-c', HELD, 'drillbook', command.file, ...command.argv], {
    cwd: command.cwd,
    env: command.env,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
  const process = new Running(child, command);
  const gate = child.stdio[3] as Duplex;
  gate.on('error', () => undefined);
  try {
    await started(child);
    const identity = await identityOf(child.pid ?? 0);
    await context.saveCheckpoint({ process: { ...identity } });
    context.signal.throwIfAborted();
    gate.end('go\n');
    return process;
  } catch (error) {
    await process.end();
    throw error;
  }
}

function started(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) => {
      reject(
        new StepError(`bash could not be started: ${cause.message}`, {
          code: 'notStarted',
          cause,
          hint: `It can be installed: ${howToInstall('bash')}.`,
        }),
      );
    });
  });
}

class Running implements BackgroundProcess {
  readonly lost: Promise<string>;
  readonly #child: ChildProcess;
  readonly #endsWithInput: boolean;
  readonly #gone: Promise<void>;
  #ending = false;

  constructor(child: ChildProcess, command: BackgroundCommand) {
    const { stdin, endsWithInput = false, isOwn = () => true, onLine } = command;
    this.#child = child;
    this.#endsWithInput = endsWithInput;
    const said = { last: '' };
    const capture = (): Capture =>
      new Capture(KEPT, (line) => {
        if (line.trim() !== '' && isOwn(line)) said.last = line.trim();
        onLine(line);
      });
    for (const stream of [child.stdout, child.stderr]) {
      const captured = capture();
      stream?.on('data', (chunk: Buffer) => captured.write(chunk));
      stream?.on('close', () => captured.close());
    }
    const input = child.stdin as Writable;
    input.on('error', () => undefined);
    if (endsWithInput) input.write(stdin ?? '');
    else input.end(stdin ?? '');
    this.#gone = new Promise((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', () => resolve());
    });
    this.lost = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        void drained(child).then(() => {
          // What it leaves behind would be in the way of the next start.
          sendToGroup(child.pid, 'SIGKILL');
          if (!this.#ending) resolve(reasonOf(code, signal, said.last));
        });
      });
    });
  }

  async end(): Promise<void> {
    this.#ending = true;
    if (this.#endsWithInput) {
      this.#child.stdin?.end();
      await Promise.race([this.#gone, sleep(KILL_AFTER_MS, undefined, { ref: false })]);
    }
    sendToGroup(this.#child.pid, 'SIGTERM');
    const late = new AbortController();
    const kill = sleep(KILL_AFTER_MS, undefined, { signal: late.signal }).then(
      () => sendToGroup(this.#child.pid, 'SIGKILL'),
      () => undefined,
    );
    await this.#gone;
    late.abort();
    await kill;
    sendToGroup(this.#child.pid, 'SIGKILL');
  }
}

/** Until its streams are closed, which whatever it left running may delay. */
const drained = (child: ChildProcess): Promise<unknown> =>
  Promise.race([new Promise((resolve) => child.once('close', resolve)), sleep(DRAIN_MS)]);

function reasonOf(code: number | null, signal: NodeJS.Signals | null, said: string): string {
  const how = code === null ? `it was ended by ${signal ?? 'a signal'}` : `it ended with exit code ${code}`;
  return said === '' ? how : `${how}: ${said}`;
}

/** The process of an earlier life of the run is ended: nobody hears it any more, and two at once would be in each other's way. */
async function endOrphan({ checkpoint, log }: Context): Promise<void> {
  const identity = identityIn(checkpoint);
  if (identity === undefined) return;
  const state = await stateOf(identity);
  if (state === 'unknown') {
    log(`process ${identity.pid} of an earlier life of the run may still be there, on ${identity.host}`);
  }
  if (state !== 'alive') return;
  log(`ending process ${identity.pid}, which an earlier life of the run left behind`);
  sendToGroup(identity.pid, 'SIGTERM');
  const deadline = performance.now() + KILL_AFTER_MS;
  while ((await stateOf(identity)) === 'alive') {
    if (performance.now() > deadline) sendToGroup(identity.pid, 'SIGKILL');
    await sleep(POLL_MS);
  }
  sendToGroup(identity.pid, 'SIGKILL');
}

function identityIn(checkpoint: Json | undefined): ProcessIdentity | undefined {
  const found = isJsonObject(checkpoint) ? checkpoint['process'] : undefined;
  if (!isJsonObject(found)) return undefined;
  const { pid, host, started: since, boot, namespace } = found;
  if (typeof pid !== 'number' || typeof host !== 'string' || typeof since !== 'string') return undefined;
  return {
    ...{ pid, host, started: since },
    ...(typeof boot === 'string' && { boot }),
    ...(typeof namespace === 'string' && { namespace }),
  };
}
