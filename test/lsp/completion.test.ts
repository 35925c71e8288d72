import type { CompletionItem } from 'vscode-languageserver';
import { expect, test } from 'vitest';
import { startEditor } from '../rig/language-client.ts';
import type { Editor } from '../rig/language-client.ts';
import { SHOP, STAGING } from './fixture.ts';

const NAME = 'playbooks/shop.yaml';

async function offered(editor: Editor, marked: string): Promise<readonly string[]> {
  const items = await editor.ask<readonly CompletionItem[]>('textDocument/completion', NAME, marked);
  return items.map(({ label }) => label);
}

/** The playbook with what is being written in place of the last expression. */
const writing = (text: string): string => SHOP.replace('vars.early }}', `${text} }}`);

test('what an expression can ask for is offered, and nothing that has not run by then', async () => {
  const editor = await startEditor({
    [NAME]: SHOP,
    'playbooks/called.yaml': SHOP.replace('id: shop', 'id: called'),
    'playbooks/environments/staging.yaml': STAGING,
  });
  await editor.open(NAME);
  const cases: readonly (readonly [written: string, some: readonly string[], not: readonly string[]])[] = [
    ['|', ['inputs', 'steps', 'env', 'vars', 'run', 'now', 'size', 'timestamp'], ['trim', 'fault']],
    ['inputs.|', ['since'], ['steps']],
    ['steps.|', ['count', 'tell'], ['last']],
    ['steps.count.|', ['output', 'outcome', 'error'], ['items']],
    ['steps.count.output.ro|', ['rows', 'count'], []],
    ['vars.|', ['early'], []],
    ['env.|', ['databases', 'buckets', 'services'], []],
    ['env.databases.|', ['main'], ['photos']],
    ['run.|', ['operator', 'startedAt'], []],
    ['size(steps.count.|)', ['output'], []],
    ['text(now).|', ['trim', 'contains'], ['size', 'steps']],
    ['duration("1|', [], ['steps', 'size']],
  ];
  for (const [written, some, not] of cases) {
    const labels = await offered(editor, writing(written));
    expect(labels, written).toEqual(expect.arrayContaining([...some]));
    for (const name of not) expect(labels, written).not.toContain(name);
  }
  const bare = SHOP.replace('when: steps.count.output.count > 0', 'when: steps.|');
  expect(await offered(editor, bare)).toEqual(['count']);
  const own = SHOP.replace('size(output.rows)', 'size(output.|)');
  expect(await offered(editor, own)).toContain('count');
});

test('keys, kinds and what can be called are offered where they may stand, in a text that is no YAML too', async () => {
  const editor = await startEditor({
    [NAME]: SHOP,
    'playbooks/called.yaml': SHOP.replace('id: shop', 'id: called'),
  });
  await editor.open(NAME);
  await editor.diagnostics('playbooks/called.yaml', () => true);
  const step = (lines: string): string =>
    SHOP.replace('  - id: last\n    uses: shell\n', `  - id: last\n${lines}`);
  expect(await offered(editor, step('    uses: shell\n    ti|\n'))).toEqual(
    expect.arrayContaining(['title', 'timeout', 'until']),
  );
  expect(await offered(editor, step('    uses: shell\n    ti|\n'))).not.toContain('uses');
  expect(await offered(editor, step('    uses: sql.|\n'))).toEqual(
    expect.arrayContaining(['sql.query', 'sql.execute', 'wait']),
  );
  expect(await offered(editor, step('    uses: s3.get\n    with:\n      |\n'))).toEqual([
    ...['bucket', 'key', 'versionId', 'overwrite', 'path'],
  ]);
  expect(await offered(editor, step('    uses: playbook\n    with:\n      playbook: |\n'))).toContain(
    'called',
  );
  expect(await offered(editor, step('    uses: part\n    with:\n      part: |\n'))).toEqual(['announce']);
  expect(await offered(editor, `${SHOP}|\n`)).toEqual(expect.arrayContaining(['owner', 'always']));
  expect(await offered(editor, step('    uses: shell\n    with:\n      script: |\n        ec|\n'))).toEqual(
    [],
  );
});
