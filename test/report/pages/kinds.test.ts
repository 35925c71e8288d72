import { expect, it } from 'vitest';
import { kindPageProblems, kindsPage } from '../../../engine/report/pages/kinds.ts';
import type { KindEntry } from '../../../engine/report/pages/kinds.ts';
import { SourceFile } from '../../../engine/source/file.ts';

const KIND: KindEntry = {
  name: 'sql.query',
  description: 'Reads rows.',
  effect: 'read',
  with: { type: 'object', properties: { query: { type: 'string' }, maxRows: { type: 'integer' } } },
  output: { type: 'object', properties: { rows: { type: 'array' }, count: { type: 'integer' } } },
  errors: [],
};

const PAGE = `# sql.query

Reads rows.

Effect: read.

## with

| key | what |
| --- | --- |
| \`query\` | one statement |
| \`maxRows\` | how many |

## output

| member | what |
| --- | --- |
| \`rows, count\` | the rows |

## errors

None.
`;

const problems = (page: string, kind = KIND): readonly string[] =>
  kindPageProblems(kind, new SourceFile('page.md', page)).map(({ message }) => message);

it('has nothing to say of a page that tells what the schema tells', () => {
  expect(problems(PAGE)).toEqual([]);
});

it('misses a member', () => {
  expect(problems(PAGE.replace(/.*maxRows.*\n/, ''))).toEqual(['"maxRows" of with is not mentioned']);
});

it('finds a line of a member that there is not, and points at it', () => {
  const page = new SourceFile('page.md', PAGE.replace('rows, count', 'rows, count, total'));
  const [problem] = kindPageProblems(KIND, page);
  expect(problem?.message).toBe('output has no "total"');
  expect(page.text.slice(problem?.span?.start, problem?.span?.end)).toBe('total');
});

it('finds an effect that is another', () => {
  expect(problems(PAGE, { ...KIND, effect: 'write' })).toEqual(['The effect is write']);
});

it('misses a section', () => {
  expect(problems(PAGE.replace('## output', '## result'))).toEqual(['The section "## output" is missing']);
});

it('lists families apart from kinds on their own', () => {
  const text = kindsPage([KIND, { ...KIND, name: 'sql.execute' }, { ...KIND, name: 'wait' }]);
  expect(text).toMatch(
    /## On their own\n\n.*\n.*\n\| \[wait\]\(wait\.md\) \| read \| Reads rows\. \|\n\n## sql/,
  );
});
