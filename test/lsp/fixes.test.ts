import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { expect, test } from 'vitest';
import { loadPlaybook } from '../../engine/load/playbook.ts';
import { fixesOf } from '../../engine/lsp/fixes.ts';
import { uriOf } from '../../engine/lsp/files.ts';
import type { Diagnostic } from '../../engine/source/diagnostic.ts';
import { SourceFile } from '../../engine/source/file.ts';
import { startEditor } from '../rig/language-client.ts';

const page = readFileSync(resolve(import.meta.dirname, '..', '..', 'docs', 'diagnostics.md'), 'utf8');

const HEAD = 'version: 1\nid: example\ntitle: Example\nsummary: An example.\n';

const library = { ids: () => Promise.resolve([]), find: () => Promise.resolve(undefined) };

const check = async (text: string): Promise<readonly Diagnostic[]> =>
  (await loadPlaybook(new SourceFile('example.yaml', text), library)).diagnostics;

const everything = { start: { line: 0, character: 0 }, end: { line: 10_000, character: 0 } };

/** What stands in the documentation as wrong, and mistakes of each sort that a hint names the right word for. */
const examples = [
  ...page
    .split(/^### /m)
    .slice(1)
    .map((text) => HEAD + (/^```yaml\n(.*?)^```$/ms.exec(text)?.[1] ?? '')),
  `${HEAD}steps:\n  - uses: "sql.qurey"\n    with: { database: "\${{ env.databases.main }}", sql: select 1 }\n`,
  `${HEAD}sumary: x\nsteps:\n  - uses: wait\n    with: { for: 1s }\n`,
  `${HEAD}priority: 'hihg'\nsteps:\n  - uses: wait\n    with: { for: 1s }\n`,
  `${HEAD}inputs: { since: { prompt: S, type: time } }\nsteps:\n  - uses: wait\n    with: { for: 1s }\n    when: inputs.sinec > now\n`,
  `${HEAD}inputs: { since: { prompt: S, type: time } }\nsteps:\n  - uses: wait\n    with: { for: 1s }\n    when: since > now\n`,
  `${HEAD}steps:\n  - uses: wait\n    with: { for: 1s }\n    when: sized([1]) > 0\n`,
];

test('each fix mends what it is offered for', async () => {
  let fixes = 0;
  for (const text of examples) {
    const before = await check(text);
    for (const fix of fixesOf(resolve('example.yaml'), before, everything)) {
      fixes++;
      const edits = fix.edit?.changes?.[uriOf('example.yaml')] ?? [];
      const after = await check(TextDocument.applyEdits(TextDocument.create('', '', 0, text), [...edits]));
      const told = JSON.stringify(fix.diagnostics);
      const same = after.filter(
        ({ code, message }) => told.includes(`"code":"${code}"`) && told.includes(message),
      );
      expect(same, `${fix.title}\n${text}`).toEqual([]);
    }
  }
  expect(fixes).toBeGreaterThan(10);
});

test('an editor is offered them for the file as it is written now', async () => {
  const editor = await startEditor();
  const name = join('playbooks', 'example.yaml');
  await editor.open(name, `${HEAD}step:\n  - uses: wait\n    with: { for: 1s }\n`);
  const [fix] = await editor.fixes(name);
  expect(fix).toMatchObject({ title: 'Write steps in place of step', kind: 'quickfix', isPreferred: true });
  expect(await check(editor.applied(name, fix?.edit))).toEqual([]);
});
