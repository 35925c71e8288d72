import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Json, JsonObject } from '../../base/json.ts';
import { isJsonArray, isJsonObject } from '../../base/json.ts';
import { exampleOf, snippetBody } from './examples.ts';

/**
 * One schema for editors out of all of them: completion and checks while a playbook is
 * written. `uses` picks the schema of `with` (if/then, one per kind). Where the engine lets
 * `${{ … }}` stand for any value, the bundle says so, because an editor cannot know.
 *
 * `npm run generate` writes it to `schemas/playbook.bundle.schema.json`.
 *
 * @param pages where the pages of the kinds are: their examples are shown beside a kind, and offered as snippets
 * @param own schemas of kinds of a user's own, by their names
 */
export function bundleSchemas(
  folder: string,
  pages: string,
  own: ReadonlyMap<string, JsonObject> = new Map(),
): JsonObject {
  const playbook = readSchema(join(folder, 'playbook.schema.json'));
  const shipped = kindsOf(join(folder, 'steps'));
  const steps = { ...shipped, all: [...shipped.all, ...[...own].map((kind) => kindOf(...kind))] };
  const faults = kindsOf(join(folder, 'faults'));
  const defs = objectAt(playbook, '$defs');
  const bundled: Record<string, Json> = {};
  for (const [name, definition] of Object.entries(defs)) {
    const kinds = name === 'fault' ? faults : steps;
    bundled[name] = isJsonObject(definition) ? withKinds(definition, kinds) : definition;
  }
  bundled['node'] = withExamples(objectAt(bundled, 'node'), steps, pages);
  const whole = {
    ...playbook,
    $id: 'https://drillbook.dev/schemas/playbook.bundle.schema.json',
    $defs: { ...bundled, ...kindDefs('step', steps), ...kindDefs('fault', faults) },
  };
  return withoutAnnotations(whole) as JsonObject;
}

/**
 * The same of a world: `uses` of a part picks the schema of its `with`, and what it says of its environment is an
 * environment's, in which parts may stand. `npm run generate` writes it to `schemas/world.bundle.schema.json`.
 */
export function bundleWorld(folder: string): JsonObject {
  const world = readSchema(join(folder, 'world.schema.json'));
  const environment = readSchema(join(folder, 'environment.schema.json'));
  const parts = kindsOf(join(folder, 'parts'));
  const given = new Set(['version', 'name', 'kind', 'sources']);
  const members = Object.entries(objectAt(environment, 'properties')).filter(([name]) => !given.has(name));
  const ofEnvironments = Object.entries(objectAt(environment, '$defs')).map(
    ([name, definition]): [string, Json] => [
      name,
      isJsonObject(definition) ? orTemplate(definition) : definition,
    ],
  );
  const whole = {
    ...world,
    $id: 'https://drillbook.dev/schemas/world.bundle.schema.json',
    properties: {
      ...objectAt(world, 'properties'),
      environment: {
        ...objectAt(objectAt(world, 'properties'), 'environment'),
        ...{
          properties: membersOrTemplates('properties', Object.fromEntries(members)),
          additionalProperties: false,
        },
      },
    },
    $defs: {
      ...Object.fromEntries(ofEnvironments),
      ...(withKindsInside(objectAt(world, '$defs'), parts) as JsonObject),
      ...kindDefs('part', parts),
    },
  };
  return withoutAnnotations(whole) as JsonObject;
}

interface Kind {
  readonly name: string;
  readonly description: string;
  readonly with: JsonObject;
}

interface Kinds {
  readonly prefix: string;
  readonly all: readonly Kind[];
}

/** Adds the choice by `uses` to every schema below this one that has `uses` and `with` side by side. */
function withKinds(schema: JsonObject, kinds: Kinds): JsonObject {
  const changed = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, withKindsInside(value, kinds)]),
  );
  const properties = schema['properties'];
  if (!isJsonObject(properties) || !('uses' in properties) || !('with' in properties)) return changed;
  const uses = objectAt(properties, 'uses');
  return {
    ...changed,
    properties: {
      ...objectAt(changed, 'properties'),
      uses: {
        ...uses,
        oneOf: kinds.all.map(({ name, description }) => ({ const: name, description })),
      },
    },
    allOf: kinds.all.map(({ name, with: body }) => ({
      if: { properties: { uses: { const: name } }, required: ['uses'] },
      then: {
        properties: { with: { $ref: `#/$defs/${kinds.prefix}.${name}` } },
        ...(body['required'] !== undefined && { required: ['with'] }),
      },
    })),
  };
}

/** What VS Code and those that follow it show and offer: no validator asks for it. */
function withExamples(node: JsonObject, { all }: Kinds, pages: string): JsonObject {
  const examples = all.flatMap(({ name, description }) => {
    const example = exampleOf(name, pages);
    return example === undefined ? [] : [{ name, description, ...example }];
  });
  const shown = new Map(examples.map((each) => [each.name, each]));
  const uses = all.map(({ name, description }) => {
    const example = shown.get(name);
    const markdown =
      example === undefined
        ? {}
        : { markdownDescription: `${description}\n\n\`\`\`yaml\n${example.text}\`\`\`` };
    return { const: name, description, ...markdown };
  });
  const properties = objectAt(node, 'properties');
  return {
    ...node,
    properties: { ...properties, uses: { ...objectAt(properties, 'uses'), oneOf: uses } },
    defaultSnippets: examples.map(({ name, description, step }) => ({
      label: name,
      description,
      body: snippetBody(step),
    })),
  };
}

function withKindsInside(value: Json, kinds: Kinds): Json {
  if (isJsonArray(value)) return value.map((item) => withKindsInside(item, kinds));
  return isJsonObject(value) ? withKinds(value, kinds) : value;
}

const kindDefs = (prefix: string, kinds: Kinds): JsonObject =>
  Object.fromEntries(kinds.all.map(({ name, with: body }) => [`${prefix}.${name}`, orTemplate(body)]));

const TEMPLATE = { type: 'string', pattern: '\\$\\{\\{' };

/** A schema as it is, or a template in its place; a text needs no such choice, a text that is taken as it is has none. */
function orTemplate(schema: JsonObject): JsonObject {
  const inside = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, membersOrTemplates(key, value)]),
  );
  const takesAny =
    schema['type'] === undefined && schema['enum'] === undefined && schema['const'] === undefined;
  const isPlain = schema['x-plain'] === true;
  const isText =
    schema['type'] === 'string' && schema['pattern'] === undefined && schema['enum'] === undefined;
  if (takesAny || isPlain || isText) return inside;
  const { description, ...rest } = inside;
  return { ...(description !== undefined && { description }), anyOf: [rest, TEMPLATE] };
}

function membersOrTemplates(keyword: string, value: Json): Json {
  if (!isJsonObject(value)) return value;
  if (keyword === 'items' || keyword === 'additionalProperties') return orTemplate(value);
  if (keyword !== 'properties') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, schema]) => [name, isJsonObject(schema) ? orTemplate(schema) : schema]),
  );
}

function withoutAnnotations(json: Json): Json {
  if (isJsonArray(json)) return json.map(withoutAnnotations);
  if (!isJsonObject(json)) return json;
  return Object.fromEntries(
    Object.entries(json)
      .filter(([key]) => !key.startsWith('x-'))
      .map(([key, value]) => [key, withoutAnnotations(value)]),
  );
}

function objectAt(schema: JsonObject, key: string): JsonObject {
  const value = schema[key];
  return isJsonObject(value) ? value : {};
}

const SUFFIX = '.schema.json';

/** What the definitions of the kinds of a folder are called in a bundle. */
const PREFIXES: Readonly<Record<string, string>> = { steps: 'step', faults: 'fault', parts: 'part' };

function kindsOf(folder: string): Kinds {
  const prefix = PREFIXES[basename(folder)] ?? '';
  const names = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith(SUFFIX))
        .sort()
    : [];
  const all = names.map((file) => kindOf(file.slice(0, -SUFFIX.length), readSchema(join(folder, file))));
  return { prefix, all };
}

function kindOf(name: string, schema: JsonObject): Kind {
  const description = schema['description'];
  return {
    name,
    description: typeof description === 'string' ? description : '',
    with: objectAt(objectAt(schema, 'properties'), 'with'),
  };
}

function readSchema(path: string): JsonObject {
  const json = JSON.parse(readFileSync(path, 'utf8')) as Json;
  return isJsonObject(json) ? json : {};
}
