import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { LockOwner } from '../../engine/journal/lock.ts';
import { lockHolder, takeLock } from '../../engine/journal/lock.ts';
import { ownIdentity, stateOf } from '../../engine/base/process-identity.ts';
import { note, temporaryFolder, testStore } from './rig.ts';

const PURPOSE = { run: 'mine', since: 'now' };

/** Takes the lock of a folder, says what became of it, and waits to be killed. */
const PROGRAM = `
  import { takeLock } from ${JSON.stringify(new URL('../../dist/journal/lock.js', import.meta.url))};
  const [folder, run] = process.argv.slice(1);
  const taken = await takeLock(folder, { run, since: 'now' });
  process.stdout.write((taken.ok ? 'held' : 'refused: ' + taken.error.run) + '\\n');
  process.stdin.resume();
`;

/** A process that takes the lock; `said` is what became of it. */
async function holder(folder: string, run: string): Promise<{ child: ChildProcess; said: string }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, folder, run], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, said: said.toString().trim() };
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** Writes that somebody holds the lock. */
async function heldBy(change: Partial<LockOwner>): Promise<string> {
  const folder = join(temporaryFolder(), 'lock');
  const first = await takeLock(folder, { run: 'theirs', since: 'then' });
  expect(first.ok).toBe(true);
  const owner = { ...(await ownIdentity()), run: 'theirs', since: 'then', ...change };
  writeFileSync(join(folder, '1'), JSON.stringify(owner));
  return folder;
}

describe('a lock', () => {
  it('is held by one at a time, and free once it is given back', async () => {
    const folder = join(temporaryFolder(), 'lock');
    const first = await takeLock(folder, PURPOSE);
    expect(await takeLock(folder, PURPOSE)).toMatchObject({
      ok: false,
      error: { run: 'mine', pid: process.pid },
    });
    expect(await lockHolder(folder)).toMatchObject({ run: 'mine' });
    if (first.ok) await first.value.release();
    expect(await lockHolder(folder)).toBeUndefined();
    expect(await takeLock(folder, PURPOSE)).toMatchObject({ ok: true });
  });

  it('is not held by a process that was killed', async () => {
    const folder = join(temporaryFolder(), 'lock');
    const { child, said } = await holder(folder, 'theirs');
    expect(said).toBe('held');
    expect(await takeLock(folder, PURPOSE)).toMatchObject({
      ok: false,
      error: { run: 'theirs', pid: child.pid },
    });
    await kill(child);
    expect(await takeLock(folder, PURPOSE)).toMatchObject({ ok: true });
  });

  it('is not held by another process that got the same number', async () => {
    const folder = await heldBy({ started: '1' });
    expect(await takeLock(folder, PURPOSE)).toMatchObject({ ok: true });
  });

  it('is not held by a process of an earlier boot', async () => {
    const folder = await heldBy({ boot: 'another boot' });
    expect(await takeLock(folder, PURPOSE)).toMatchObject({ ok: true });
  });

  it('is left alone when its process is out of sight: on another machine, in another container', async () => {
    for (const change of [{ host: `not-${hostname()}` }, { namespace: 'pid:[1]' }]) {
      const folder = await heldBy({ ...change, pid: 2 ** 22 + 1 });
      expect(await takeLock(folder, PURPOSE)).toMatchObject({ ok: false, error: { run: 'theirs' } });
    }
  });

  it('is free when a power failure left its file empty or unreadable', async () => {
    for (const content of ['', '\0\0\0\0', '{"pid":1']) {
      const folder = await heldBy({});
      writeFileSync(join(folder, '1'), content);
      expect(await takeLock(folder, PURPOSE)).toMatchObject({ ok: true });
    }
  });

  it('goes to one of many takers in one process, when its holder is dead', async () => {
    for (let round = 0; round < 20; round += 1) {
      const folder = await heldBy({ started: 'long ago' });
      const results = await Promise.all(Array.from({ length: 12 }, () => takeLock(folder, PURPOSE)));
      expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    }
  });

  it('goes to one of several processes that start at once', async () => {
    const folder = join(temporaryFolder(), 'lock');
    const first = await holder(folder, 'dead');
    await kill(first.child);
    const takers = await Promise.all(['a', 'b', 'c', 'd'].map((run) => holder(folder, run)));
    expect(takers.filter(({ said }) => said === 'held')).toHaveLength(1);
  });

  it('never has two holders, however often it changes hands', async () => {
    const folder = join(temporaryFolder(), 'lock');
    let holders = 0;
    let taken = 0;
    const worker = async (): Promise<void> => {
      for (let turn = 0; turn < 40; turn += 1) {
        const lock = await takeLock(folder, PURPOSE);
        if (!lock.ok) continue;
        holders += 1;
        taken += 1;
        expect(holders).toBe(1);
        await Promise.resolve();
        holders -= 1;
        await lock.value.release();
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    expect(taken).toBeGreaterThan(8);
    expect(readdirSync(folder).filter((name) => /^\d+$/.test(name)).length).toBeLessThanOrEqual(8);
  });

  it('says so when somebody emptied its folder', async () => {
    const folder = temporaryFolder();
    await expect(takeLock(folder, PURPOSE)).rejects.toThrow('remove that folder');
  });
});

describe('a process', () => {
  it('is known beyond its number', async () => {
    const own = await ownIdentity();
    expect(await stateOf(own)).toBe('alive');
    expect(await stateOf({ ...own, started: `${own.started}0` })).toBe('dead');
    expect(await stateOf({ ...own, host: 'elsewhere' })).toBe('unknown');
  });

  it('is dead as soon as it is killed, even while its parent has not heard of it', async () => {
    const child = spawn('sh', ['-c', 'cat <&3 & echo $!; exec sleep 1000'], {
      stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const [text] = (await once(child.stdout!, 'data')) as [Buffer];
    const zombie = Number(text.toString());
    const own = await ownIdentity();
    // `cat` ends with its input, and `sleep 1000`, once the shell has become that, never asks about it.
    const stat = (pid: number): string => readFileSync(`/proc/${pid}/stat`, 'utf8');
    while (!stat(child.pid!).includes('(sleep)')) await new Promise(setImmediate);
    child.stdio[3]!.destroy();
    while (!stat(zombie).includes('(cat) Z ')) await new Promise(setImmediate);
    const started = readFileSync(`/proc/${zombie}/stat`, 'utf8').split(' ')[21] ?? '';
    expect(await stateOf({ ...own, pid: zombie, started })).toBe('dead');
  });
});

describe('a run', () => {
  it('has one writer; the second is told who that is and what to do', async () => {
    const { store } = testStore();
    const open = await store.create('a');
    await open.journal.append(note('x'));
    await expect(store.open('a')).rejects.toMatchObject({
      code: 'locked',
      message: `run a is being written by process ${process.pid} on ${hostname()}, since 2026-11-22T14:55:00.000Z`,
      hint: expect.stringContaining('Go on with it there') as string,
    });
    expect(await store.writer('a')).toContain(`process ${process.pid}`);
    expect(await store.read('a')).toHaveLength(1);
    await open.close();
    expect(await store.writer('a')).toBeUndefined();
    await (await store.open('a')).close();
  });

  it('gives its lock back when it cannot be opened', async () => {
    const rig = testStore();
    const open = await rig.store.create('a');
    await open.journal.append(note('x'));
    await open.close();
    writeFileSync(rig.journal('a'), 'hello\n');
    await expect(rig.store.open('a')).rejects.toMatchObject({ code: 'altered' });
    expect(await rig.store.writer('a')).toBeUndefined();
  });
});

describe('an environment', () => {
  it('is written to by one run at a time', async () => {
    const { store } = testStore();
    const lock = await store.lockEnvironment('production', 'a');
    await expect(store.lockEnvironment('production', 'b')).rejects.toMatchObject({
      code: 'locked',
      message: expect.stringMatching(
        /^run a is writing to the environment production \(process \d+/,
      ) as string,
    });
    await (await store.lockEnvironment('staging', 'b')).release();
    await lock.release();
    await (await store.lockEnvironment('production', 'b')).release();
  });

  it('may have any name', async () => {
    const { store } = testStore();
    for (const name of ['../..', 'a/b', 'Größe *', '', '.', '\ud800']) {
      const lock = await store.lockEnvironment(name, 'a');
      await expect(store.lockEnvironment(name, 'b')).rejects.toMatchObject({ code: 'locked' });
      await lock.release();
    }
  });
});
