import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadPlaybook } from '../../engine/load/playbook.ts';
import { codesOf } from '../../engine/load/resolve/codes.ts';
import { kindNames, kindSchema } from '../../engine/load/stepschema.ts';
import { SourceFile } from '../../engine/source/file.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8');

/** The codes in the first column of a page's table of errors. */
function codesOnPage(kind: string): readonly string[] {
  const section = /^## errors\n(.*?)(?=^## |(?![^]))/ms.exec(read(`docs/steps/${kind}.md`))?.[1] ?? '';
  const cells = section.match(/^\| `.*? \|/gm) ?? [];
  return cells.flatMap((cell) => cell.match(/`[^`]+`/g) ?? []).map((code) => code.slice(1, -1));
}

describe.each(kindNames('steps'))('the error codes of %s', (name) => {
  it('are the same in its schema and on its page', () => {
    const onPage = codesOnPage(name).filter((code) => code !== 'error.code' && /^\w+$/.test(code));
    expect([...(kindSchema('steps', name)?.errors ?? [])].sort()).toEqual([...new Set(onPage)].sort());
  });
});

it('every code that a kind or its helpers write down is one of some kind', () => {
  const codes = codesOf(kindNames('steps').filter((name) => name !== 'part' && name !== 'playbook'));
  const files = readdirSync(`${root}engine/kinds`, { recursive: true, encoding: 'utf8' });
  const written = files
    // What one way of delivering fails with stands in the details of `notDelivered`.
    .filter((name) => name.endsWith('.ts') && !name.startsWith('notify/'))
    .flatMap((name) =>
      [...read(`engine/kinds/${name}`).matchAll(/\bcode: '(\w+)'/g)].map(([, code = '']) => code),
    );
  const unknown = written.filter(
    (code) => codes?.words.includes(code) !== true && codes?.isOpen(code) !== true,
  );
  expect([...new Set(unknown)]).toEqual([]);
});

async function check(steps: string): Promise<readonly string[]> {
  const head = 'version: 1\nid: example\ntitle: Example\nsummary: An example.\n';
  const other = new SourceFile('other.yaml', `${head.replace('example', 'other')}steps: [${LOOK} }]\n`);
  const { diagnostics } = await loadPlaybook(new SourceFile('example.yaml', head + steps), {
    ids: () => Promise.resolve(['other']),
    find: () => Promise.resolve(other),
  });
  return diagnostics.map(({ code, severity, message, hint }) =>
    `${severity} ${code} ${message} ${hint ?? ''}`.trim(),
  );
}

const LOOK = '{ id: look, uses: file.read, with: { path: gone }';
const wrong = 'warning DB105 No error here has the code "noSuchFyle" Did you mean "noSuchFile"?';

describe('a code that nothing there fails with', () => {
  it.each([
    ['expectFailure', `steps: [${LOOK}, expectFailure: 'error.code == "noSuchFyle"' }]`],
    ['outcomes', `steps: [${LOOK}, outcomes: { gone: 'error.code in ["cannotRead", "noSuchFyle"]' } }]`],
    ['retry', `steps: [${LOOK}, retry: { attempts: 2, when: 'error.code != "noSuchFyle"' } }]`],
    [
      'a later step',
      `steps: [${LOOK} }, { uses: wait, when: 'has(steps.look.error) && "noSuchFyle" == steps.look.error.code', with: { for: 1s } }]`,
    ],
    [
      'an item',
      `steps: [{ id: each, forEach: { in: [a] }, steps: [${LOOK} }] }, { uses: wait, when: 'steps.each.items[0].error.code == "noSuchFyle"', with: { for: 1s } }]`,
    ],
    [
      'any of the items',
      `steps: [{ id: each, forEach: { in: [a] }, uses: playbook, with: { playbook: other } }, { uses: wait, when: 'steps.each.items.exists(one, one.error.code == "noSuchFyle")', with: { for: 1s } }]`,
    ],
    [
      'a call',
      `parts: { some: { steps: [${LOOK} }] } }\nsteps: [{ id: call, uses: part, with: { part: some } }, { uses: wait, when: 'has(steps.call.error) && steps.call.error.code == "noSuchFyle"', with: { for: 1s } }]`,
    ],
  ])('is told in %s', async (_, steps) => {
    expect(await check(steps)).toEqual([wrong]);
  });
});

it.each([
  ['the run finds itself', `${LOOK}, expectFailure: 'error.code == "timeout" || error.code == "assert"' }`],
  [
    'a provider has',
    `{ uses: sql.query, with: { database: '\${{ env.databases.main }}', query: select 1 }, expectFailure: 'error.code == "42P01"' }`,
  ],
  [
    'its probe has',
    `{ uses: wait, with: { for: 1s }, guard: { uses: file.read, with: { path: there }, that: 'true' }, outcomes: { gone: 'error.code == "noSuchFile"' } }`,
  ],
  ['any secret may have', `${LOOK}, expectFailure: 'error.code == "secretMissing"' }`],
])('a code that %s is none of these', async (_, step) => {
  expect(await check(`steps: [${step}]`)).toEqual([]);
});
