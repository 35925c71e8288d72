import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import standaloneCode from 'ajv/dist/standalone/index.js';
import type { Json, JsonObject } from '../../base/json.ts';
import { isJsonArray, isJsonObject } from '../../base/json.ts';
import { VOCABULARY } from './vocabulary.ts';

/**
 * Compiles schemas to validators, so that a run imports plain functions and no validator
 * library. Runs in the build, before the bundle is made: `schemas/` → `dist/validators/`.
 *
 * Each module exports `validate` and `schema` (without its descriptions): what a field
 * accepts is asked while a playbook is loaded. `index.js` holds them all (validators.d.ts).
 */
export function compileSchemas(from: string, to: string): readonly string[] {
  const problems: string[] = [];
  const write = (name: string, text: string): void => writeChanged(join(to, `${name}.js`), text);
  const attempt = (path: string, compile: () => void): void => {
    try {
      compile();
    } catch (error) {
      problems.push(
        `${relative(process.cwd(), path)}: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  };
  const index = new IndexModule();
  for (const name of WHOLE_FILES) {
    const path = join(from, `${name}.schema.json`);
    attempt(path, () => {
      const schema = readSchema(path);
      write(name, moduleText(validatorCode(schema), schema));
      index.add('files', name, `./${name}.js`);
    });
  }
  for (const group of ['steps', 'faults', 'parts']) {
    const kinds = new Set<string>();
    for (const kind of kindsIn(join(from, group))) {
      const path = join(from, group, `${kind}.schema.json`);
      attempt(path, () => {
        const schema = readSchema(path);
        write(join(group, kind), moduleText(validatorCode(withSchema(schema)), schema));
        kinds.add(kind);
        index.add(group, kind, `./${group}/${kind}.js`);
      });
    }
    removeStale(join(to, group), kinds);
  }
  write('index', index.text());
  return problems;
}

/** Schemas of whole files. */
const WHOLE_FILES = ['playbook', 'environment', 'world', 'backup', 'schedule', 'monitors'];

/** The text of a module that imports all validators and exports them by group and name. */
class IndexModule {
  readonly #imports: string[] = [];
  readonly #groups = new Map<string, string[]>([
    ['files', []],
    ['steps', []],
    ['faults', []],
    ['parts', []],
  ]);

  add(group: string, name: string, path: string): void {
    const local = `v${String(this.#imports.length)}`;
    this.#imports.push(`import * as ${local} from ${JSON.stringify(path)};`);
    this.#groups.get(group)?.push(`${JSON.stringify(name)}: ${local}`);
  }

  text(): string {
    const groups = [...this.#groups].map(
      ([name, members]) => `export const ${name} = { ${members.join(', ')} };`,
    );
    return [...this.#imports, ...groups, ''].join('\n');
  }
}

function validatorCode(schema: JsonObject): string {
  const ajv = new Ajv2020({
    allErrors: true,
    allowUnionTypes: true,
    strictRequired: false,
    strictTuples: false,
    messages: false,
    // Dates and times are checked by x-format, which knows more of them.
    validateFormats: false,
    code: { source: true, esm: true, lines: false },
  });
  for (const keyword of VOCABULARY) ajv.addKeyword(keyword);
  const code = standaloneCode.default(ajv, ajv.compile(schema));
  return withoutLibrary(code);
}

/** The schema of `with` alone, with what the file defines beside it. A kind without one takes no arguments. */
function withSchema(schema: JsonObject): JsonObject {
  const properties = schema['properties'];
  const fragment = isJsonObject(properties) ? properties['with'] : undefined;
  const body = isJsonObject(fragment) ? fragment : { type: 'object', additionalProperties: false };
  return { ...body, ...(schema['$defs'] !== undefined && { $defs: schema['$defs'] }) };
}

/** Helpers of the validator library that generated code asks for, written out: the library is not there at run time. */
const HELPERS: readonly (readonly [RegExp, string])[] = [
  [
    /require\("ajv\/dist\/runtime\/ucs2length"\)\.default/g,
    '((text) => { let length = 0; for (const _ of text) length++; return length; })',
  ],
  [
    /require\("ajv\/dist\/runtime\/equal"\)\.default/g,
    '(function equal(a, b) { if (Object.is(a, b)) return true; if (typeof a !== "object" || typeof b !== "object" || a === null || b === null || Array.isArray(a) !== Array.isArray(b)) return false; const keys = Object.keys(a); return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key])); })',
  ],
];

function withoutLibrary(code: string): string {
  let text = code;
  for (const [request, helper] of HELPERS) text = text.replace(request, helper);
  const left = /require\("[^"]*"\)/.exec(text);
  if (left !== null)
    throw new Error(`the validator needs ${left[0]} at run time; say it without that keyword`);
  return text;
}

const moduleText = (code: string, schema: JsonObject): string =>
  `${code}\nexport const schema = ${JSON.stringify(withoutProse(schema))};\n`;

function withoutProse(json: Json): Json {
  if (isJsonArray(json)) return json.map(withoutProse);
  if (!isJsonObject(json)) return json;
  return Object.fromEntries(
    Object.entries(json)
      .filter(
        ([key, value]) => !(['description', 'title', '$comment'].includes(key) && typeof value === 'string'),
      )
      .map(([key, value]) => [key, withoutProse(value)]),
  );
}

function readSchema(path: string): JsonObject {
  const json = JSON.parse(readFileSync(path, 'utf8')) as Json;
  if (!isJsonObject(json)) throw new Error('a schema is an object');
  return json;
}

const SUFFIX = '.schema.json';

const kindsIn = (folder: string): readonly string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith(SUFFIX))
        .map((name) => name.slice(0, -SUFFIX.length))
        .sort()
    : [];

function writeChanged(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${String(process.pid)}`;
  writeFileSync(draft, text);
  renameSync(draft, path); // another build may read it now
}

function removeStale(folder: string, kinds: ReadonlySet<string>): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    if (name.endsWith('.js') && !kinds.has(name.slice(0, -'.js'.length)))
      rmSync(join(folder, name), { force: true });
  }
}

function main(): void {
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  const problems = compileSchemas(join(root, 'schemas'), join(root, 'dist', 'validators'));
  if (problems.length === 0) return;
  process.stderr.write(`${problems.join('\n')}\n`);
  process.exitCode = 1;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) main();
