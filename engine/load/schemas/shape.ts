import type { Json, JsonObject } from '../../base/json.ts';
import { isJsonObject, listOf } from '../../base/json.ts';

/** The schema of a member of an object, or undefined when nothing is said of it. */
export function memberOf(schema: JsonObject | undefined, name: string): JsonObject | undefined {
  const properties = schema?.['properties'];
  if (isJsonObject(properties) && Object.hasOwn(properties, name)) {
    const found = properties[name];
    return isJsonObject(found) ? found : undefined;
  }
  const rest = schema?.['additionalProperties'];
  return isJsonObject(rest) ? rest : undefined;
}

/** The schema of the items of a list. */
export function itemOf(schema: JsonObject | undefined): JsonObject | undefined {
  const items = schema?.['items'];
  return isJsonObject(items) ? items : undefined;
}

export function annotation(schema: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(schema, name) ? schema[name] : undefined;
}

/** The names that an object may have, when it may have no others. */
export function closedMembers(schema: JsonObject): readonly string[] | undefined {
  return schema['additionalProperties'] === false && isJsonObject(schema['properties'])
    ? Object.keys(schema['properties'])
    : undefined;
}

/** The types of JSON that a value may have; empty when nothing is said. */
export function typesOf(schema: JsonObject): readonly string[] {
  const type = schema['type'];
  if (typeof type === 'string') return [type];
  return listOf(type).filter((name) => typeof name === 'string');
}

/** What the references of a file lead to, found once: every value of a playbook is held against some. */
const followed = new WeakMap<JsonObject, Map<JsonObject, JsonObject>>();

/** Follows a `$ref` inside the same file; what stands beside it counts too. */
export function follow(schema: JsonObject, root: JsonObject): JsonObject {
  const target = schema['$ref'];
  if (typeof target !== 'string' || !target.startsWith('#/')) return schema;
  const known = followed.get(root) ?? new Map<JsonObject, JsonObject>();
  followed.set(root, known);
  const found = known.get(schema) ?? followAnew(schema, target, root);
  known.set(schema, found);
  return found;
}

function followAnew(schema: JsonObject, target: string, root: JsonObject): JsonObject {
  let at: Json | undefined = root;
  for (const part of target.slice(2).split('/')) at = isJsonObject(at) ? at[part] : undefined;
  return isJsonObject(at) ? { ...follow(at, root), ...schema } : schema;
}

/** The schema of the value that a JSON pointer names, as far as the schema says one. */
export function schemaAt(root: JsonObject, pointer: string): JsonObject | undefined {
  let at: JsonObject | undefined = follow(root, root);
  for (const part of pointer.split('/').slice(1)) {
    if (at === undefined) return undefined;
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    const next: JsonObject | undefined = memberOf(at, name) ?? (/^\d+$/.test(name) ? itemOf(at) : undefined);
    at = next === undefined ? undefined : follow(next, root);
  }
  return at;
}
