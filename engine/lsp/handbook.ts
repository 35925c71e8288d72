import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json, JsonObject } from '../base/json.ts';
import { isJsonObject, listOf } from '../base/json.ts';

/** A function of expressions, as docs/expressions.md shows it. */
export interface FunctionEntry {
  readonly name: string;
  /** Asked of a value: `text.trim()`. */
  readonly isMethod: boolean;
  readonly example: string;
  readonly gives: string;
  readonly note: string;
}

/** What drillbook ships to be read: what each key and each kind is for, and the functions. Read when first asked for. */
export class Handbook {
  readonly #root: string;
  readonly #schemas = new Map<string, JsonObject>();
  #functions: ReadonlyMap<string, FunctionEntry> | undefined;

  /** @param root the folder with `schemas` and `docs` */
  constructor(root: string) {
    this.#root = root;
  }

  /** A schema by the name of its file below `schemas/`. */
  schema(name: string): JsonObject {
    const known = this.#schemas.get(name) ?? this.#readSchema(name);
    this.#schemas.set(name, known);
    return known;
  }

  #readSchema(name: string): JsonObject {
    try {
      const json = JSON.parse(readFileSync(join(this.#root, 'schemas', name), 'utf8')) as Json;
      return isJsonObject(json) ? json : {};
    } catch {
      return {};
    }
  }

  /** The kinds of steps, with what each does. */
  get kinds(): ReadonlyMap<string, JsonObject> {
    const uses = at(this.schema(PLAYBOOK), '$defs', 'node', 'properties', 'uses', 'oneOf');
    const kinds = listOf(uses).filter(isJsonObject);
    return new Map(
      kinds.flatMap((kind) => (typeof kind['const'] === 'string' ? [[kind['const'], kind]] : [])),
    );
  }

  /** The schema of what a kind of steps gives; undefined for one of a user's own. */
  outputOf(kind: string): JsonObject | undefined {
    const output = /^[\w.-]+$/.test(kind)
      ? at(this.schema(join('steps', `${kind}.schema.json`)), 'properties', 'output')
      : undefined;
    return isJsonObject(output) ? output : undefined;
  }

  get functions(): ReadonlyMap<string, FunctionEntry> {
    return (this.#functions ??= functionsIn(
      readFileSync(join(this.#root, 'docs', 'expressions.md'), 'utf8'),
    ));
  }
}

export const PLAYBOOK = 'playbook.bundle.schema.json';

function at(json: Json, ...names: readonly string[]): Json | undefined {
  let found: Json | undefined = json;
  for (const name of names) found = isJsonObject(found) ? found[name] : undefined;
  return found;
}

/** A row is about the function that it calls last; one that no row is about is shown where it is called first. */
function functionsIn(page: string): ReadonlyMap<string, FunctionEntry> {
  const rows = rowsIn(page);
  const aboutOperators = rowsIn(/^## Operators$.*?(?=^## )/ms.exec(page)?.[0] ?? '').length;
  const found = new Map<string, FunctionEntry>();
  const add = (row: Row, name: string, isMethod: boolean): void => {
    if (!found.has(name)) found.set(name, { ...row, name, isMethod });
  };
  for (const row of rows.slice(aboutOperators)) {
    const method = /\.(\w+)\([^()]*\)$/.exec(row.example)?.[1];
    const first = /^(\w+)\(/.exec(row.example)?.[1];
    if (method !== undefined) add(row, method, true);
    else if (first !== undefined) add(row, first, false);
  }
  for (const row of rows) {
    for (const [, dot, name = ''] of row.example.matchAll(/(\.?)\b([a-z]\w*)\(/g))
      add(row, name, dot === '.');
  }
  return found;
}

type Row = Pick<FunctionEntry, 'example' | 'gives' | 'note'>;

const rowsIn = (page: string): readonly Row[] =>
  Array.from(
    page.matchAll(/^\| `(.+?)` \| (.*?) \|(.*)\|$/gm),
    ([, example = '', gives = '', note = '']) => ({
      example: example.replaceAll('\\|', '|'),
      gives,
      note: note.trim(),
    }),
  );
