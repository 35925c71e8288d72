import { mkdir, readFile, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FolderVault, clearVault } from '../../engine/journal/vault.ts';
import { temporaryFolder } from '../rig/drillbook.ts';
import { testStore } from './rig.ts';

const SECRET = 'the old password\n';
const key =
  (text = 'a key'): (() => Promise<string>) =>
  () =>
    Promise.resolve(text);

async function kept() {
  const folder = join(temporaryFolder(), 'sealed');
  await new FolderVault(folder, 'run1', key()).keep('hunt#2/old', 'json.token', SECRET);
  const [name = ''] = await readdir(folder);
  return { folder, file: join(folder, name) };
}

describe('a secret that a run keeps', () => {
  it('is what it was, for a later life of the run', async () => {
    const { folder } = await kept();
    const later = new FolderVault(folder, 'run1', key());
    expect(await later.recall('hunt#2/old', 'json.token')).toBe(SECRET);
    expect(await later.recall('hunt#1/old', 'json.token')).toBeUndefined();
    await clearVault(folder);
    expect(await later.recall('hunt#2/old', 'json.token')).toBeUndefined();
  });

  it('cannot be read without the key, and by nobody but its owner', async () => {
    const { folder, file } = await kept();
    expect(await readFile(file, 'utf8')).not.toContain(SECRET.trim());
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    const other = new FolderVault(folder, 'run1', key('another key'));
    await expect(other.recall('hunt#2/old', 'json.token')).rejects.toThrow('it is another key');
    const none = new FolderVault(folder, 'run1', () => Promise.reject(new Error('KEY is not set')));
    await expect(none.recall('hunt#2/old', 'json.token')).rejects.toThrow('KEY is not set');
  });

  it('is not written the same way twice', async () => {
    const { folder, file } = await kept();
    const before = await readFile(file, 'utf8');
    await new FolderVault(folder, 'run1', key()).keep('hunt#2/old', 'json.token', SECRET);
    expect(await readFile(file, 'utf8')).not.toBe(before);
    expect(await readdir(folder)).toHaveLength(1);
  });

  it('does not open for another run, another step or another path', async () => {
    const { folder, file } = await kept();
    await expect(new FolderVault(folder, 'run2', key()).recall('hunt#2/old', 'json.token')).rejects.toThrow(
      'the file was changed',
    );
    const vault = new FolderVault(folder, 'run1', key());
    for (const [step, path] of [
      ['new', 'json.token'],
      ['hunt#2/old', 'stdout'],
    ] as const) {
      await vault.keep(step, path, 'new');
      const [own = ''] = (await readdir(folder)).filter((name) => !file.endsWith(name));
      await writeFile(join(folder, own), await readFile(file));
      await expect(vault.recall(step, path)).rejects.toThrow('the file was changed');
      await rename(join(folder, own), join(temporaryFolder(), own));
    }
  });

  it('is not mistaken for another when a byte of its file was changed or is missing', async () => {
    const { folder, file } = await kept();
    const vault = new FolderVault(folder, 'run1', key());
    const whole = await readFile(file);
    for (let at = 0; at < whole.length; at += 7) {
      const flipped = Buffer.from(whole);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      await writeFile(file, flipped);
      const told = await vault.recall('hunt#2/old', 'json.token').catch((error: unknown) => error);
      // Base64 has bits that mean nothing; whatever opens is the secret itself.
      if (told !== SECRET) expect(told).toMatchObject({ message: /sealed copy (is damaged|does not open)/ });
    }
    await writeFile(file, whole.subarray(0, whole.length / 2));
    await expect(vault.recall('hunt#2/old', 'json.token')).rejects.toThrow('is damaged');
    await mkdir(folder, { recursive: true });
  });
});

it('is gone with the run that is sealed, whichever command seals it', async () => {
  const { store } = testStore();
  const open = await store.create('run1');
  await open.journal.append({ type: 'note.added', text: 'x', by: 'ada' });
  const vault = store.vault('run1', () => Promise.resolve('a key'));
  await vault.keep('old', 'stdout', SECRET);
  await open.seal();
  expect(await vault.recall('old', 'stdout')).toBeUndefined();
  await open.close();
});
