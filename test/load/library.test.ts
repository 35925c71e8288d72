import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { folderLibrary } from '../../engine/load/library.ts';

const base = mkdtempSync(join(tmpdir(), 'drillbook-test-'));
const own = join(base, 'own');
const shipped = join(base, 'shipped');
for (const folder of [own, join(shipped, 'procedures')]) mkdirSync(folder, { recursive: true });
writeFileSync(join(own, 'a.yaml'), 'own');
writeFileSync(join(shipped, 'a.yaml'), 'shipped');
writeFileSync(join(shipped, 'procedures', 'b.yaml'), 'procedure');
writeFileSync(join(own, 'd.playbook.yaml'), 'named for editors');
writeFileSync(join(own, 'e.drillbook.yaml'), 'named for editors');
writeFileSync(join(shipped, 'notes.txt'), '');

afterAll(() => rmSync(base, { recursive: true }));

const library = folderLibrary([own, join(base, 'missing'), shipped]);

test('the first folder that has a playbook wins', async () => {
  expect((await library.find('a'))?.text).toBe('own');
});

test('procedures and checklists are found by their id', async () => {
  expect((await library.find('b'))?.text).toBe('procedure');
});

test('a longer ending tells editors what it is, and is no part of the id', async () => {
  expect((await library.find('d'))?.text).toBe('named for editors');
  expect((await library.find('e'))?.text).toBe('named for editors');
  expect(await library.find('d.playbook')).toBeUndefined();
});

test('an id is no path', async () => {
  expect(await library.find('../own/a')).toBeUndefined();
  expect(await library.find('c')).toBeUndefined();
});

test('all ids, each once', async () => {
  expect(await library.ids()).toEqual(['a', 'b', 'd', 'e']);
});
