import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { MAIN, temporaryFolder } from '../rig/drillbook.ts';
import { startEditor } from '../rig/language-client.ts';

const text = readFileSync(
  resolve(import.meta.dirname, '..', '..', 'playbooks', 'database-corruption.yaml'),
  'utf8',
);

const NAME = 'playbooks/database-corruption.yaml';

const METHODS = ['completion', 'hover', 'definition', 'codeAction'].map((name) => `textDocument/${name}`);

test('a playbook that is written from its first letter to its last is answered at each', async () => {
  const editor = await startEditor();
  await editor.open(NAME, '');
  const step = Math.ceil(text.length / 25);
  for (let end = 0; end < text.length; end += step) {
    const written = text.slice(0, end);
    for (const method of METHODS) {
      await editor
        .ask(method, NAME, `${written}|`, {
          range: { start: { line: 0, character: 0 }, end: { line: 9, character: 0 } },
          context: { diagnostics: [] },
        })
        .catch((error: unknown) => expect(String(error)).not.toMatch(/Internal|failed with message/));
    }
  }
  await editor.change(NAME, text.replace('summary:', 'sumary:'));
  const told = await editor.diagnostics(NAME, (found) => found.some(({ code }) => code === 'DB020'));
  expect(told.length).toBeGreaterThan(0);
});

test('no text ends it, and after each it goes on as before', async () => {
  const editor = await startEditor();
  for (const [what, hostile] of Object.entries({
    'no YAML': 'steps: [\n  }{ : : :\n',
    'all anchors': `a: &a [x]\n${'b: [*a, *a, *a, *a]\n'.repeat(50)}`,
    'more than 1 MB': `# ${'x'.repeat(1_100_000)}\n`,
    'nested deep': '['.repeat(5000),
    'one long expression': `version: 1\nsteps:\n  - when: ${'a + '.repeat(20_000)}1\n`,
    'lone carriage returns and halves of characters': 'version: 1\r\rid: \ud800\r\n\u2028steps: x\n',
  })) {
    await editor.open(NAME, hostile);
    const told = await editor.diagnostics(NAME, (found) => found.length > 0);
    expect(told[0]?.code, what).toMatch(/^DB\d{3}$/);
    await editor.change(NAME, text);
    await editor.diagnostics(NAME, (found) => found.length === 0);
    await editor.close(NAME);
  }
});

test('methods that there are not, and questions about files that there are not, are refused or have no answer', async () => {
  const editor = await startEditor();
  await expect(editor.connection.sendRequest('textDocument/unheardOf', {})).rejects.toThrow(/method/i);
  await editor.connection.sendNotification('textDocument/unheardOf', {});
  for (const uri of ['untitled:Untitled-1', 'file:///no/such/file.yaml', 'file://%zz', 'no uri']) {
    await editor.connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri, languageId: 'yaml', version: 1, text: 'version: 1\n' },
    });
    const answer = await editor.connection.sendRequest('textDocument/codeAction', {
      textDocument: { uri },
      range: { start: { line: 0, character: 0 }, end: { line: 7, character: 9 } },
      context: { diagnostics: [] },
    });
    expect(answer).toEqual([]);
  }
});

test('it ends with 0 when it is told to, and with its editor', async () => {
  const editor = await startEditor();
  await editor.connection.sendRequest('shutdown');
  await editor.connection.sendNotification('exit');
  expect(await editor.ended).toBe(0);

  const left = spawn(process.execPath, [MAIN, 'lsp'], { cwd: temporaryFolder() });
  left.stdin.end();
  expect(await once(left, 'close')).toEqual([1, null]);
});
