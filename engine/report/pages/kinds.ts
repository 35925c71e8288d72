import type { JsonObject } from '../../base/json.ts';
import { isJsonArray, isJsonObject } from '../../base/json.ts';
import type { Diagnostic } from '../../source/diagnostic.ts';
import type { SourceFile, Span } from '../../source/file.ts';
import { blocks, line, link, table } from './markdown.ts';

/** What the schema of a step kind says of it. */
export interface KindEntry {
  readonly name: string;
  readonly description: string;
  readonly effect: string;
  /** Where it depends: on what. */
  readonly effectNote?: string;
  readonly with: JsonObject;
  readonly output: JsonObject | undefined;
  readonly errors: readonly string[];
}

/** The index of the step reference. */
export function kindsPage(kinds: readonly KindEntry[]): string {
  const familyOf = ({ name }: KindEntry): string => name.split('.', 1)[0] ?? '';
  const families = new Set(
    kinds.map(familyOf).filter((family) => kinds.filter((kind) => familyOf(kind) === family).length > 1),
  );
  const section = (title: string, inside: readonly KindEntry[]): string =>
    blocks(
      `## ${title}`,
      table(
        ['Kind', 'Effect', 'What it does'],
        inside.map(({ name, effect, description }) => [link(name, `${name}.md`), effect, line(description)]),
      ),
    );
  const text = blocks(
    '<!-- Made by `npm run generate` from the schemas of the step kinds: change those and run it again. -->',
    '# Step kinds',
    'What `uses` can name. Each page says what goes into `with`, what comes out as `output`, and how it can fail.',
    section(
      'On their own',
      kinds.filter((kind) => !families.has(familyOf(kind))),
    ),
    ...[...families].map((family) =>
      section(
        family,
        kinds.filter((kind) => familyOf(kind) === family),
      ),
    ),
  );
  return `${text}\n`;
}

/**
 * Holds a page of the step reference, which a person writes in part, against the schema: each member has its
 * line, no line speaks of a member that there is not, the effect is the one that is said, and each error is explained.
 */
export function kindPageProblems(kind: KindEntry, page: SourceFile): readonly Diagnostic[] {
  const problems: Diagnostic[] = [];
  const problem = (message: string, span: Span): void => {
    const hint = `What is true stands in schemas/steps/${kind.name}.schema.json.`;
    problems.push({ code: 'DB092', severity: 'error', message, span, hint });
  };
  for (const part of ['with', 'output'] as const) {
    const schema = kind[part];
    const section = sectionOf(page, part);
    if (section === undefined) {
      problem(`The section "## ${part}" is missing`, spanOf(page, 0, page.text.indexOf('\n')));
      continue;
    }
    const text = page.text.slice(section.start, section.end);
    for (const name of membersOf(schema)) {
      if (!mentions(text, name)) problem(`"${name}" of ${part} is not mentioned`, headingOf(section));
    }
    const known = new Set(allNames(schema ?? {}));
    if (known.size === 0) continue;
    for (const { name, span } of rowsOf(page, section)) {
      if (!known.has(name)) problem(`${part} has no "${name}"`, span);
    }
  }
  const effect = /^(?:## )?Effect\b[^\n]*\n?[^#]*/m.exec(page.text);
  if (effect === null) problem('The effect is not said', spanOf(page, 0, page.text.indexOf('\n')));
  else if (!effect[0].toLowerCase().includes(kind.effect)) {
    problem(
      `The effect is ${kind.effect}`,
      spanOf(page, effect.index, effect.index + effect[0].indexOf('\n')),
    );
  }
  for (const { index, 0: row, 1: name } of page.text.matchAll(/^\| `(\w+)` \| +\|$/gm)) {
    problem(`Nothing is said of "${name ?? ''}"`, spanOf(page, index, index + row.length));
  }
  return problems;
}

const spanOf = (file: SourceFile, start: number, end: number): Span => ({ file, start, end });

/** From the heading to the next one of its level. */
function sectionOf(file: SourceFile, title: string): Span | undefined {
  const start = new RegExp(`^## ${title}$`, 'm').exec(file.text)?.index;
  if (start === undefined) return undefined;
  const next = file.text.indexOf('\n## ', start);
  return spanOf(file, start, next === -1 ? file.text.length : next);
}

const headingOf = ({ file, start }: Span): Span => spanOf(file, start, file.text.indexOf('\n', start));

/** Whether a code span of the text has the name in it, as a word. */
export const mentions = (text: string, name: string): boolean =>
  [...text.matchAll(/`([^`]+)`/g)].some(([, span = '']) =>
    new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(span),
  );

const membersOf = (schema: JsonObject | undefined): readonly string[] =>
  isJsonObject(schema?.['properties']) ? Object.keys(schema['properties']) : [];

/** Names of members at any depth. */
function* allNames(schema: JsonObject): Generator<string> {
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'properties' && isJsonObject(value)) yield* Object.keys(value);
    if (isJsonObject(value)) yield* allNames(value);
    if (isJsonArray(value)) for (const item of value) if (isJsonObject(item)) yield* allNames(item);
  }
}

/** The members that the first table of a section has lines for: code spans of the first column, by their last part. */
function* rowsOf(file: SourceFile, section: Span): Generator<{ readonly name: string; readonly span: Span }> {
  const text = file.text.slice(section.start, section.end);
  for (const row of text.matchAll(/^\| (`[^|]+) \|/gm)) {
    for (const { 1: path = '', index } of (row[1] ?? '').matchAll(/(?<=[`,]\s*)([\w$][^`,]*)(?=[`,])/g)) {
      const start = section.start + row.index + '| '.length + index;
      yield { name: lastPart(path), span: spanOf(file, start, start + path.length) };
    }
  }
}

const lastPart = (path: string): string => path.replace(/\[.*$/, '').split('.').at(-1) ?? path;
