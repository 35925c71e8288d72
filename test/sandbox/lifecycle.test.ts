import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../engine/base/json.ts';
import { inFolder, readObject, worldFolders } from '../../engine/sandbox/ground/folder.ts';
import type { World } from '../../engine/sandbox/world.ts';
import { attachWorld, endWorld, sweepWorlds } from '../../engine/sandbox/world.ts';
import { shippedWorld } from '../rig/shop.ts';
import { environmentOf, pidsOf, processesOf, start, until } from './rig.ts';

const WORLD = new URL('../../dist/sandbox/world.js', import.meta.url);

/** For those who start a world in a process of their own. */
const PLAN = JSON.stringify(shippedWorld());

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Other worlds on this machine belong to others. */
async function foldersStartedBy(pid: number): Promise<readonly string[]> {
  const leases = await Promise.all(
    (await worldFolders()).map(async (folder) => [folder, await readObject(inFolder(folder).lease)] as const),
  );
  return leases.filter(([, lease]) => lease?.['starter'] === pid).map(([folder]) => folder);
}

const isOpen = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

const sharedMemory = async (): Promise<string> => (await promisify(execFile)('ipcs', ['-m'])).stdout;

const folderOf = (world: World): string => world.address['folder'] as string;

async function expectNoTrace(folder: string, urls: readonly string[] = []): Promise<void> {
  await until(
    'no process is left',
    () => processesOf(folder),
    (lines) => lines.length === 0,
  );
  await until(
    'the folder is gone',
    () => exists(folder),
    (there) => !there,
  );
  for (const url of urls) expect(await isOpen(url)).toBe(false);
}

describe('a world', () => {
  const worlds: World[] = [];
  const begin = async (...options: Parameters<typeof start>): Promise<World> => {
    const world = await start(...options);
    worlds.push(world);
    return world;
  };
  afterEach(async () => {
    await Promise.all(worlds.splice(0).map((world) => world.stop()));
  });

  test('leaves no process, folder or port once it is stopped', async () => {
    const lines: string[] = [];
    const world = await begin({ log: (line) => lines.push(line) });
    const { publicUrl, render } = await environmentOf(world);
    const urls = [publicUrl, render.api, world.address['control'] as string];
    expect(await Promise.all(urls.map(isOpen))).toEqual([true, true, true]);
    expect(lines).toEqual(expect.arrayContaining(['db starts (postgres)', 'cloud starts (render)']));
    // The world, its watchdog and a database server at least.
    expect((await processesOf(folderOf(world))).length).toBeGreaterThanOrEqual(3);
    await world.stop();
    expect(await processesOf(folderOf(world))).toEqual([]);
    expect(await exists(folderOf(world))).toBe(false);
    expect(await Promise.all(urls.map(isOpen))).toEqual([false, false, false]);
    expect(await attachWorld(world.address)).toBeUndefined();
    await world.stop();
  });

  test('that is ended by its address leaves nothing, though it answers nobody any more', async () => {
    const world = await begin();
    // So it is while it ends by the word of somebody who was killed over it.
    await rm(world.address['tokenFile'] as string);
    expect(await attachWorld(world.address)).toBeUndefined();
    await endWorld(world.address);
    expect(await processesOf(folderOf(world))).toEqual([]);
    expect(await exists(folderOf(world))).toBe(false);
  });

  test('ends though somebody has ended its watchdog', async () => {
    const world = await begin();
    for (const pid of await pidsOf(folderOf(world), 'watchdog')) process.kill(pid, 'SIGKILL');
    await expect.poll(() => pidsOf(folderOf(world), 'watchdog')).toEqual([]);
    await world.stop();
    expect(await processesOf(folderOf(world))).toEqual([]);
    expect(await exists(folderOf(world))).toBe(false);
  });

  test('outlives a starter that is killed, and is found by its address and no other', async () => {
    const script = `
      const { startWorld } = await import(${JSON.stringify(WORLD.href)});
      console.log(JSON.stringify((await startWorld({ plan: ${PLAN} })).address));
      setInterval(() => {}, 1000);`;
    const starter = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface(starter.stdout), 'line')) as [string];
    starter.kill('SIGKILL');
    await once(starter, 'exit');
    const world = await attachWorld(JSON.parse(line) as JsonObject);
    expect(world).toBeDefined();
    worlds.push(world!);
    await world!.baseline();
    expect((await world!.loss()).lost).toBe(0);

    const { address } = world!;
    expect((await stat(address['tokenFile'] as string)).mode & 0o777).toBe(0o600);
    expect(await attachWorld({ ...address, pid: process.pid })).toBeUndefined();
    expect(await attachWorld({ ...address, folder: '/elsewhere' })).toBeUndefined();
    expect(await attachWorld({ ...address, tokenFile: '/etc/hostname' })).toBeUndefined();
    expect(await attachWorld(null)).toBeUndefined();
  });

  test('that is killed takes its database servers with it', async () => {
    const world = await begin();
    process.kill(Number(world.address['pid']), 'SIGKILL');
    await expectNoTrace(folderOf(world));
  });

  test('ends itself when its run is removed', async () => {
    const owner = await mkdtemp(join(tmpdir(), 'drillbook-test-run-'));
    const world = await begin({ owner });
    expect(world.address['owner']).toBe(owner);
    await rm(owner, { recursive: true });
    await expectNoTrace(folderOf(world));
  });

  test('whose start is given up leaves nothing, at every stage', async () => {
    const before = await foldersStartedBy(process.pid);
    for (const stage of [/^db /, /^api /, /^cameras /]) {
      const giveUp = new AbortController();
      const log = (line: string): void => {
        if (stage.test(line)) giveUp.abort(new Error('given up'));
      };
      await expect(start({ log, signal: giveUp.signal })).rejects.toThrow('given up');
      expect(await foldersStartedBy(process.pid)).toEqual(before);
    }
    // Three worlds, one after another.
  });

  test('whose starter is killed half-way leaves nothing', async () => {
    const script = `
      const { startWorld } = await import(${JSON.stringify(WORLD.href)});
      await startWorld({ log: console.log, plan: ${PLAN} });`;
    const starter = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(createInterface(starter.stdout), 'line');
    const [folder] = await foldersStartedBy(starter.pid!);
    expect(folder).toBeDefined();
    starter.kill('SIGKILL');
    await expectNoTrace(folder!);
  });

  test('that belongs to a run that does not exist is not started', async () => {
    await expect(start({ owner: '/nowhere/to/be/found' })).rejects.toThrow(/ENOENT/);
  });

  test('is swept when nothing can resume it, and kept when something can', async () => {
    const [kept, dropped] = await Promise.all([begin(), begin()]);
    // Other worlds on this machine belong to others.
    const keep = (address: JsonObject): boolean => address['folder'] !== folderOf(dropped);
    await sweepWorlds(keep);
    expect(await attachWorld(kept.address)).toBeDefined();
    await expectNoTrace(folderOf(dropped));
  });

  test('whose whole process group was killed is swept', async () => {
    const world = await begin();
    const { servers } = inFolder(folderOf(world));
    const [server = ''] = await readdir(servers);
    const pidFile = await readFile(join(servers, server, 'data', 'postmaster.pid'), 'utf8');
    const [key = ''] = pidFile.split('\n')[6]!.trim().split(/\s+/);
    const memory = `0x${Number(key).toString(16).padStart(8, '0')}`;
    expect(await sharedMemory()).toContain(memory);
    process.kill(-Number(world.address['pid']), 'SIGKILL');
    await sweepWorlds(() => true);
    await expectNoTrace(folderOf(world));
    expect(await sharedMemory()).not.toContain(memory);
  });
});
