import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Json, JsonObject } from '../base/json.ts';
import { isJsonObject, listOf } from '../base/json.ts';
import type { KindEntry } from '../report/pages/kinds.ts';

const SUFFIX = '.schema.json';

/** What the schemas of a folder say of their kinds, as the step reference tells it. */
export function kindEntries(folder: string): readonly KindEntry[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(SUFFIX))
    .sort()
    .map((name) => kindEntry(basename(name, SUFFIX), readSchema(join(folder, name))));
}

function kindEntry(name: string, schema: JsonObject): KindEntry {
  const properties = objectOf(schema['properties']) ?? {};
  const effectNote = textOf(schema['x-effect-note']);
  return {
    name,
    description: textOf(schema['description']) ?? '',
    effect: textOf(schema['x-effect']) ?? 'unknown',
    ...(effectNote !== undefined && { effectNote }),
    with: objectOf(properties['with']) ?? {},
    output: objectOf(properties['output']),
    errors: listOf(schema['x-errors']).map(String),
  };
}

const readSchema = (path: string): JsonObject =>
  objectOf(JSON.parse(readFileSync(path, 'utf8')) as Json) ?? {};

const objectOf = (value: Json | undefined): JsonObject | undefined =>
  isJsonObject(value) ? value : undefined;

const textOf = (value: Json | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;
