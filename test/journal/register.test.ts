import { appendFile, cp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { note, testStore, written } from './rig.ts';
import type { TestStore } from './rig.ts';

/** A store with three runs, the second not sealed. */
async function threeRuns(): Promise<TestStore> {
  const store = testStore();
  await written(store, 'a', [note('1')], true);
  await written(store, 'b', [note('1'), note('2')]);
  await written(store, 'c', [note('1')], true);
  return store;
}

const register = ({ root }: TestStore): string => join(root, 'ledgers', 'register.jsonl');
const folder = ({ root }: TestStore, run: string): string => join(root, 'runs', run);

describe('the register of runs', () => {
  it('names every run', async () => {
    const { store } = await threeRuns();
    expect(await store.verifyRegister()).toMatchObject({ ok: true, kept: true, runs: 3, problems: [] });
  });

  it.each(['a', 'b', 'c'])('misses the run %s when it is removed', async (run) => {
    const store = await threeRuns();
    await rm(folder(store, run), { recursive: true });
    expect(await store.store.verifyRegister()).toMatchObject({
      ok: false,
      problems: [{ run, message: 'it was removed' }],
    });
  });

  it('finds a run that was put there', async () => {
    const store = await threeRuns();
    await cp(folder(store, 'a'), folder(store, 'd'), { recursive: true });
    const { problems } = await store.store.verifyRegister();
    expect(problems).toMatchObject([{ run: 'd', message: /put there later/ }]);
  });

  it('finds a run that was exchanged for another whole one', async () => {
    const store = await threeRuns();
    const other = testStore();
    other.clock.pass(1000);
    await written(other, 'a', [note('forged')], true);
    await rm(folder(store, 'a'), { recursive: true });
    await cp(folder(other, 'a'), folder(store, 'a'), { recursive: true });
    expect(await store.store.verify('a')).toMatchObject({ ok: true, sealed: true });
    const { problems } = await store.store.verifyRegister();
    expect(problems).toMatchObject([{ run: 'a', message: /another run/ }]);
  });

  it('finds that a sealed run was cut off, its head file too', async () => {
    const store = await threeRuns();
    await truncate(store.journal('c'), 0);
    await rm(store.head('c'));
    expect((await store.store.verifyRegister()).problems).toMatchObject([{ run: 'c', message: /has fewer/ }]);
  });

  it('finds that it was cut off itself, together with the run that it named', async () => {
    const store = await threeRuns();
    const lines = (await readFile(register(store), 'utf8')).split('\n');
    await writeFile(register(store), lines.slice(0, 3).join('\n') + '\n');
    await rm(folder(store, 'c'), { recursive: true });
    const found = await store.store.verifyRegister();
    expect(found).toMatchObject({ ok: false, problem: /2 events were cut off the end/ });
  });

  it('finds an entry that was changed, and goes on being written', async () => {
    const store = await threeRuns();
    const text = await readFile(register(store), 'utf8');
    await writeFile(register(store), text.replace('"run":"b"', '"run":"x"'));
    await written(store, 'e', [note('1')], true);
    const found = await store.store.verifyRegister();
    expect(found).toMatchObject({ ok: false, problem: /payload was changed/ });
  });

  describe('goes on telling of what was done to it, after more runs', () => {
    const head = ({ root }: TestStore): string => join(root, 'ledgers', 'register.head');
    const lines = async (store: TestStore): Promise<string[]> =>
      (await readFile(register(store), 'utf8')).split('\n').slice(0, -1);
    const keep = async (store: TestStore, kept: readonly string[]): Promise<void> =>
      writeFile(register(store), kept.map((line) => `${line}\n`).join(''));

    const DAMAGES: Readonly<Record<string, (store: TestStore) => Promise<void>>> = {
      'the newest run was removed with its entries': async (store) => {
        await rm(folder(store, 'c'), { recursive: true });
        await keep(store, (await lines(store)).slice(0, 3));
      },
      'its last entry was cut off': async (store) => keep(store, (await lines(store)).slice(0, -1)),
      'its last entry was torn': async (store) =>
        truncate(register(store), (await readFile(register(store))).length - 5),
      'it was emptied': async (store) => truncate(register(store), 0),
      'it was removed': async (store) => rm(register(store)),
      'a digit of its head was changed': async (store) => {
        const text = await readFile(head(store), 'utf8');
        await writeFile(
          head(store),
          text.replace(
            /("hash":")(.)/,
            (_, start: string, digit: string) => start + (digit === '0' ? '1' : '0'),
          ),
        );
      },
      'the number of its head was changed': async (store) =>
        writeFile(head(store), (await readFile(head(store), 'utf8')).replace('"seq":5', '"seq":3')),
      'its head was made unreadable': async (store) => writeFile(head(store), 'hello'),
      'its head was emptied': async (store) => truncate(head(store), 0),
      'its head was removed': async (store) => rm(head(store)),
      'an entry in its middle was removed, and its last one': async (store) =>
        keep(
          store,
          (await lines(store)).filter((_, index) => index !== 1 && index !== 4),
        ),
      'the payload of an entry was struck out': async (store) =>
        keep(
          store,
          (await lines(store)).map((line, index) =>
            index === 2 ? line.replace(/"body":.*$/, '"body":{"struck":true}}') : line,
          ),
        ),
    };

    it.each(Object.entries(DAMAGES))('%s', async (_, damage) => {
      const store = await threeRuns();
      await damage(store);
      expect(await store.store.verifyRegister()).toMatchObject({
        ok: false,
        problem: expect.any(String) as string,
      });
      await written(store, 'd', [note('1')], true);
      const after = await store.store.verifyRegister();
      expect(after).toMatchObject({ ok: false, problem: expect.any(String) as string });
      await written(store, 'e', [note('1')], true);
      expect(await store.store.verifyRegister()).toMatchObject({ ok: false, problem: after.problem });
    });

    it('with the number and the hash that the head named', async () => {
      const store = await threeRuns();
      const { seq, hash } = JSON.parse(await readFile(head(store), 'utf8')) as { seq: number; hash: string };
      await keep(store, (await lines(store)).slice(0, 3));
      await written(store, 'd', [note('1')]);
      const { problem } = await store.store.verifyRegister();
      expect(problem).toBe(
        `line 4: it says that the ledger was altered before it: the head file named entry ${seq}, sha256:${hash}, and the last one was 3`,
      );
      expect((await lines(store)).filter((line) => line.includes('ledger.altered'))).toHaveLength(1);
    });

    it('also when a crash came before the head was written anew', async () => {
      const store = await threeRuns();
      const before = await readFile(head(store));
      await keep(store, (await lines(store)).slice(0, 4));
      await written(store, 'd', [note('1')]);
      await writeFile(head(store), before);
      const { problem } = await store.store.verifyRegister();
      expect(problem).toMatch(/^line 5: it says that the ledger was altered/);
    });
  });

  it('cuts off what a crash tore', async () => {
    const store = await threeRuns();
    await appendFile(register(store), '{"seq":6,"at":');
    expect(await store.store.verifyRegister()).toMatchObject({ ok: true, runs: 3 });
    await written(store, 'd', [note('1')], true);
    expect(await store.store.verifyRegister()).toMatchObject({ ok: true, runs: 4 });
  });

  it('takes over the runs of a store that had none', async () => {
    const store = await threeRuns();
    await rm(join(store.root, 'ledgers'), { recursive: true });
    expect(await store.store.verifyRegister()).toMatchObject({ ok: true, kept: false, runs: 0 });
    await written(store, 'd', [note('1')]);
    expect(await store.store.verifyRegister()).toMatchObject({ ok: true, kept: true, runs: 4 });
    await rm(folder(store, 'a'), { recursive: true });
    expect((await store.store.verifyRegister()).problems).toMatchObject([{ run: 'a' }]);
  });

  it('knows a run that went on after it had ended', async () => {
    const store = await threeRuns();
    const open = await store.store.open('a');
    await open.journal.append(note('corrected'));
    expect(await store.store.verifyRegister()).toMatchObject({ ok: true });
    await open.seal();
    await open.close();
    expect(await store.store.verifyRegister()).toMatchObject({ ok: true, runs: 3 });
  });

  it('still misses the run that was exchanged after the other one was gone on with and sealed', async () => {
    const store = await threeRuns();
    const other = testStore();
    other.clock.pass(1000);
    await written(other, 'a', [note('forged')]);
    await rm(folder(store, 'a'), { recursive: true });
    await cp(folder(other, 'a'), folder(store, 'a'), { recursive: true });
    const open = await store.store.open('a');
    await open.seal();
    await open.close();
    const { problems } = await store.store.verifyRegister();
    expect(problems).toMatchObject([{ run: 'a', message: /another run/ }]);
  });

  it('still tells of a run that was put there when that one was gone on with and sealed', async () => {
    const store = await threeRuns();
    const other = testStore();
    await written(other, 'd', [note('from elsewhere')]);
    await cp(folder(other, 'd'), folder(store, 'd'), { recursive: true });
    const open = await store.store.open('d');
    await open.seal();
    await open.close();
    const { problems } = await store.store.verifyRegister();
    expect(problems).toMatchObject([{ run: 'd', message: /put there later/ }]);
  });

  it('is begun with all runs that there are, also by one that goes on', async () => {
    const store = await threeRuns();
    await rm(join(store.root, 'ledgers'), { recursive: true });
    const open = await store.store.open('b');
    await open.seal();
    await open.close();
    expect(await store.store.verifyRegister()).toMatchObject({ ok: true, runs: 3, found: 3 });
  });

  it('names the runs whose end is not certified', async () => {
    const store = await threeRuns();
    expect(await store.store.unsealed()).toEqual(['b']);
    const before = await readFile(register(store));
    const head = await readFile(join(store.root, 'ledgers', 'register.head'));
    await written(store, 'd', [note('1')], true);
    expect(await store.store.unsealed()).toEqual(['b']);
    // As a full disk leaves it: the journal is sealed, and its entry is missing.
    await writeFile(register(store), Buffer.concat([before, await createdLine(store, 'd')]));
    await writeFile(join(store.root, 'ledgers', 'register.head'), head);
    expect(await store.store.unsealed()).toEqual(['d', 'b']);
  });

  async function createdLine(store: TestStore, run: string): Promise<Buffer> {
    const line = (await readFile(register(store), 'utf8'))
      .split('\n')
      .find((each) => each.includes(`"run":"${run}"`) && each.includes('run.created'));
    return Buffer.from(`${line ?? ''}\n`);
  }

  it('finds a head that was noted elsewhere, and none that it never had', async () => {
    const store = await threeRuns();
    const { head } = await store.store.verifyRegister();
    const { head: end } = await store.store.verify('b');
    await written(store, 'd', [note('other')], true);
    expect(await store.store.find(head)).toEqual({ line: 5, of: 7 });
    expect(await store.store.find(end)).toEqual({ run: 'b', line: 2, of: 2 });
    expect(await store.store.find('0'.repeat(64))).toBeUndefined();
  });

  it('is written by several runs at once', async () => {
    const { store, root } = testStore();
    const runs = Array.from({ length: 12 }, (_, index) => `run-${index}`);
    await Promise.all(
      runs.map(async (run) => {
        const open = await store.create(run);
        await open.journal.append(note(run));
        await open.seal();
        await open.close();
      }),
    );
    expect(await store.verifyRegister()).toMatchObject({ ok: true, runs: 12 });
    expect(await readdir(join(root, 'runs'))).toHaveLength(12);
  });
});

describe('a ledger', () => {
  it('gives back what was appended, without secrets', async () => {
    const { store, redactor } = testStore();
    redactor.add('hunter22');
    const ledger = store.ledger('alerts');
    expect(await ledger.read()).toEqual([]);
    await ledger.append({ type: 'a', body: { text: 'hunter22' } }, { type: 'b', body: {} });
    await ledger.append({ type: 'c', body: { n: 1 } });
    expect((await ledger.read()).map(({ type, body }) => [type, body])).toEqual([
      ['a', { text: '[secret]' }],
      ['b', {}],
      ['c', { n: 1 }],
    ]);
  });

  it('is not read when it was altered', async () => {
    const { store, root } = testStore();
    const ledger = store.ledger('alerts');
    await ledger.append({ type: 'a', body: { n: 1 } });
    const path = join(root, 'ledgers', 'alerts.jsonl');
    await writeFile(path, (await readFile(path, 'utf8')).replace('"n":1', '"n":2'));
    await expect(ledger.read()).rejects.toMatchObject({ code: 'altered', message: /line 1/ });
  });

  it('is locked by one at a time', async () => {
    const { store } = testStore();
    const lock = await store.ledger('alerts').lock('the monitor');
    await expect(store.ledger('alerts').lock('the monitor')).rejects.toMatchObject({ code: 'locked' });
    await lock.release();
    await (await store.ledger('alerts').lock('the monitor')).release();
  });
});
