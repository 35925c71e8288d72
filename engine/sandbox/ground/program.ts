import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { JsonObject } from '../../base/json.ts';
import { programPath } from '../../base/programs.ts';
import { markOf } from './marked.ts';
import { holdsWithin } from './process.ts';
import { forgetStarted, noteStarted } from './started.ts';
import { messageOf } from './text.ts';

const STOP_MS = 5000;
const LAST_LINES = 5;

/** Of the world's own environment: what a program needs to find others and its files. */
const PASSED_ON = ['HOME', 'TMPDIR'];

/**
 * Waits for a line before it becomes the program: what a world has started and not yet noted when it is killed never
 * begins. Says so where there is no such program, and else nothing.
 */
const HELD =
  'IFS= read -r _ <&3 || exit 125; command -v "$1" >/dev/null || { echo missing >&3; exit 127; }; exec 3<&-; exec "$@"';

/** What is started, and with which environment variables. */
export interface Described {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface ProgramOptions extends Described {
  readonly cwd: string;
  /** As it is described now, where that can change. */
  readonly now?: () => Described;
  /** What it prints goes there. */
  readonly log: string;
  readonly worldFolder: string;
  /** Variables that it gets besides, whatever becomes of the others. */
  readonly besides?: Readonly<Record<string, string>>;
  /** What it is told instead of its arguments and its variables: addresses by which it reaches others, for one. */
  readonly told?: (text: string) => string;
}

/** A program in a process group of its own, so that what it starts ends with it. */
export class Program {
  readonly #options: ProgramOptions;
  #command: readonly string[];
  #env: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;
  #failure: string | undefined;
  /** How long what it prints to was when it was started last. */
  #printedBefore = 0;

  constructor(options: ProgramOptions) {
    this.#options = options;
    this.#command = options.command;
    this.#env = options.env;
  }

  get running(): boolean {
    return this.#child?.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Undefined before the first start. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** What is started, and its arguments. */
  get command(): readonly string[] {
    return this.#command;
  }

  /** Its environment variables: of the next start, where they were changed since the last. */
  get env(): Readonly<Record<string, string>> {
    return this.#env;
  }

  /** What it is told in place of an argument or a variable. */
  told(text: string): string {
    return this.#options.told?.(text) ?? text;
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

  /** What runs from the next start on. */
  deploy(command: readonly string[]): void {
    this.#command = command;
  }

  /** As it is described: command and environment variables. */
  rollBack(): void {
    const { command, env } = this.#options.now?.() ?? this.#options;
    this.#command = command;
    this.#env = env;
  }

  /** Resolves when it has been started; what becomes of it is asked of `ending`. */
  async start(): Promise<void> {
    if (this.running) return;
    const { log } = this.#options;
    const output = await open(log, 'a');
    try {
      this.#failure = undefined;
      this.#printedBefore = (await output.stat()).size;
      await this.#begin(output.fd);
    } catch (error) {
      this.#failure = (error as Error).message;
      throw error;
    } finally {
      await output.close();
    }
  }

  async #begin(output: number): Promise<void> {
    const { cwd, worldFolder, besides } = this.#options;
    const [program = ''] = this.#command;
    const command = this.#command.map((text) => this.told(text));
    const env = Object.entries(this.#env).map(([name, value]) => [name, this.told(value)] as const);
    const child = spawn('sh', ['-c', HELD, 'sh', ...command], {
      detached: true,
      cwd,
      env: { ...passedOn(), ...Object.fromEntries(env), ...besides, ...markOf(worldFolder) },
      stdio: ['ignore', output, output, 'pipe'],
    });
    this.#child = child;
    const gate = child.stdio[3] as Duplex;
    gate.on('error', () => undefined);
    try {
      await once(child, 'spawn').catch((error: unknown) => {
        throw new Error(`${program} cannot be started in ${cwd}: ${messageOf(error)}`, { cause: error });
      });
      if (child.pid !== undefined) await noteStarted(worldFolder, child.pid);
      gate.write('go\n');
      if ((await text(gate)) !== '') throw new Error(`there is no program ${program} here`);
    } finally {
      gate.destroy();
    }
  }

  /** Asks it to end, then ends it, with all of its group. Resolves when it is gone. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined || !this.running) return;
    signalGroup(child.pid, 'SIGTERM');
    // One that is stopped would not hear of it.
    signalGroup(child.pid, 'SIGCONT');
    await holdsWithin(STOP_MS, () => !this.running);
    await this.#endGroup(child.pid);
  }

  /** Ends it at once, with all of its group, as a machine does that runs out of memory. Resolves when it is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined || !this.running) return;
    await this.#endGroup(child.pid);
  }

  /** What of the group has outlived its leader ends as well. */
  async #endGroup(pid: number): Promise<void> {
    signalGroup(pid, 'SIGKILL');
    await holdsWithin(STOP_MS, () => !this.running);
    await forgetStarted(this.#options.worldFolder, pid);
  }

  /** Stops it where it is, with all of its group: it keeps its port, and answers nothing. */
  hang(): void {
    if (this.#child?.pid !== undefined && this.running) signalGroup(this.#child.pid, 'SIGSTOP');
  }

  /** Resolves when it has ended well. Rejects, with the last that it printed, when it ends otherwise or takes too long. */
  async succeeds(withinMs: number): Promise<void> {
    if (!(await holdsWithin(withinMs, () => !this.running))) {
      await this.stop();
      throw new Error(`it was still running after ${String(withinMs / 1000)} s`);
    }
    if (this.#failure === undefined && this.#child?.exitCode === 0) return;
    throw new Error([this.ending, await this.lastLines()].filter((text) => text !== '').join('\n'));
  }

  /** Whether it has printed this since it was started last. */
  async hasPrinted(wanted: string): Promise<boolean> {
    const all = await readFile(this.#options.log).catch(() => Buffer.alloc(0));
    return all.includes(wanted, this.#printedBefore);
  }

  /** The last that it printed, for a message. */
  async lastLines(): Promise<string> {
    const text = await readFile(this.#options.log, 'utf8').catch(() => '');
    return text.trimEnd().split('\n').slice(-LAST_LINES).join('\n');
  }
}

const passedOn = (): Record<string, string> => ({
  PATH: programPath(),
  ...Object.fromEntries(
    PASSED_ON.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  ),
});

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody of the group is left.
  }
}
