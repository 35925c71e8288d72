import { describe, expect, it } from 'vitest';
import { kindPage } from '../../../engine/report/pages/kind-page.ts';
import { kindPageProblems } from '../../../engine/report/pages/kinds.ts';
import type { KindEntry } from '../../../engine/report/pages/kinds.ts';
import { SourceFile } from '../../../engine/source/file.ts';

const text = (description: string): { readonly type: 'string'; readonly description: string } => ({
  type: 'string',
  description,
});

const KIND: KindEntry = {
  name: 'file.digest',
  description: 'Gives the checksum of a file_name.',
  effect: 'read',
  with: {
    properties: {
      path: text('The file.'),
      as: { description: 'Its form, `hex` when absent.', enum: ['hex', 'base64'] },
      tls: { description: 'Certificates: `{ ca, key }`.', properties: { ca: {}, key: {} } },
    },
    required: ['path'],
  },
  output: { properties: { files: { description: 'Each.', items: { properties: { path: {}, $ref: {} } } } } },
  errors: ['noSuchFile'],
};

const PAGE = `# file.digest

Gives the checksum of a file\\_name.

Effect: read.

<!-- by hand -->

## with

| key | needed | what |
| --- | --- | --- |
| \`path\` | yes | The file. |
| \`as\` |  | Its form, \`hex\` when absent. One of \`hex\`, \`base64\`. |
| \`tls\` |  | Certificates: \`{ ca, key }\`. |

<!-- by hand -->

## output

| member | what |
| --- | --- |
| \`files\` | Each. Each with \`path\`. |

<!-- by hand -->

## errors

| \`error.code\` | when |
| --- | --- |
| \`noSuchFile\` |  |

## example
`;

const problems = (page: string): readonly string[] =>
  kindPageProblems(KIND, new SourceFile('page.md', page)).map(({ message }) => message);

describe('the page of a kind', () => {
  it('begins with all that the schema says', () => {
    expect(kindPage(KIND, '')).toBe(PAGE);
  });

  it('wants to be told when each error comes', () => {
    expect(problems(PAGE)).toEqual(['Nothing is said of "noSuchFile"']);
    expect(problems(PAGE.replace('`noSuchFile` |  |', '`noSuchFile` | it is not there |'))).toEqual([]);
  });

  it('keeps what a person wrote, and follows the schema', () => {
    const written = PAGE.replaceAll('<!-- by hand -->\n', '<!-- by hand -->\n\nBy a person.\n');
    const other: KindEntry = {
      ...KIND,
      effectNote: 'read, or `write` with `to`',
      with: { properties: { to: text('Where to.') } },
    };
    expect(kindPage(other, written)).toBe(
      written
        .replace('Effect: read.', 'Effect: read, or `write` with `to`.')
        .replace(/\| `path` \| yes[^]*?\n\n/, '| `to` |  | Where to. |\n\n'),
    );
  });

  it('leaves a part without the mark to the person altogether', () => {
    const byHand = PAGE.replace(/## output\n[^]*?## errors/, '## output\n\nAnswers by name.\n\n## errors');
    expect(kindPage(KIND, byHand)).toBe(byHand);
  });

  it('says that nothing goes in or comes out', () => {
    const { output, ...rest } = KIND;
    expect(output).toBeDefined();
    expect(kindPage({ ...rest, with: {}, output: undefined }, '').match(/^Nothing\.$/gm)).toHaveLength(2);
  });
});
