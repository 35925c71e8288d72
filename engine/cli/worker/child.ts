import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Order } from './orders.ts';

/** A process of drillbook's own, which a worker started. */
export interface Child {
  /** Undefined where it could not be started. */
  readonly pid: number | undefined;
  /** How it ended: its exit code, or null when a signal ended it; and the last words of its errors. */
  readonly ended: Promise<{ readonly exitCode: number | null; readonly trouble: string }>;
  order(order: Order): void;
}

export interface ChildOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Told each line that it prints. */
  readonly told: (line: string) => void;
  /** Whether it listens to orders, as what carries out a run does, or to signals, as any command. */
  readonly obeys: 'orders' | 'signals';
}

/**
 * Starts this very drillbook once more. A run has a process of its own, so that what a step or a library does to it
 * harms no other run.
 */
export function startChild(args: readonly string[], { env, told, obeys }: ChildOptions): Child {
  const [, script = ''] = process.argv;
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, ...env },
    // Signals of a terminal go to the worker alone, which says what they mean.
    detached: true,
  });
  const errors: string[] = [];
  eachLine(child.stdout, told);
  eachLine(child.stderr, (line) => {
    errors.push(line);
    told(line);
  });
  return { pid: child.pid, ended: endOf(child, errors), order: (order) => tell(child, order, obeys) };
}

async function endOf(child: ChildProcess, errors: readonly string[]): ReturnType<() => Child['ended']> {
  const [exitCode] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  const trouble = errors.findLast((line) => line.startsWith('error:')) ?? errors.at(-1) ?? '';
  return { exitCode, trouble: trouble.replace(/^error: /, '') };
}

/** One that has just ended needs no order any more. */
function tell(child: ChildProcess, order: Order, obeys: ChildOptions['obeys']): void {
  if (obeys === 'signals') child.kill('SIGTERM');
  else if (child.connected) child.send(order, () => undefined);
}

function eachLine(stream: Readable | null, told: (line: string) => void): void {
  if (stream !== null) createInterface({ input: stream }).on('line', told);
}
