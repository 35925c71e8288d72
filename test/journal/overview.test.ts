import { existsSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFolderStore } from '../../engine/journal/folder-store.ts';
import { OverviewFile } from '../../engine/journal/overview-file.ts';
import type { Fold, Store } from '../../engine/journal/store.ts';
import type { Event } from '../../engine/model/event.ts';
import type { TestStore } from './rig.ts';
import { note, testStore, written } from './rig.ts';

/** Tells what is noted in a run, and which runs it was asked for. */
function notesFold(id = 'notes'): Fold<readonly string[]> & { readonly asked: readonly Event[][] } {
  const asked: Event[][] = [];
  const make = (events: readonly Event[]): readonly string[] => {
    asked.push([...events]);
    return events.flatMap((event) => (event.type === 'note.added' ? [event.text] : []));
  };
  return { id, make, asked };
}

const fileOf = ({ root }: TestStore): string => join(root, 'overview.json');

/** Looks until all that was made is kept: what was written within this tick of the file system's clock is not yet. */
async function kept(store: Store, id = 'notes'): Promise<void> {
  const asked = async (): Promise<number> => {
    const fold = notesFold(id);
    await store.overview(fold);
    return fold.asked.length;
  };
  await expect.poll(asked).toBe(0);
}

async function twoRuns(): Promise<TestStore> {
  const rig = testStore();
  await written(rig, 'a', [note('one')], true);
  await written(rig, 'b', [note('two')], true);
  await kept(rig.store);
  return rig;
}

const TWO = [
  { run: 'b', made: ['two'] },
  { run: 'a', made: ['one'] },
];

/** Another command of another process. */
const another = (rig: TestStore): Store => createFolderStore(rig.root, rig);

describe('the overview of a store', () => {
  it('reads no journal twice, and says the same', async () => {
    const rig = await twoRuns();
    const fold = notesFold();
    expect(await another(rig).overview(fold)).toStrictEqual(TWO);
    expect(fold.asked).toEqual([]);
  });

  it('reads the journal again that was gone on with, and no other', async () => {
    const rig = await twoRuns();
    const open = await rig.store.open('a');
    await open.journal.append(note('more'));
    await open.close();
    const fold = notesFold();
    expect(await another(rig).overview(fold)).toStrictEqual([TWO[0], { run: 'a', made: ['one', 'more'] }]);
    expect(fold.asked).toHaveLength(1);
  });

  it.each([
    ['journal', 'one', 'won'],
    ['head', '"sealed":true ', '"sealed":false'],
  ] as const)(
    'does not hide that a %s was altered, whatever its size and its times say',
    async (file, from, to) => {
      const rig = await twoRuns();
      const path = rig[file]('a');
      const { atime, mtime, size } = statSync(path);
      const altered = readFileSync(path, 'latin1')
        .replace(from, to)
        .replace(/"hash":"../, '"hash":"00');
      writeFileSync(path, altered, 'latin1');
      utimesSync(path, atime, mtime);
      expect(statSync(path).size).toBe(size);
      expect(await another(rig).overview(notesFold())).toStrictEqual([TWO[0], { run: 'a' }]);
    },
  );

  it.each<[string, (path: string) => void]>([
    ['is gone', (path) => rmSync(path)],
    ['is torn', (path) => writeFileSync(path, readFileSync(path).subarray(0, -9))],
    ['is empty', (path) => writeFileSync(path, '')],
    ['says something else', (path) => writeFileSync(path, readFileSync(path, 'utf8').replace('two', 'six'))],
    ['has a torn draft beside it', (path) => writeFileSync(`${path}.draft`, 'torn')],
  ])('is made anew where its file %s', async (_, damage) => {
    const rig = await twoRuns();
    damage(fileOf(rig));
    expect(await another(rig).overview(notesFold())).toStrictEqual(TWO);
    await kept(another(rig));
  });

  it('is made anew for another fold', async () => {
    const rig = await twoRuns();
    const fold = notesFold('notes of the next version');
    expect(await another(rig).overview(fold)).toStrictEqual(TWO);
    expect(fold.asked).toHaveLength(2);
    await kept(another(rig), fold.id);
  });

  it('leaves out a run that is gone', async () => {
    const rig = await twoRuns();
    rmSync(join(rig.root, 'runs', 'b'), { recursive: true });
    expect(await another(rig).overview(notesFold())).toStrictEqual([TWO[1]]);
    expect(readFileSync(fileOf(rig), 'utf8')).not.toContain('two');
  });

  it('is right for several at once, and whole afterwards', async () => {
    const rig = testStore();
    for (const run of ['a', 'b']) await written(rig, run, [note(run === 'a' ? 'one' : 'two')], true);
    const all = await Promise.all(Array.from({ length: 8 }, () => another(rig).overview(notesFold())));
    for (const each of all) expect(each).toStrictEqual(TWO);
    await kept(another(rig));
    expect(await another(rig).overview(notesFold())).toStrictEqual(TWO);
  });

  it('keeps nothing that is struck out, nor gets it back from a command that had read it', async () => {
    const rig = await twoRuns();
    const slow = new OverviewFile(rig.root);
    const before = slow.read('notes');
    await rig.store.strike('a', 1);
    expect(readFileSync(fileOf(rig), 'utf8')).not.toContain('one');
    await slow.replace('notes', before);
    expect(readFileSync(fileOf(rig), 'utf8')).not.toContain('one');
    expect(await another(rig).overview(notesFold())).toStrictEqual([TWO[0], { run: 'a', made: [] }]);
  });

  it('does not have to be looked at again whether a run that ended is sealed', async () => {
    const rig = await twoRuns();
    await written(rig, 'c', [note('open')]);
    await kept(rig.store);
    expect(await another(rig).unsealed()).toEqual(['c']);
    const open = await rig.store.open('a');
    await open.journal.append(note('more'));
    await open.close();
    expect(await another(rig).unsealed()).toEqual(['c', 'a']);
  });

  it('is not written into a folder that is not there', async () => {
    const rig = testStore();
    const root = join(rig.root, 'none');
    expect(await createFolderStore(root, rig).overview(notesFold())).toEqual([]);
    expect(existsSync(root)).toBe(false);
  });
});
