import type { Json, JsonObject } from '../base/json.ts';
import { isJsonObject, listOf } from '../base/json.ts';
import { follow } from '../load/schemas/shape.ts';

/** A key that may stand in an object, and what it is for. */
export interface Key {
  readonly name: string;
  readonly schema: JsonObject;
}

/** What may stand at a path of a file: the schemas that describe it, with those that `uses` chooses. */
export function schemasAt(
  root: JsonObject,
  path: readonly string[],
  siblingsOf: (depth: number) => ReadonlyMap<string, string>,
): readonly JsonObject[] {
  let at: readonly JsonObject[] = [root];
  for (const [depth, name] of path.entries()) {
    at = at
      .flatMap((schema) => alternatives(schema, root, siblingsOf(depth)))
      .flatMap((schema) => {
        const next = name === '[]' ? schema['items'] : propertyOf(schema, name);
        return isJsonObject(next) ? [follow(next, root)] : [];
      });
  }
  return at;
}

/** The keys that a place knows. */
export function keysOf(
  schemas: readonly JsonObject[],
  root: JsonObject,
  siblings: ReadonlyMap<string, string>,
): readonly Key[] {
  const found = new Map<string, Key>();
  for (const schema of schemas.flatMap((each) => alternatives(each, root, siblings))) {
    const properties = schema['properties'];
    for (const [name, value] of Object.entries(isJsonObject(properties) ? properties : {})) {
      if (isJsonObject(value) && !found.has(name)) found.set(name, { name, schema: follow(value, root) });
    }
  }
  return [...found.values()];
}

/** The values that a place knows: of a list of them. */
export function valuesOf(schemas: readonly JsonObject[], root: JsonObject): readonly JsonObject[] {
  return schemas
    .flatMap((schema) => alternatives(schema, root, new Map()))
    .flatMap((schema) => {
      const values = listOf(schema['enum']).map((value) => ({ const: value }));
      return schema['const'] === undefined ? values : [...values, schema];
    });
}

/** A schema and all that it consists of; of those that depend on `uses`, the one that is chosen. */
function alternatives(
  schema: JsonObject,
  root: JsonObject,
  siblings: ReadonlyMap<string, string>,
): readonly JsonObject[] {
  const inner = ['anyOf', 'oneOf', 'allOf'].flatMap((key) => listOf(schema[key]).filter(isJsonObject));
  const chosen = inner.flatMap((each) => {
    if (!('if' in each)) return [each];
    const then = each['then'];
    return isJsonObject(then) && holds(each['if'], siblings) ? [then] : [];
  });
  return [schema, ...chosen.flatMap((each) => alternatives(follow(each, root), root, siblings))];
}

function holds(condition: Json | undefined, siblings: ReadonlyMap<string, string>): boolean {
  const properties = isJsonObject(condition) ? condition['properties'] : undefined;
  const uses = isJsonObject(properties) ? properties['uses'] : undefined;
  return isJsonObject(uses) && uses['const'] === siblings.get('uses')?.replace(/^(["'])(.*)\1$/, '$2');
}

function propertyOf(schema: JsonObject, name: string): Json | undefined {
  const properties = schema['properties'];
  if (isJsonObject(properties) && Object.hasOwn(properties, name)) return properties[name];
  return schema['additionalProperties'];
}
