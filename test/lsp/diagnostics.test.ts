import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { drillbook } from '../rig/drillbook.ts';
import { startEditor } from '../rig/language-client.ts';

const head = (id: string): string => `version: 1\nid: ${id}\ntitle: T\nsummary: S\n`;

const sound = `${head('sound')}steps:\n  - uses: wait\n    with: { for: 1s }\n`;

const wrong = `${head('wrong')}steps:\n  - titel: Wait\n    uses: wait\n    with: { for: 1s }\n`;

interface Problem {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
  readonly hint?: string;
  readonly line: number;
  readonly column: number;
}

const shipped = (name: string): string =>
  readFileSync(resolve(import.meta.dirname, '..', '..', 'playbooks', name), 'utf8');

test('what `check` says of a file is what the editor is told, place by place', async () => {
  const text = shipped('database-corruption.yaml')
    .replace('summary:', 'sumary:')
    .replace('uses: sql.query', 'uses: sql.qurey');
  const editor = await startEditor({ 'playbooks/database-corruption.yaml': text });
  await editor.open('playbooks/database-corruption.yaml');
  const told = await editor.diagnostics('playbooks/database-corruption.yaml');
  const { stdout } = await drillbook(['check', '--format', 'json', 'playbooks/database-corruption.yaml'], {
    cwd: editor.folder,
  });
  const { diagnostics: problems } = JSON.parse(stdout) as { readonly diagnostics: readonly Problem[] };
  expect(told.length).toBeGreaterThan(1);
  expect(
    told.map(({ code, severity, message, range }) => ({
      code,
      severity: severity === 1 ? 'error' : 'warning',
      message,
      place: [range.start.line + 1, range.start.character + 1],
    })),
  ).toEqual(
    problems.map(({ code, severity, message, hint, line, column }) => ({
      code,
      severity,
      message: hint === undefined ? message : `${message}\n${hint}`,
      place: [line, column],
    })),
  );
});

test('what is not saved counts: a mistake is told while it is typed, and taken back when it is mended', async () => {
  const editor = await startEditor({ 'playbooks/sound.yaml': sound });
  await editor.open('playbooks/sound.yaml');
  await editor.change('playbooks/sound.yaml', sound.replace('1s', 'soon'));
  const [told] = await editor.diagnostics('playbooks/sound.yaml', (found) => found.length > 0);
  expect(told).toMatchObject({ code: 'DB024', source: 'drillbook', range: { start: { line: 6 } } });
  await editor.change('playbooks/sound.yaml', sound);
  expect(await editor.diagnostics('playbooks/sound.yaml', (found) => found.length === 0)).toEqual([]);
});

test('the other files of the folder are told of too: playbooks, environments, worlds', async () => {
  const editor = await startEditor({
    'playbooks/sound.yaml': sound,
    'playbooks/wrong.yaml': wrong,
    'playbooks/environments/staging.yaml': 'version: 1\nname: staging\nkind: stagging\n',
    'playbooks/worlds/shop.yaml': 'version: 1\nname: other\nparts: {}\n',
  });
  await editor.open('playbooks/sound.yaml');
  expect((await editor.diagnostics('playbooks/wrong.yaml'))[0]?.code).toBe('DB020');
  expect((await editor.diagnostics('playbooks/environments/staging.yaml'))[0]?.code).toBe('DB023');
  expect((await editor.diagnostics('playbooks/worlds/shop.yaml')).map(({ code }) => code)).toContain('DB214');
});

test('who calls a playbook is told of what becomes wrong there by what is typed here', async () => {
  const called = `${head('called')}inputs: { since: { prompt: Since, type: time } }\nsteps:\n  - uses: wait\n    with: { for: 1s }\n`;
  const caller = `${head('caller')}steps:\n  - uses: playbook\n    with: { playbook: called, inputs: { since: "\${{ now }}" } }\n`;
  const editor = await startEditor({ 'playbooks/called.yaml': called, 'playbooks/caller.yaml': caller });
  await editor.open('playbooks/caller.yaml');
  await editor.open('playbooks/procedures/other.yaml', sound.replace('id: sound', 'id: other'));
  await editor.open('playbooks/called.yaml', called.replace('since:', 'from:'));
  const told = await editor.diagnostics('playbooks/caller.yaml', (found) => found.length > 0);
  expect(JSON.stringify(told)).toContain('since');
});

test('a file that is none of ours is left alone', async () => {
  const editor = await startEditor({ 'compose.yaml': 'services: [' });
  await editor.open('compose.yaml');
  await editor.open('playbooks/wrong.yaml', wrong);
  await editor.diagnostics('playbooks/wrong.yaml');
  const told = editor.diagnostics('compose.yaml').then(() => 'told');
  expect(await Promise.race([told, editor.fixes('compose.yaml')])).toEqual([]);
});

test('a folder of hundreds of playbooks does not keep the one that is looked at waiting', async () => {
  const files: Record<string, string> = { 'playbooks/zz.yaml': wrong };
  for (let at = 0; at < 300; at++) {
    files[`playbooks/p${String(at)}.yaml`] = sound.replace('id: sound', `id: p${String(at)}`);
  }
  const editor = await startEditor(files);
  const order: string[] = [];
  const all = editor.diagnostics('playbooks/zz.yaml').then(() => order.push('the rest of the folder'));
  await editor.open('playbooks/looked-at.yaml', wrong.replace('id: wrong', 'id: looked-at'));
  await editor.diagnostics('playbooks/looked-at.yaml').then(() => order.push('the open file'));
  await all;
  expect(order).toEqual(['the open file', 'the rest of the folder']);
});
