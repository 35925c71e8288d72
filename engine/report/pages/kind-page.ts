import type { JsonObject } from '../../base/json.ts';
import { isJsonObject, listOf } from '../../base/json.ts';
import { mentions } from './kinds.ts';
import type { KindEntry } from './kinds.ts';
import { blocks, code, line, prose, table } from './markdown.ts';

/** Ends what is made of the schema: what follows, up to the next such part, a person has written. */
const BY_HAND = '<!-- by hand -->';

/**
 * The page of a kind: its head and the tables of `with` and `output` are made of its schema, what stands below
 * {@link BY_HAND} in each part is kept as it is. Without a page yet: one to begin with.
 */
export function kindPage(kind: KindEntry, page: string): string {
  const made: readonly (readonly [heading: string, text: string])[] = [
    [`# ${kind.name}`, blocks(prose(kind.description), `Effect: ${line(kind.effectNote ?? kind.effect)}.`)],
    ['## with', membersTable('key', kind.with)],
    ['## output', membersTable('member', kind.output)],
  ];
  let text = page === '' ? beginning(kind) : page;
  for (const [heading, content] of made) text = withPart(text, heading, content);
  return text;
}

/** A part without the mark is by hand altogether. */
function withPart(page: string, heading: string, content: string): string {
  const start = page.startsWith(`${heading}\n`) ? 0 : page.indexOf(`\n${heading}\n`) + 1;
  const end = page.indexOf(BY_HAND, start);
  const next = page.indexOf('\n## ', start + heading.length);
  if (end === -1 || (next !== -1 && next < end)) return page;
  return `${page.slice(0, start)}${blocks(heading, content, page.slice(end))}`;
}

const beginning = (kind: KindEntry): string =>
  `${blocks(
    ...[`# ${kind.name}`, '## with', '## output'].map((heading) => blocks(heading, BY_HAND)),
    '## errors',
    table(
      ['`error.code`', 'when'],
      kind.errors.map((name) => [code(name), '']),
    ),
    '## example',
  )}\n`;

function membersTable(title: string, schema: JsonObject | undefined): string {
  const members = Object.entries(propertiesOf(schema));
  if (members.length === 0) return 'Nothing.';
  const required = listOf(schema?.['required']);
  const isInput = title === 'key';
  return table(
    isInput ? [title, 'needed', 'what'] : [title, 'what'],
    members.map(([name, member]) => {
      const what = isJsonObject(member) ? describe(member) : '';
      return isInput ? [code(name), required.includes(name) ? 'yes' : '', what] : [code(name), what];
    }),
  );
}

/** What the schema says of it, and where the words leave some out the values it can have, or its own members. */
function describe(schema: JsonObject): string {
  const text = typeof schema['description'] === 'string' ? schema['description'] : '';
  const named = (names: readonly string[], intro: string): string =>
    names.every((name) => mentions(text, name)) ? '' : ` ${intro} ${names.map(code).join(', ')}.`;
  const values = listOf(schema['enum']).filter((value) => typeof value === 'string');
  const items = isJsonObject(schema['items']) ? schema['items'] : {};
  return (
    line(text) +
    named(values, 'One of') +
    named(membersOf(schema), 'With') +
    named(membersOf(items), 'Each with')
  );
}

/** Those that a playbook can name: what begins with a dollar sign is ours. */
const membersOf = (schema: JsonObject): readonly string[] =>
  Object.keys(propertiesOf(schema)).filter((name) => !name.startsWith('$'));

const propertiesOf = (schema: JsonObject | undefined): JsonObject =>
  isJsonObject(schema?.['properties']) ? schema['properties'] : {};
