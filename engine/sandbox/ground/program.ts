import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import type { JsonObject } from '../../base/json.ts';
import { markOf } from './marked.ts';
import { isGoneWithin } from './process.ts';

const STOP_MS = 5000;
const LAST_LINES = 5;

/** Of the world's own environment: what a program needs to find others and its files. */
const PASSED_ON = ['PATH', 'HOME', 'TMPDIR'];

export interface ProgramOptions {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** What it prints goes there. */
  readonly log: string;
  readonly worldFolder: string;
}

/** A program in a process group of its own, so that what it starts ends with it. */
export class Program {
  readonly #options: ProgramOptions;
  #env: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;
  #failure: string | undefined;

  constructor(options: ProgramOptions) {
    this.#options = options;
    this.#env = options.env;
  }

  get running(): boolean {
    return this.#child?.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Undefined before the first start. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** How it ended, in words; undefined while it runs, and where it was never started. */
  get ending(): string | undefined {
    if (this.#failure !== undefined) return this.#failure;
    if (this.#child === undefined || this.running) return undefined;
    const { exitCode, signalCode } = this.#child;
    return signalCode === null ? `it ended with ${String(exitCode)}` : `it was ended by ${signalCode}`;
  }

  /** What of it is told at the desk. */
  get state(): JsonObject {
    const { running, pid, ending } = this;
    return { running, ...(pid !== undefined && { pid }), ...(ending !== undefined && { ending }) };
  }

  /** From the next start on. */
  set(env: Readonly<Record<string, string>>): void {
    this.#env = { ...this.#env, ...env };
  }

  /** Resolves when it has been started; what becomes of it is asked of `ending`. */
  async start(): Promise<void> {
    if (this.running) return;
    const { command, cwd, log, worldFolder } = this.#options;
    const [program = '', ...args] = command;
    const output = await open(log, 'a');
    try {
      this.#failure = undefined;
      const child = spawn(program, args, {
        detached: true,
        cwd,
        env: { ...passedOn(), ...this.#env, ...markOf(worldFolder) },
        stdio: ['ignore', output.fd, output.fd],
      });
      this.#child = child;
      await new Promise<void>((resolve, reject) => {
        child.once('spawn', resolve);
        child.once('error', reject);
      });
    } catch (error) {
      this.#failure =
        (error as NodeJS.ErrnoException).code === 'ENOENT'
          ? `there is no program ${program} here`
          : `${program} cannot be started: ${(error as Error).message}`;
      throw new Error(this.#failure, { cause: error });
    } finally {
      await output.close();
    }
  }

  /** Asks it to end, then ends it, with all of its group. Resolves when it is gone. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined || !this.running) return;
    signalGroup(child.pid, 'SIGTERM');
    // One that is stopped would not hear of it.
    signalGroup(child.pid, 'SIGCONT');
    await isGoneWithin(STOP_MS, () => !this.running);
    signalGroup(child.pid, 'SIGKILL');
    await isGoneWithin(STOP_MS, () => !this.running);
  }

  /** The last that it printed, for a message. */
  async lastLines(): Promise<string> {
    const text = await readFile(this.#options.log, 'utf8').catch(() => '');
    return text.trimEnd().split('\n').slice(-LAST_LINES).join('\n');
  }
}

const passedOn = (): Record<string, string> =>
  Object.fromEntries(
    PASSED_ON.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody of the group is left.
  }
}
