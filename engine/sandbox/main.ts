/**
 * The process of a world, started detached by `startWorld` with the world's folder as its
 * argument. It tells its starter over the IPC channel how far it is, then goes on without it.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { access, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '../base/json.ts';
import type { WorldPlan } from '../model/world.ts';
import { openControl } from './control.ts';
import { inFolder, readObject, writeObject } from './ground/folder.ts';
import { hasEnded } from './ground/ended.ts';
import { unmountIn } from './ground/mounts.ts';
import { isRunning } from './ground/process.ts';
import { messageOf } from './ground/text.ts';
import type { Message } from './messages.ts';
import { PartsHost } from './parts-host.ts';

const LEASE_CHECK_MS = 1000;
/** A world that nobody has asked anything for so long has been forgotten. */
const IDLE_LIFE_MS = 24 * 60 * 60 * 1000;

const folder = process.argv[2] ?? '';
const places = inFolder(folder);

const log = (line: string): void => {
  try {
    appendFileSync(places.log, `${new Date().toISOString()} ${line}\n`);
  } catch {
    // The folder is gone: nobody is left to read it.
  }
};

const tell = (message: Message): void => {
  if (process.connected) process.send?.(message);
};

const watchdog = spawn(process.execPath, [fileURLToPath(new URL('./watchdog.js', import.meta.url)), folder], {
  // A group of its own, so that what kills the world's group spares it.
  detached: true,
  stdio: ['pipe', 'ignore', 'ignore'],
});

// From the start: somebody may end it before this world ends.
const watchdogGone = new Promise((resolve) => watchdog.once('exit', resolve));

const start = (await readObject(places.lease)) ?? {};
// Written by the process that starts this one, from a file that it has read and checked.
const plan = JSON.parse(await readFile(places.plan, 'utf8')) as WorldPlan;
const host = new PartsHost(folder, plan, {
  report: (line) => {
    log(line);
    tell({ type: 'progress', line });
  },
  log,
});
const starting = host.start();
let stopping: Promise<void> | undefined;

/** Ends everything but this process: parts, watchdog, folder. */
function clear(reason: string): Promise<void> {
  stopping ??= (async () => {
    log(`the world ends: ${reason}`);
    await host.stop();
    await starting.catch(() => undefined);
    await host.stop();
    watchdog.kill('SIGKILL');
    await watchdogGone;
    // A disk that was just being made when all was ended.
    await unmountIn(folder);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  })();
  return stopping;
}

async function leave(reason: string): Promise<never> {
  await clear(reason);
  process.exit();
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  process.on(signal, () => void leave(signal));
}
const orphaned = (): void => void leave('its starter is gone');
process.once('disconnect', orphaned);

try {
  await starting;
  await serve();
} catch (error) {
  const message = messageOf(error);
  log(message);
  tell({ type: 'failed', message });
  await leave('it could not be started');
}

async function serve(): Promise<void> {
  const token = randomBytes(24).toString('base64url');
  await writeFile(places.controlToken, token, { mode: 0o600 });
  let lastCall = performance.now();
  const control = await openControl({
    host,
    token,
    identity: { folder, pid: process.pid },
    onCall: () => (lastCall = performance.now()),
    stop: async () => {
      await clear('it was asked to stop');
      // After the answer: closing cuts the connection it goes over.
      setImmediate(() => void control.close().then(() => process.exit()));
    },
  });
  const address: JsonObject = {
    folder,
    pid: process.pid,
    startedAt: new Date().toISOString(),
    control: control.url,
    tokenFile: places.controlToken,
    owner: start['owner'] ?? null,
  };
  await writeObject(places.address, address);
  process.off('disconnect', orphaned);
  tell({ type: 'ready', address });

  setInterval(() => {
    void (async () => {
      if (performance.now() - lastCall > IDLE_LIFE_MS) await leave('nobody has asked it anything for a day');
      if (typeof start['owner'] === 'string' && (await isMissing(start['owner'])))
        await leave('its run is gone');
      if (typeof start['journal'] === 'string' && (await hasEnded(start['journal'])))
        await leave('its run has ended');
      if (start['endsWithStarter'] === true && !(await isRunning(Number(start['starter']), '')))
        await leave('its starter is gone');
    })();
  }, LEASE_CHECK_MS);
}

async function isMissing(path: string): Promise<boolean> {
  try {
    await access(path);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}
