import type { WorkspaceEdit } from 'vscode-languageserver';
import { expect, test } from 'vitest';
import { startEditor } from '../rig/language-client.ts';
import { CLEAR, SHOP, at } from './fixture.ts';

const NAME = 'playbooks/shop.yaml';

test('a step is renamed with all that names it, from its id and from any expression, and no other of that name', async () => {
  const editor = await startEditor({ [NAME]: CLEAR });
  await editor.open(NAME);
  for (const marked of [at(CLEAR, 'id: count', 5), at(CLEAR, 'steps.count', 8)]) {
    const edit = await editor.ask<WorkspaceEdit>('textDocument/rename', NAME, marked, { newName: 'orders' });
    const text = editor.applied(NAME, edit);
    expect(text).toBe(CLEAR.replace('- id: count', '- id: orders').replaceAll('steps.count', 'steps.orders'));
    expect(text).toContain('      - id: count\n        uses: wait');
  }
  expect(await editor.ask('textDocument/prepareRename', NAME, at(CLEAR, 'steps.count', 8))).toMatchObject({
    placeholder: 'count',
  });
});

test('what names it outside of expressions goes along: answers, settles, debts', async () => {
  const text = CLEAR.replace('answers: {', 'answers: { last/when: go, last: go,').replace(
    '  - id: last\n',
    '  - id: last\n    confirm: { message: Sure? }\n',
  );
  const editor = await startEditor({ [NAME]: text });
  const edit = await editor.ask<WorkspaceEdit>('textDocument/rename', NAME, at(text, 'id: last', 5), {
    newName: 'end',
  });
  expect(editor.applied(NAME, edit)).toContain('answers: { end/when: go, end: go,');
});

test.each([
  ['a name that is taken', CLEAR, 'id: count', 'last', /taken.*DB050/],
  ['a name that is none', CLEAR, 'id: count', 'two words', /cannot be an id.*DB051/],
  ['an answer that a part could mean', SHOP, 'id: count', 'orders', /which one is meant cannot be told/],
  [
    'a name that is made as it runs',
    CLEAR.replace('vars.early', 'text(steps[inputs.since])'),
    'id: count',
    'orders',
    /by a name that is made as it runs/,
  ],
  [
    'a text that is folded',
    CLEAR.replace('"${{ vars.early }}"', '"${{ \\x73teps.count.output.count }}"'),
    'id: count',
    'orders',
    /folded or escaped/,
  ],
  ['what is no step', CLEAR, 'title: The', 'orders', /Only the id of a step/],
  ['a text that is no YAML', `${CLEAR}  x: [`, 'id: count', 'orders', /could be read|Mend first/],
])('it is refused for %s, with the reason', async (_, text, place, newName, reason) => {
  const editor = await startEditor({ [NAME]: text });
  const answer = editor.ask('textDocument/rename', NAME, at(text, place, 5), { newName });
  await expect(answer).rejects.toThrow(reason);
});
