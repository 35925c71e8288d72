import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFolderStore } from '../../engine/journal/folder-store.ts';
import { StoreError } from '../../engine/journal/store.ts';
import fc from '../rig/fast-check.ts';
import { STORES, withPostgres } from './both-stores.ts';
import { anyBody, bodyOf, note, temporaryFolder, testStore, written } from './rig.ts';

withPostgres();

describe.each(STORES)('a store in $name', ({ make, examples }) => {
  describe('a journal', () => {
    it('gives back whatever was written, in order and numbered without a gap', async () => {
      let count = 0;
      const rig = await make();
      await fc.assert(
        fc.asyncProperty(fc.array(anyBody, { minLength: 1, maxLength: 20 }), async (bodies) => {
          const run = `run-${(count += 1)}`;
          await written(rig, run, bodies);
          const events = await rig.store.read(run);
          expect(events.map(bodyOf)).toEqual(bodies);
          expect(events.map(({ seq }) => seq)).toEqual(bodies.map((_, index) => index + 1));
          expect((await rig.store.verify(run)).ok).toBe(true);
        }),
        { numRuns: examples },
      );
    });

    it('keeps the order of appends that nobody waited for', async () => {
      const rig = await make();
      const open = await rig.store.create('a');
      const texts = Array.from({ length: 200 }, (_, index) => `note ${index}`);
      await Promise.all(texts.map((text) => open.journal.append(note(text))));
      await open.close();
      expect((await rig.store.read('a')).map((event) => 'text' in event && event.text)).toEqual(texts);
    });

    it('stamps wall time, and time since the process began to write', async () => {
      const rig = await make();
      const open = await rig.store.create('a');
      rig.clock.pass(1500);
      const [event] = await open.journal.append(note('x'));
      expect(event).toMatchObject({ seq: 1, at: rig.clock.wallMs * 1000, up: 1500 });
      await open.close();
    });

    it('notes when the wall clock moves against the monotonic one by more than two seconds', async () => {
      const rig = await make();
      const open = await rig.store.create('a');
      await open.journal.append(note('before'));
      rig.clock.pass(60_000);
      rig.clock.wallMs += 1900;
      expect(await open.journal.append(note('within the tolerance'))).toHaveLength(1);
      rig.clock.wallMs -= 3_600_000;
      expect(await open.journal.append(note('after'))).toMatchObject([{ type: 'note.added' }]);
      await open.close();
      const events = await rig.store.read('a');
      expect(events.map(({ type }) => type)).toEqual([
        'note.added',
        'note.added',
        'clock.jumped',
        'note.added',
      ]);
      expect(events[2]).toMatchObject({ byMs: -3_600_000, sleptMs: 0 });
    });

    it('tells a machine that slept from a clock that was set', async () => {
      const rig = await make();
      const open = await rig.store.create('a');
      await open.journal.append(note('before'));
      rig.clock.wallMs += 600_000;
      rig.clock.sleptMs += 600_000;
      await open.journal.append(note('awake again'));
      rig.clock.wallMs += 7000;
      await open.journal.append(note('after it was set'));
      await open.close();
      const jumps = (await rig.store.read('a')).filter(({ type }) => type === 'clock.jumped');
      expect(jumps).toMatchObject([
        { byMs: 600_000, sleptMs: 600_000 },
        { byMs: 7000, sleptMs: 0 },
      ]);
    });

    it('writes nothing before the first event, and does not list such a run', async () => {
      const rig = await make();
      const open = await rig.store.create('a');
      expect(await rig.store.list()).toEqual([]);
      await open.journal.append(note('x'));
      expect(await rig.store.list()).toEqual(['a']);
      await open.close();
    });

    it('lists the newest first', async () => {
      const rig = await make();
      for (const run of ['20261122-1455-k3f9', '20261122-1456-aaaa', '20250101-0000-zzzz']) {
        await written(rig, run, [note('x')]);
      }
      expect(await rig.store.list()).toEqual([
        '20261122-1456-aaaa',
        '20261122-1455-k3f9',
        '20250101-0000-zzzz',
      ]);
    });

    it('goes on where the last life ended', async () => {
      const rig = await make();
      await written(rig, 'a', [note('first life')]);
      const open = await rig.store.open('a');
      expect(open.events).toHaveLength(1);
      expect(open.repaired).toBeUndefined();
      await open.journal.append(note('second life'));
      await open.close();
      expect((await rig.store.read('a')).map(({ seq }) => seq)).toEqual([1, 2]);
      expect(await rig.store.verify('a')).toMatchObject({
        ok: true,
        events: 2,
        sealed: false,
        torn: 0,
        struck: [],
      });
    });
  });

  it('tells whoever watches what was written, in order and once', async () => {
    const rig = await make();
    const open = await rig.store.create('a');
    await open.journal.append(note('one'));
    const over = new AbortController();
    const seen: number[] = [];
    for await (const { seq } of rig.store.follow('a', 0, over.signal)) {
      seen.push(seq);
      if (seq < 3) await open.journal.append(note('more'));
      else over.abort();
    }
    expect(seen).toEqual([1, 2, 3]);
    await open.close();
  });

  describe('sealing', () => {
    it('certifies the end, and an event after it breaks the seal until the next', async () => {
      const rig = await make();
      await written(rig, 'a', [note('x')], true);
      expect(await rig.store.verify('a')).toMatchObject({ ok: true, sealed: true });
      const open = await rig.store.open('a');
      await open.journal.append(note('a correction'));
      expect(await rig.store.verify('a')).toMatchObject({ ok: true, sealed: false, events: 2 });
      await open.seal();
      await open.close();
      expect(await rig.store.verify('a')).toMatchObject({ ok: true, sealed: true, events: 2 });
    });

    it('names a head hash that depends on every event before', async () => {
      const heads = await Promise.all(
        ['one', 'two'].map(async (text) => {
          const rig = await make();
          await written(rig, 'a', [note(text), note('same')]);
          return (await rig.store.verify('a')).head;
        }),
      );
      expect(new Set(heads).size).toBe(2);
    });
  });

  describe('a payload that was struck out', () => {
    it('is gone from the file, leaves the chain whole, and is reported', async () => {
      const rig = await make();
      await written(rig, 'a', [note('before'), note('hunter2'), note('after')], true);
      const { head } = await rig.store.verify('a');
      await rig.store.strike('a', 2);
      expect(await rig.store.verify('a')).toMatchObject({
        ok: true,
        sealed: true,
        struck: [2],
        head,
        events: 3,
      });
      expect((await rig.store.read('a')).map(({ seq }) => seq)).toEqual([1, 3]);
    });

    it('keeps the run from going on: what resume needs may have been in it', async () => {
      const rig = await make();
      await written(rig, 'a', [note('x')]);
      await rig.store.strike('a', 1);
      await expect(rig.store.open('a')).rejects.toMatchObject({ code: 'altered' });
      expect(await rig.store.writer('a')).toBeUndefined();
    });

    it('cannot be one that does not exist', async () => {
      const rig = await make();
      await written(rig, 'a', [note('x')]);
      await expect(rig.store.strike('a', 7)).rejects.toMatchObject({ code: 'missing' });
    });
  });

  describe('the store refuses', () => {
    it.each([
      '',
      '.',
      '..',
      '../x',
      'a/b',
      'a\\b',
      '.hidden',
      'a b',
      'C:',
      'ü',
      'x'.repeat(65),
      '-rf',
      '__proto__',
    ])('the run id %j, whatever is asked of it', async (run) => {
      const { store } = await make();
      const refused = { name: 'StoreError', code: 'missing' };
      await expect(store.create(run)).rejects.toMatchObject(refused);
      await expect(store.open(run)).rejects.toMatchObject(refused);
      await expect(store.read(run)).rejects.toMatchObject(refused);
      expect(() => store.folder(run)).toThrow(StoreError);
    });

    it('to open, read or verify a run that does not exist, and makes nothing of it', async () => {
      const { store } = await make();
      const ways = [
        () => store.open('x'),
        () => store.read('x'),
        () => store.verify('x'),
        () => store.strike('x', 1),
      ];
      for (const ask of ways) {
        await expect(ask()).rejects.toMatchObject({ code: 'missing', message: 'there is no run x' });
      }
      expect(await store.list()).toEqual([]);
    });

    it('to create a run twice', async () => {
      const rig = await make();
      await written(rig, 'a', [note('x')]);
      await expect(rig.store.create('a')).rejects.toMatchObject({
        code: 'io',
        message: 'there is a run a already',
      });
    });

    it('a journal of a newer version, instead of guessing', async () => {
      const rig = await make();
      const open = await rig.store.create('a');
      await expect(
        open.journal.append({ type: 'moon.phase' } as unknown as ReturnType<typeof note>),
      ).rejects.toThrow('no such event: moon.phase');
      await open.close();
    });

    it('to append after closing', async () => {
      const rig = await make();
      const open = await rig.store.create('a');
      await open.close();
      await expect(open.journal.append(note('x'))).rejects.toMatchObject({ code: 'io' });
    });
  });
});

describe('a folder', () => {
  it('shows an event only when it is on the disk, and shows what a reader will read', async () => {
    const root = temporaryFolder();
    const { clock, redactor } = testStore();
    const seen: unknown[] = [];
    const file = join(root, 'runs', 'a', 'journal.jsonl');
    const store = createFolderStore(root, {
      clock,
      redactor,
      onAppend: (event) => {
        expect(readFileSync(file, 'utf8')).toContain(`"seq":${event.seq},`);
        seen.push(event);
      },
    });
    const open = await store.create('a');
    const answered = await open.journal.append(note('one'), note('two'));
    expect(seen).toEqual(answered);
    expect(await store.read('a')).toEqual(answered);
    await open.close();
  });

  it('gives each run a folder for its files, apart from the journal', async () => {
    const rig = testStore();
    await written(rig, 'a', [note('x')]);
    expect(statSync(rig.store.folder('a')).isDirectory()).toBe(true);
  });

  it('keeps what it holds to its owner', async () => {
    const rig = testStore();
    await written(rig, 'a', [note('x')]);
    expect(statSync(rig.journal('a')).mode & 0o777).toBe(0o600);
    expect(statSync(join(rig.root, 'runs', 'a')).mode & 0o777).toBe(0o700);
  });
  it('that is none is refused, and says what to do', async () => {
    const file = join(temporaryFolder(), 'store');
    writeFileSync(file, '');
    const { store } = testStore(file);
    await expect(store.create('a')).rejects.toMatchObject({ code: 'io' });
    await expect(store.create('a')).rejects.toThrow(/cannot be created in/);
  });
});
