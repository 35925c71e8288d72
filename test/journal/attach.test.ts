import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { attachFile } from '../../engine/journal/attach.ts';
import { Redactor } from '../../engine/journal/redact.ts';
import { temporaryFolder } from '../rig/drillbook.ts';
import { testStore } from './rig.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

test('copies a file as it is, for its owner alone, with its digest', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'a key.txt');
  await writeFile(path, 'one\n');
  const file = 'attachments/hunt#2-copy-a-key.txt';
  expect(await attachFile(folder, 'hunt#2/copy', path, new Redactor())).toEqual({
    file,
    bytes: 4,
    sha256: sha256('one\n'),
  });
  expect(await readFile(join(folder, file), 'utf8')).toBe('one\n');
  expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600);
  await writeFile(path, 'two, and more\n');
  expect((await attachFile(folder, 'hunt#2/copy', path, new Redactor())).sha256).toBe(
    sha256('two, and more\n'),
  );
  expect(await readdir(join(folder, 'attachments'))).toEqual(['hunt#2-copy-a-key.txt']);
});

test('refuses what is no file, and what is not there', async () => {
  const folder = temporaryFolder();
  await mkdir(join(folder, 'sub'));
  await expect(attachFile(folder, 'a', join(folder, 'sub'), new Redactor())).rejects.toThrow('is no file');
  await expect(attachFile(folder, 'a', join(folder, 'none'), new Redactor())).rejects.toThrow('ENOENT');
});

test('keeps no file with a secret in it, wherever its reads tear it apart', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'log.txt');
  const redactor = new Redactor();
  redactor.add('hvs.made-up-token');
  // Streams read 64 KiB at a time.
  await writeFile(path, `${'x'.repeat(64 * 1024 - 5)}hvs.made-up-token`);
  await expect(attachFile(folder, 'a', path, redactor)).rejects.toThrow('holds a secret, so it is not kept');
  expect(await readdir(join(folder, 'attachments'))).toEqual([]);
});

test('what was attached is held against its digest, for as long as the run is there', async () => {
  const rig = testStore();
  const open = await rig.store.create('a');
  const files = rig.store.folder('a');
  const path = join(files, 'proof.txt');
  await writeFile(path, 'one\n');
  const attach = async (): Promise<void> => {
    const attachment = await attachFile(files, 'copy', path, rig.redactor);
    await open.journal.append({ type: 'attached', key: 'copy', path, ...attachment });
  };
  await attach();
  await writeFile(path, 'two\n');
  await attach();
  await open.seal();
  await open.close();
  expect(await rig.store.verify('a')).toMatchObject({ ok: true, sealed: true });
  const kept = join(files, 'attachments', 'copy-proof.txt');
  await writeFile(kept, 'one\n');
  expect((await rig.store.verify('a')).problem).toEqual({
    line: 2,
    message: 'its attachment attachments/copy-proof.txt was changed',
  });
  await rm(kept);
  expect((await rig.store.verify('a')).problem?.message).toBe(
    'its attachment attachments/copy-proof.txt was removed',
  );
});
