import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { chmod, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SecretResolver } from '../../../model/handle.ts';
import type { Host } from './host.ts';
import { connectionError, SSH_FAILED, sshCommand } from './ssh.ts';

/*
 * One connection to a host is held for as long as this process lives, and every command goes over it (ssh's
 * ControlMaster). It ends with its input, which is a pipe from here: whatever ends drillbook ends it too, as soon as
 * nothing runs over it any more. The shell around it then removes its folder: a drillbook that is killed cannot.
 */

/** `sh -c … sh FOLDER FILE ARGUMENT…`: ends as the program does. */
const THEN_REMOVE = 'folder=$1; shift; "$@"; ended=$?; rm -rf "$folder"; exit "$ended"';

const PREFIX = 'drillbook-ssh-';
/** The path of a socket may be about 100 bytes long, of which ssh wants 17 for itself. */
const LONGEST_FOLDER = 60;
/** A folder without a socket may be of a connection that is just being made. */
const YOUNG_MS = 120_000;

interface Held {
  readonly socket: string;
  readonly child: ChildProcess;
}

const connections = new Map<string, Promise<Held | undefined>>();

/**
 * The socket of the connection to a host, which is made where there is none or where it has ended. Undefined where the
 * host lets nobody hold one: then each command connects by itself. Throws `StepError` when the host cannot be reached.
 */
export async function heldConnection(
  route: readonly Host[],
  { secrets, signal }: { readonly secrets: SecretResolver; readonly signal: AbortSignal },
): Promise<string | undefined> {
  signal.throwIfAborted();
  const key = keyOf(route);
  const known = connections.get(key);
  const connecting = known ?? connect(route, secrets);
  if (known === undefined) connections.set(key, connecting);
  const forget = (): void => {
    if (connections.get(key) === connecting) connections.delete(key);
  };
  let held: Held | undefined;
  try {
    held = await unlessAborted(connecting, signal);
  } catch (error) {
    // Whoever waits no longer leaves the connection to the others that do.
    if (!signal.aborted) forget();
    throw error;
  }
  if (held === undefined || isAlive(held.child)) return held?.socket;
  forget();
  return heldConnection(route, { secrets, signal });
}

/** Ends the connection to a host over which nothing came through. */
export async function dropConnection(route: readonly Host[]): Promise<void> {
  const key = keyOf(route);
  const held = await connections.get(key)?.catch(() => undefined);
  connections.delete(key);
  if (held !== undefined) endGroup(held.child);
}

/** The shell and its ssh. */
function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

const isAlive = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode === null && signalCode === null;

const keyOf = (route: readonly Host[]): string => JSON.stringify(route);

/** Undefined: the host was reached and does not run what holds the connection. */
async function connect(route: readonly Host[], secrets: SecretResolver): Promise<Held | undefined> {
  const folder = await socketFolder();
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const socket = join(folder, 's');
    const files = await mkdtemp(join(folder, 'c'));
    const call = await sshCommand(files, {
      ...{ route, secrets, socket, signal: new AbortController().signal },
      command: 'echo; echo drillbook-is-connected; exec cat >/dev/null',
    });
    const child = spawn('sh', ['-c', THEN_REMOVE, 'sh', folder, call.file, '-M', ...call.argv], {
      ...{ cwd: call.cwd, env: call.env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] },
    });
    const outcome = await answer(child);
    // ssh has read its keys: a private one lies about no longer than it must.
    await rm(files, { recursive: true, force: true });
    if (outcome !== 'connected') {
      remove();
      if (outcome.exitCode === SSH_FAILED) throw connectionError(route, outcome.said);
      return undefined;
    }
    letGo(child);
    keepUntilTheEnd(folder);
    child.once('exit', () => {
      folders.delete(folder);
      remove();
    });
    return { socket, child };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Of the connections that are held now. */
const folders = new Set<string>();

/** One listener for all of them: a run may know many hosts. */
function keepUntilTheEnd(folder: string): void {
  if (!process.listeners('exit').includes(removeAll)) process.once('exit', removeAll);
  folders.add(folder);
}

function removeAll(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}

type Answer = 'connected' | { readonly exitCode: number | null; readonly said: string };

function answer(child: ChildProcess): Promise<Answer> {
  let out = '';
  let said = '';
  return new Promise((resolve) => {
    child.stdin?.on('error', () => undefined);
    child.stdout?.on('data', (chunk: Buffer) => {
      out = (out + chunk.toString()).slice(-4096);
      if (/^drillbook-is-connected$/m.test(out)) resolve('connected');
    });
    child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4096)));
    // Without a shell nothing is held; the command itself says what is missing.
    child.once('error', () => resolve({ exitCode: null, said }));
    child.once('close', (exitCode) => resolve({ exitCode, said }));
  });
}

/** It does not keep drillbook from ending. */
function letGo(child: ChildProcess): void {
  child.unref();
  for (const stream of [child.stdin, child.stdout, child.stderr]) (stream as Socket | null)?.unref();
}

/** A folder for one socket, for nobody else. What killed processes left behind is removed on the way. */
async function socketFolder(): Promise<string> {
  const parent = tmpdir().length <= LONGEST_FOLDER ? tmpdir() : '/tmp';
  await sweep(parent);
  const folder = await mkdtemp(join(parent, PREFIX));
  await chmod(folder, 0o700);
  return folder;
}

async function sweep(parent: string): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  for (const name of names.filter((found) => found.startsWith(PREFIX))) {
    const folder = join(parent, name);
    const made = await stat(folder).catch(() => undefined);
    if (made === undefined || made.uid !== process.getuid?.() || Date.now() - made.mtimeMs < YOUNG_MS)
      continue;
    if (!(await isAnswered(join(folder, 's')))) await rm(folder, { recursive: true, force: true });
  }
}

const isAnswered = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const stop = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error('stopped'));
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
