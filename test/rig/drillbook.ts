import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

/** The command as it ships. */
export const MAIN = resolve(import.meta.dirname, '..', '..', 'dist', 'cli', 'main.cjs');

/** Where a command is started, and which one, when it is not the one of this project. */
export interface Place {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly main?: string;
}

export interface Finished {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly process: ChildProcess;
  readonly finished: Promise<Finished>;
  /** Resolves with the first line of standard output that matches. */
  line(pattern: RegExp): Promise<string>;
}

/** An empty folder that is gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'drillbook-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts `drillbook …` in a folder, without a terminal. */
export function startDrillbook(args: readonly string[], options: Place): Running {
  const child = spawn(process.execPath, [options.main ?? MAIN, ...args], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const waiting = new Set<() => void>();
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    for (const look of waiting) look();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const finished = once(child, 'close').then(([exitCode, signal]) => ({
    exitCode: exitCode as number | null,
    signal: signal as NodeJS.Signals | null,
    stdout,
    stderr,
  }));
  const line = (pattern: RegExp): Promise<string> =>
    new Promise((found, lost) => {
      const look = (): void => {
        const match = stdout
          .split('\n')
          .slice(0, -1)
          .find((text) => pattern.test(text));
        if (match === undefined) return;
        waiting.delete(look);
        found(match);
      };
      waiting.add(look);
      void finished.then(() => lost(new Error(`ended before ${String(pattern)}:\n${stdout}${stderr}`)));
      look();
    });
  return { process: child, finished, line };
}

/** Runs `drillbook …` to its end. */
export function drillbook(args: readonly string[], options: Place): Promise<Finished> {
  return startDrillbook(args, options).finished;
}
