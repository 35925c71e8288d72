import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadPlaybook } from '../../engine/load/playbook.ts';
import { SourceFile } from '../../engine/source/file.ts';
import { formatDiagnostic } from '../../engine/source/frame.ts';

const root = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(root, 'docs', 'playbook.md'), 'utf8');

const head = /^```yaml head\n(.*?)^```$/ms.exec(page)?.[1] ?? '';
const examples = [...page.matchAll(/^## ([^\n]+)\n(?:(?!^## ).)*?^```yaml\n(.*?)^```$/gms)].map(
  ([, title = '', example = '']) => [title, example] as const,
);
const all = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, example = '']) => example);

const other = new SourceFile(
  'other.yaml',
  head.replace('example', 'other') + 'inputs:\n  scope: { prompt: How much?, type: text }\nsteps: []\n',
);

test('the page has examples for every part of the format', () => {
  expect(examples.length).toBeGreaterThan(6);
  const schema = JSON.parse(readFileSync(join(root, 'schemas/playbook.schema.json'), 'utf8')) as {
    readonly properties: object;
    readonly $defs: { readonly node: { readonly properties: object } };
  };
  const keys = [...Object.keys(schema.properties), ...Object.keys(schema.$defs.node.properties)];
  expect(keys.filter((key) => !new RegExp(`\\b${key}\\b`).test(page))).toEqual([]);
});

test.each(all.map((example, index) => [index + 1, example] as const))(
  'example %i loads',
  async (_, example) => {
    const { diagnostics } = await loadPlaybook(new SourceFile('example.yaml', head + example), {
      ids: () => Promise.resolve(['other']),
      find: (id) => Promise.resolve(id === 'other' ? other : undefined),
    });
    expect(diagnostics.map((each) => formatDiagnostic(each, { color: false }))).toEqual([]);
  },
);
