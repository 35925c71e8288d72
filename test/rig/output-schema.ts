import { readFileSync, readdirSync } from 'node:fs';
import { resolve, join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Json, JsonObject } from '../../engine/base/json.ts';
import { isJsonArray, isJsonObject } from '../../engine/base/json.ts';

const OUTPUT = resolve(import.meta.dirname, '..', '..', 'schemas', 'output');

/** The names of all outputs that are described. */
export const OUTPUTS = readdirSync(OUTPUT)
  .map((name) => name.replace('.schema.json', ''))
  .toSorted();

/** As others are told to write moments and days: RFC 3339, in UTC. */
const FORMATS = {
  'date-time': /^-?\d{4,}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z$/,
  date: /^\d{4}-\d{2}-\d{2}$/,
};

/** A schema that is published is open to new members; here each member that is written has to be in it. */
export function violations(name: string): (output: unknown) => readonly string[] {
  const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true, formats: FORMATS })
    .addSchema(schema('run'))
    .compile(schema(name));
  return (output) =>
    validate(output)
      ? []
      : (validate.errors ?? []).map(
          ({ instancePath, message, params }) => `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`,
        );
}

const schema = (name: string): JsonObject =>
  closed(JSON.parse(readFileSync(join(OUTPUT, `${name}.schema.json`), 'utf8')) as JsonObject);

function closed<T extends Json>(schema: T): T;
function closed(schema: Json): Json {
  if (isJsonArray(schema)) return schema.map((each) => closed(each));
  if (!isJsonObject(schema)) return schema;
  const members = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return isJsonObject(schema['properties']) && schema['type'] === 'object'
    ? { ...members, additionalProperties: false }
    : members;
}
