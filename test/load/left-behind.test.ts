import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadPlaybook } from '../../engine/load/playbook.ts';
import { SourceFile } from '../../engine/source/file.ts';

const library = { ids: () => Promise.resolve([]), find: () => Promise.resolve(undefined) };
const HEAD = 'version: 1\nid: example\ntitle: Example\nsummary: An example.\n';
const DATABASE = '"${{ env.databases.main }}"';
const KEPT = '"${{ steps.restore.output.kept }}"';
const restore = (args: string, rest = ''): string =>
  `  - id: restore\n    uses: postgres.restore\n    with: { from: a.dump, to: ${DATABASE}, ${args} }\n${rest}`;
const REPLACING = 'into: replace what is there';
const drop = (kept: string): string =>
  `  - uses: postgres.drop-kept\n    with: { database: ${DATABASE}, kept: ${kept} }\n`;
const indented = (text: string): string => text.replaceAll(/^/gm, '    ');

async function warnings(text: string): Promise<string[]> {
  const { diagnostics } = await loadPlaybook(new SourceFile('example.yaml', HEAD + text), library, {});
  return diagnostics.map(({ code, message }) => `${code} ${message}`);
}
const WARNED = ['DB160 What postgres.restore leaves here (output.kept) is never cleared away'];

test.each([
  ['nothing drops it', restore(REPLACING)],
  ['another one is dropped', restore(REPLACING) + drop('drillbook-old')],
  [
    'it is only put back',
    restore(
      REPLACING,
      `    undo:\n      at: abort\n      steps:\n${indented(
        `  - uses: postgres.put-back\n    with: { database: ${DATABASE}, kept: ${KEPT} }`,
      )}\n`,
    ),
  ],
  [
    'it is told to people alone',
    restore(REPLACING) + `  - uses: manual\n    with: { instructions: ${KEPT} }\n`,
  ],
  ['the step has no id', restore(REPLACING).replace('id: restore', 'title: Restore')],
])('is warned of when %s', async (_when, steps) => {
  expect(await warnings(`steps:\n${steps}`)).toEqual(WARNED);
});

test.each([
  ['a later step drops it', restore(REPLACING) + drop(KEPT)],
  [
    'its undo drops it',
    restore(REPLACING, `    undo:\n      at: exit\n      steps:\n${indented(drop(KEPT))}`),
  ],
  ['nothing is replaced', restore('into: empty')],
  ['tables alone are replaced, in one transaction', restore(`${REPLACING}, tables: [users]`)],
])('is not warned of when %s', async (_when, steps) => {
  expect(await warnings(`steps:\n${steps}`)).toEqual([]);
});

test('is not warned of when whoever calls is given it', async () => {
  expect(await warnings(`steps:\n${restore(REPLACING)}outputs: { kept: ${KEPT} }\n`)).toEqual([]);
});

test('is looked for in parts, too, and a part may be what drops it', async () => {
  const part = (steps: string): string =>
    `steps:\n  - uses: part\n    with: { part: p }\nparts:\n  p:\n    steps:\n${steps}`;
  expect(await warnings(part(indented(restore(REPLACING))))).toEqual(WARNED);
  const dropping = `steps:\n${restore(REPLACING)}  - uses: part\n    with: { part: p, inputs: { kept: ${KEPT} } }\nparts:\n  p:\n    inputs: { kept: { type: text } }\n    steps:\n${indented(drop('"${{ inputs.kept }}"'))}`;
  expect((await warnings(dropping)).filter((warning) => warning.startsWith('DB160'))).toEqual([]);
});

test('rows alone name their tables', async () => {
  expect(await warnings(`steps:\n${restore('data: only')}`)).toEqual([
    'DB022 "tables" is missing, which "data" needs',
  ]);
});

test('every kind that clears something away exists', () => {
  const files = readdirSync('schemas/steps').filter((name) => name.endsWith('.schema.json'));
  const named = files.flatMap((name) =>
    [...readFileSync(`schemas/steps/${name}`, 'utf8').matchAll(/"until": "([^"]+)"/g)].map(
      ([, kind]) => kind,
    ),
  );
  expect(named.length).toBeGreaterThan(0);
  for (const kind of named) expect(files).toContain(`${kind}.schema.json`);
});
