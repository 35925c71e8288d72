import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { access, open, readFile, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '../base/json.ts';
import type { WorldPlan } from '../model/world.ts';
import type { WorldLease } from './ground/folder.ts';
import { inFolder, makeWorldFolder, removeRemains, writeObject } from './ground/folder.ts';
import type { Message } from './messages.ts';

const CLEANUP_TIMEOUT_MS = 15_000;

/** What of this process's environment the world gets: no PG… variable, no option of Node's, no secret. */
const PASSED_ON = [
  'PATH',
  'HOME',
  'XDG_CACHE_HOME',
  'TMPDIR',
  'TEMP',
  'TMP',
  'LD_LIBRARY_PATH',
  'SystemRoot',
];

export interface LaunchOptions {
  /** A line for each stage of the start. */
  readonly log?: (line: string) => void;
  /** A path of the run that the world belongs to, which exists: when it is removed, the world ends itself. */
  readonly owner?: string;
  /** The journal of that run: when the run has ended, so does the world, also where drillbook was killed before it could end it. */
  readonly journal?: string;
  /** It ends with the process that starts it, and not only while it is being started. */
  readonly endsWithStarter?: boolean;
  /** What it is made of. */
  readonly plan: WorldPlan;
  /** Ends the start. */
  readonly signal?: AbortSignal;
  /** The world's program, where it does not lie beside this module: a test that runs the sources. */
  readonly entry?: URL;
}

/** A world did not come up, and nothing of it is left. The message says why, in words for people. */
export class WorldNotStarted extends Error {
  override readonly name = 'WorldNotStarted';
}

/** Starts the process of a world and waits until it is ready; its address. Throws `WorldNotStarted`. */
export async function launch(options: LaunchOptions): Promise<JsonObject> {
  options.signal?.throwIfAborted();
  if (options.owner !== undefined) await access(options.owner);
  const folder = await makeWorldFolder();
  let child: ChildProcess | undefined;
  try {
    await writeObject(inFolder(folder).lease, {
      starter: process.pid,
      owner: options.owner ?? null,
      journal: options.journal ?? null,
      endsWithStarter: options.endsWithStarter === true,
    } satisfies WorldLease);
    await writeFile(inFolder(folder).plan, JSON.stringify(options.plan), { mode: 0o600 });
    child = await start(folder, options.entry ?? new URL('./main.js', import.meta.url));
    const address = await untilReady(child, folder, options);
    child.disconnect();
    child.unref();
    return address;
  } catch (error) {
    if (child !== undefined) await endChild(child);
    await removeRemains(folder);
    throw error;
  }
}

async function start(folder: string, entry: URL): Promise<ChildProcess> {
  const log = await open(inFolder(folder).log, 'a');
  try {
    return fork(fileURLToPath(entry), [folder], {
      detached: true,
      cwd: folder,
      execArgv: [],
      env: Object.fromEntries(PASSED_ON.map((name) => [name, process.env[name]])),
      stdio: ['ignore', log.fd, log.fd, 'ipc'],
    });
  } finally {
    await log.close();
  }
}

async function untilReady(child: ChildProcess, folder: string, options: LaunchOptions): Promise<JsonObject> {
  const { signal, log } = options;
  return await new Promise<JsonObject>((resolve, reject) => {
    const abort = (): void => reject(signal?.reason as Error);
    signal?.addEventListener('abort', abort, { once: true });
    child.on('message', (message: Message) => {
      if (message.type === 'progress') log?.(message.line);
      else signal?.removeEventListener('abort', abort);
      if (message.type === 'ready') resolve(message.address);
      if (message.type === 'failed')
        reject(new WorldNotStarted(`the sandbox could not be started: ${message.message}`));
    });
    child.once('error', reject);
    child.once('exit', () => {
      void lastLine(folder).then((line) =>
        reject(new WorldNotStarted(`the sandbox ended while it started: ${line}`)),
      );
    });
  });
}

/** It cleans up after itself when it is asked to end, and gets the time for it. */
async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const cancel = new AbortController();
  const late = delay(CLEANUP_TIMEOUT_MS, undefined, { signal: cancel.signal }).then(() =>
    child.kill('SIGKILL'),
  );
  await gone;
  cancel.abort();
  await late.catch(() => undefined);
}

async function lastLine(folder: string): Promise<string> {
  const text = await readFile(inFolder(folder).log, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').at(-1) ?? '';
}
