import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { drillbook, temporaryFolder } from '../rig/drillbook.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');
const BUNDLES = join(ROOT, 'dist', 'bundle');
const BUNDLE = join(BUNDLES, readFileSync(join(BUNDLES, 'current'), 'utf8'));

/** What drillbook's own texts hold beside ASCII. Anything else was read in a wrong encoding. */
const BESIDE_ASCII = /[^\n\x20-\x7e–—’“”…µ·×→›«»]/gu;

const COMMANDS = [...(await help()).matchAll(/^ {2}([a-z]+) /gm)].map((match) => match[1] ?? '');

async function help(...command: readonly string[]): Promise<string> {
  const { stdout, stderr } = await drillbook([...command, '--help'], { cwd: ROOT });
  return stdout + stderr;
}

it('the bundle is ASCII: it is read without being decoded', () => {
  const wrong = readdirSync(BUNDLE)
    .filter((name) => name.endsWith('.cjs'))
    .filter((name) => /[^\x00-\x7f]/.test(readFileSync(join(BUNDLE, name), 'latin1')));
  expect(wrong).toEqual([]);
});

it.each(COMMANDS)('the help of %s is readable', async (command) => {
  expect((await help(command)).match(BESIDE_ASCII)).toBeNull();
});

it('the help of a command says what it said in the source', async () => {
  expect(COMMANDS).toContain('drill');
  expect(await help('drill')).toContain('which of the playbook’s rehearsals');
});

it('a diagnostic and a hint with characters beside ASCII are as they were written', async () => {
  const folder = temporaryFolder();
  writeFileSync(
    join(folder, 'bad.yaml'),
    'version: 1\nid: p\ntitle: For a test\nsteps:\n  - { uses: wait, with: { for: 5 µs … } }\n',
  );
  mkdirSync(join(folder, 'playbooks', 'environments'), { recursive: true });
  writeFileSync(
    join(folder, 'playbooks', 'environments', 'staging.yaml'),
    'version: 1\nname: staging\nkind: staging\ndatabases:\n  main: { url: { env: DRILLBOOK_TEST_UNSET } }\n',
  );
  const check = await drillbook(['check', 'bad.yaml'], { cwd: folder });
  const doctor = await drillbook(['doctor', '--env', 'staging'], { cwd: folder });
  const said = [check, doctor].map(({ stdout, stderr }) => stdout + stderr).join('');
  expect(said).toContain('"5 µs …" is no duration');
  expect(said).toContain('export DRILLBOOK_TEST_UNSET=…');
  expect(said.match(BESIDE_ASCII)).toBeNull();
});
