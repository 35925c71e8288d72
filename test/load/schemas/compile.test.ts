import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { JsonObject } from '../../../engine/base/json.ts';
import { compileSchemas } from '../../../engine/load/schemas/compile.ts';

const WHOLE_FILES = ['playbook', 'environment', 'world', 'backup', 'schedule', 'monitors'];

let base: string;
let from: string;
let to: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'drillbook-test-'));
  from = join(base, 'schemas');
  to = join(base, 'validators');
  mkdirSync(join(from, 'steps'), { recursive: true });
  for (const name of WHOLE_FILES) {
    writeFileSync(join(from, `${name}.schema.json`), JSON.stringify({ type: 'object' }));
  }
});

afterEach(() => rmSync(base, { recursive: true }));

const step = (name: string, body: JsonObject): void =>
  writeFileSync(
    join(from, 'steps', `${name}.schema.json`),
    JSON.stringify({ properties: { with: body }, 'x-effect': 'read' }),
  );

interface Module {
  readonly validate: (data: unknown) => boolean;
}

async function load(name: string): Promise<Module> {
  const module: unknown = await import(/* @vite-ignore */ pathToFileURL(join(to, name)).href);
  return module as Module;
}

test('a validator needs nothing but itself', async () => {
  step('a', {
    type: 'object',
    properties: { name: { type: 'string', minLength: 2 }, list: { type: 'array', uniqueItems: true } },
  });
  expect(compileSchemas(from, to)).toEqual([]);
  const text = readFileSync(join(to, 'steps/a.js'), 'utf8');
  expect(text).not.toMatch(/\brequire\(|\bimport\b/);
  const { validate } = await load('steps/a.js');
  expect(validate({ name: '😀😀', list: [{ a: 1 }, { a: 2 }] })).toBe(true);
  expect(validate({ name: '😀' })).toBe(false);
  expect(validate({ list: [{ a: 1 }, { a: 1 }] })).toBe(false);
});

test('the index holds every validator by its group and name', async () => {
  step('a', { type: 'object' });
  compileSchemas(from, to);
  const index = (await load('index.js')) as unknown as Record<string, Record<string, { schema: JsonObject }>>;
  expect(Object.keys(index['files'] ?? {})).toEqual(WHOLE_FILES);
  expect(index['steps']?.['a']?.schema['x-effect']).toBe('read');
});

test('a schema that is wrong is named, and the others are compiled', () => {
  step('good', { type: 'object' });
  step('bad', { type: 'objekt' });
  expect(compileSchemas(from, to)).toEqual([expect.stringContaining('bad.schema.json') as string]);
  expect(readdirSync(join(to, 'steps'))).toEqual(['good.js']);
});

test('the validator of a kind that is gone goes', () => {
  step('a', { type: 'object' });
  step('b', { type: 'object' });
  compileSchemas(from, to);
  rmSync(join(from, 'steps/a.schema.json'));
  compileSchemas(from, to);
  expect(readdirSync(join(to, 'steps'))).toEqual(['b.js']);
});
