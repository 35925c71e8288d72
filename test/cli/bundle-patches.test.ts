import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Parser } from 'yaml';
import type { CST } from 'yaml';
import { plainLexer, plainParser } from '../../engine/cli/bundle-patches.ts';
import { Dice } from '../rig/mutation.ts';
import { SEED } from '../rig/seed.ts';
import { mutateText } from '../torture/mutated/mutate.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');
const YAML = join(createRequire(import.meta.url).resolve('yaml'), '..', 'parse');

interface PlainParser {
  parse(text: string): readonly CST.Token[];
}

/** A module of yaml as the bundle has it. */
function patched(name: string, patch: (code: string) => string, others: object = {}): object {
  const path = join(YAML, name);
  const module = { exports: {} };
  const requireOf = createRequire(path);
  const require = (id: string): unknown => Reflect.get(others, id) ?? requireOf(id);
  const code = `(exports, require) => {${patch(readFileSync(path, 'utf8'))}\n}`;
  (eval(code) as (exports: object, require: unknown) => void)(module.exports, require);
  return module.exports;
}

const lexer = patched('lexer.js', plainLexer);
const plain = patched('parser.js', plainParser, { './lexer.js': lexer }) as {
  readonly Parser: new () => PlainParser;
};

const playbooks = ['', 'procedures', 'checklists', 'environments'].flatMap((folder) =>
  readdirSync(join(ROOT, 'playbooks', folder))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => readFileSync(join(ROOT, 'playbooks', folder, name), 'utf8')),
);

const expectSame = (text: string): void =>
  expect(JSON.stringify(new plain.Parser().parse(text))).toBe(JSON.stringify([...new Parser().parse(text)]));

describe('the parser of yaml in the bundle', () => {
  it('finds what that of the library finds in the shipped files', () => {
    expect(playbooks.length).toBeGreaterThan(20);
    for (const text of playbooks) expectSame(text);
  });

  it.each([
    ['nothing', ''],
    ['several documents and directives', '%YAML 1.2\n---\na: 1\n...\n# between\n---\nb: 2\n--- c\n'],
    ['a byte order mark and lines that end as on Windows', '\ufeffa: 1\r\nb:\r\n  - "x\r\n    y"\r\n'],
    ['anchors, aliases and tags', 'a: &x !!map {b: !<tag:c> 1}\nc: *x\n? - k\n: v\n'],
    ['scalars of several lines', 'a: |+2\n    x\n\n  y\nb: >-\n  folded\n  text\nc: plain\n  goes on\n'],
    ['braces and brackets over lines', 'a: {b: [1, 2,\n  3], "c": d, ? e : f}\n'],
    ['what never ends', 'a: "x\n'],
    ['a bracket that is not closed', 'a: [b, {c: d\ne: f\n'],
    ['brackets that were never opened', 'a: ]\n}: 1\n'],
    ['tabs', 'a:\n\tb: 1\n- c\t: |\n \tx\n'],
    ['indents that go back half of the way', 'a:\n    b:\n  c: 1\n - d\n'],
  ])('finds the same in %s', (_, text) => {
    expectSame(text);
  });

  it(`finds the same in 200 mutated playbooks (seed ${SEED})`, () => {
    for (let index = 0; index < 200; index++) {
      const dice = new Dice(SEED, index);
      expectSame(mutateText(dice.pick(playbooks), dice, playbooks));
    }
  });
});

describe('a patch', () => {
  it('stops the build where the library is written in another way', () => {
    expect(() => plainLexer('function* lex() {}')).toThrow('written in another way');
    expect(() => plainParser('class Parser {}')).toThrow('no longer has');
  });
});
