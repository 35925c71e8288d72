import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadOutsideKind } from '../../engine/kinds/outside/load.ts';
import { everyOwnKind } from '../../engine/load/own-kinds.ts';
import { isOwnKindName } from '../../engine/model/own-kind.ts';
import { kindNames } from '../../engine/load/stepschema.ts';
import { SCHEMA } from '../rig/own-kind/project.ts';

const GOOD = `export default { name: 'own.a', effect: () => 'read', describe: () => 'a', targets: () => [], run: () => ({}) };\n`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drillbook-own-kinds-'));
  mkdirSync(join(folder, 'kinds'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What is wrong with the files of `kinds/`, code included: `DB146:3 message`. */
async function problems(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'kinds', name), text);
  const { kinds, diagnostics } = await everyOwnKind(folder);
  const code = await Promise.all(kinds.map(loadOutsideKind));
  return [...diagnostics, ...code.flatMap((kind) => (kind.ok ? [] : [kind.error]))].map(
    ({ code: number, message, span, hint }) => {
      expect(hint).toBeDefined();
      const line = span === undefined ? '' : `:${String(span.file.position(span.start).line)}`;
      return `${number}${line} ${message}`;
    },
  );
}

const withSchema = (text: string) => problems({ 'own.a.js': GOOD, 'own.a.schema.json': text });
const withCode = (text: string) => problems({ 'own.a.js': text, 'own.a.schema.json': SCHEMA });

describe('a kind of a user’s own', () => {
  it('has a name that no shipped kind can have', () => {
    expect(kindNames('steps').filter((name) => name.startsWith('own'))).toEqual([]);
    expect(['own.rotate-key', 'own.a1'].every(isOwnKindName)).toBe(true);
    expect(['own.', 'own.A', 'own.a.b', 'own.a--b', 'shell', 'own', 'aws.x'].filter(isOwnKindName)).toEqual(
      [],
    );
  });

  it('is nothing to complain of when all is in order', async () => {
    expect(
      await problems({ 'own.a.js': GOOD, 'own.a.schema.json': SCHEMA, 'README.md': 'x', 'own.a.d.ts': '' }),
    ).toEqual([]);
  });

  it.each([
    ['DB143', { 'rotate.js': GOOD }, 'DB143:1 The name of this file'],
    ['DB143, of a shipped name', { 'shell.js': GOOD, 'shell.schema.json': SCHEMA }, 'DB143:1 The name'],
    ['DB143, of another ending', { 'own.a.mjs': GOOD }, 'DB143:1 The name'],
    [
      'DB144',
      { 'own.a.js': GOOD, 'own.a.ts': GOOD, 'own.a.schema.json': SCHEMA },
      'DB144:1 There are two files',
    ],
    ['DB145, without a schema', { 'own.a.js': GOOD }, 'DB145:1 The kind own.a lacks own.a.schema.json'],
    [
      'DB145, without code',
      { 'own.a.schema.json': SCHEMA },
      'DB145:1 The kind own.a lacks own.a.js or own.a.ts',
    ],
  ])('%s is told of its files', async (_, files, expected) => {
    expect((await problems(files))[0]).toContain(expected);
  });

  it.each([
    ['no JSON', '{\n "properties": {\n  oops\n }}', 'DB146:3 This is not JSON'],
    ['cut off', '{\n', 'DB146:2 This is not JSON'],
    ['no object', '[]', 'DB146:1 A schema is an object'],
    ['neither with nor output', '{ "type": "object" }', 'DB146:1 The schema says neither'],
    [
      'another part',
      '{\n "properties": {\n "with": { "type": "object" },\n "input": {} } }',
      'DB146:4 A kind has no "input"',
    ],
    [
      'with of another type',
      '{ "properties": {\n "with": { "type": "string" } } }',
      'DB146:2 "with" must be a schema of type object',
    ],
    [
      'a type that is none',
      '{ "properties": { "with": { "type": "object", "properties": {\n "a": { "type": "strin" } } } } }',
      'DB146:2 This is no JSON Schema',
    ],
    [
      'a keyword that is none',
      '{ "properties": { "with": { "type": "object",\n "propertees": {} } } }',
      'DB146:1 This is no JSON Schema that drillbook can use: strict mode: unknown keyword: "propertees"',
    ],
    [
      'a format that is none',
      '{ "properties": { "output": { "type": "object", "properties": { "at": { "type": "string", "x-format": "tiem" } } } } }',
      'DB146:1 This is no JSON Schema that drillbook can use',
    ],
    [
      'a reference',
      '{ "properties": { "with": { "type": "object", "properties": {\n "a": { "$ref": "#/x" } } } } }',
      'DB146:2 References are not followed',
    ],
    [
      'what the code says',
      '{ "properties": { "with": { "type": "object" } },\n "x-effect": "read" }',
      'DB146:2 "x-effect" says nothing here',
    ],
  ])('DB146 is told of a schema with %s', async (_, text, expected) => {
    expect((await withSchema(text))[0]).toContain(expected);
  });

  it.each([
    [
      'throws at import',
      `throw new Error('no vault');\n${GOOD}`,
      'DB147:1 The file cannot be loaded: no vault',
    ],
    ['is no module', 'export default {{', 'DB147:1 The file cannot be loaded'],
    ['exports nothing', 'export const a = 1;', 'DB147:1 The file exports no kind as its default'],
    [
      'exports something else',
      'export default 1;',
      'DB147:1 The file exports no kind as its default, but a number',
    ],
    [
      'has another name',
      GOOD.replace('own.a', 'own.b'),
      'DB147:1 The kind says that its name is "own.b", and its file says own.a',
    ],
    [
      'lacks methods',
      `export default { name: 'own.a', run() {} };`,
      'DB147:1 The kind lacks the methods effect, describe, targets',
    ],
    [
      'imports a file',
      `\nimport './b.js';\n${GOOD}`,
      'DB148:2 The digest of this file does not cover ./b.js',
    ],
    ['gives on a file', `${GOOD}export * from '/tmp/b.js';`, 'DB148:2 The digest'],
    ['imports code', `import 'data:text/javascript,1';\n${GOOD}`, 'DB148:1 The digest'],
    ['imports a file of its package', `import '#b';\n${GOOD}`, 'DB148:1 The digest'],
    ['imports a file later', `${GOOD}const b = () => import('./b.js');`, 'DB148:2 The digest'],
    [
      'imports what nobody knows',
      `${GOOD}const b = (x) => import(x);`,
      'DB148:2 What this import loads is not known',
    ],
  ])('is told of code that %s', async (_, text, expected) => {
    expect((await withCode(text))[0]).toContain(expected);
  });

  it('may import modules of Node.js and packages, and know where it is', async () => {
    expect(await withCode(`import 'node:fs';\nimport 'fs';\nimport.meta.url;\n${GOOD}`)).toEqual([]);
  });

  it('TypeScript is taken where Node.js runs it, and told of elsewhere (DB149)', async () => {
    const [first] = await problems({ 'own.a.ts': GOOD, 'own.a.schema.json': SCHEMA });
    const { typescript } = process.features as { readonly typescript?: unknown };
    expect(first).toEqual(
      typescript ? undefined : expect.stringMatching(/^DB149:1 Node\.js .* does not run TypeScript$/),
    );
  });

  it('is refused when it is another file by the time it is loaded', async () => {
    await withCode(GOOD);
    const { kinds } = await everyOwnKind(folder);
    writeFileSync(join(folder, 'kinds', 'own.a.js'), `${GOOD}\n`);
    expect(await loadOutsideKind(kinds[0]!)).toMatchObject({ ok: false, error: { code: 'DB147' } });
  });
});
