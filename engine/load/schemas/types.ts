import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from 'json-schema-to-typescript';
import ts from 'typescript';
import type { Json, JsonObject } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import { annotation, typesOf } from './shape.ts';

const HEAD = `// Made from schemas/steps/ by \`npm run generate\`: change those and run it again.
import type { Duration } from '../base/duration.ts';
import type { Instant } from '../base/instant.ts';
import type { Value, ValueMap } from '../base/value.ts';
import type { Target } from '../model/environment.ts';
`;

/**
 * The types of what each kind gets and gives, by its name: `With['wait']`, `Output['wait']`. They say what
 * a value is when the kind has it in hand (read.ts), not how it is written in a playbook.
 */
export async function typesOfKinds(folder: string): Promise<string> {
  const schemas = readdirSync(folder)
    .filter((name) => name.endsWith(SUFFIX))
    .sort()
    .map((name) => [name.slice(0, -SUFFIX.length), readSchema(join(folder, name))] as const);
  const parts = [
    ['With', 'What `with` holds when a kind gets it.', 'with'],
    ['Output', 'What a kind gives.', 'output'],
  ] as const;
  const texts = parts.map(async ([name, description, part]) => {
    const members = schemas.map(([kind, schema]) => [kind, partOf(schema, part)] as const);
    return readonlyAliases(await declared(name, description, members));
  });
  return [HEAD, ...(await Promise.all(texts))].join('\n');
}

const SUFFIX = '.schema.json';

const readSchema = (path: string): JsonObject => JSON.parse(readFileSync(path, 'utf8')) as JsonObject;

/** A kind that says nothing of its `with`, or of its output, has none. */
function partOf(schema: JsonObject, part: 'with' | 'output'): JsonObject {
  const properties = schema['properties'];
  const found = isJsonObject(properties) ? properties[part] : undefined;
  return isJsonObject(found) ? found : { type: 'object', additionalProperties: false };
}

function declared(
  name: string,
  description: string,
  members: readonly (readonly [string, JsonObject])[],
): Promise<string> {
  const whole = {
    description,
    type: 'object' as const,
    properties: Object.fromEntries(members.map(([kind, schema]) => [kind, typed(schema)])),
    required: members.map(([kind]) => kind),
    additionalProperties: false,
  };
  return compile(whole, name, { bannerComment: '', format: false, ignoreMinAndMaxItems: true });
}

/** The schema with the type of each value that is more in hand than JSON: times, targets, secrets, anything. */
function typed(schema: JsonObject): JsonObject {
  const type = inHand(schema);
  const described = schema['description'] === undefined ? {} : { description: schema['description'] };
  if (type !== undefined) return { ...described, tsType: type };
  const properties = schema['properties'];
  const rest = schema['additionalProperties'];
  const items = schema['items'];
  return {
    ...schema,
    ...(isJsonObject(properties) && { properties: mapped(properties) }),
    ...(isJsonObject(rest) && { additionalProperties: typed(rest) }),
    ...(isJsonObject(items) && { items: typed(items) }),
  };
}

const mapped = (properties: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(properties).map(([name, schema]): [string, Json] => [
      name,
      isJsonObject(schema) ? typed(schema) : schema,
    ]),
  );

/** Undefined where JSON's own types say it. */
function inHand(schema: JsonObject): string | undefined {
  if (annotation(schema, 'x-target') !== undefined) return 'Target';
  if ('enum' in schema) return undefined;
  const types = typesOf(schema);
  if (types.length === 0) return 'Value';
  const names = types.map((type) => nameOf(type, schema));
  return names.includes(undefined) ? undefined : `(${names.join(' | ')})`;
}

function nameOf(type: string, schema: JsonObject): string | undefined {
  switch (type) {
    case 'string':
      return nameOfText(schema);
    case 'integer':
      return 'number';
    case 'object':
      return nameOfObject(schema);
    case 'array':
      return isJsonObject(schema['items']) ? undefined : 'readonly Value[]';
    default:
      return type;
  }
}

function nameOfText(schema: JsonObject): string {
  const format = annotation(schema, 'x-format');
  return format === 'time' ? 'Instant' : format === 'duration' ? 'Duration' : 'string';
}

/** One that may have any further members is a map of values, whatever is said of some. */
function nameOfObject(schema: JsonObject): string | undefined {
  const { properties, additionalProperties: rest } = schema;
  if (isJsonObject(rest)) return undefined;
  if (rest !== false) return 'ValueMap';
  const isEmpty = !isJsonObject(properties) || Object.keys(properties).length === 0;
  return isEmpty ? 'Readonly<Record<string, never>>' : undefined;
}

/** All members and lists read-only, and types in place of interfaces: what holds values is a map of values only as a type. */
function readonlyAliases(text: string): string {
  const source = ts.createSourceFile('types.ts', text, ts.ScriptTarget.Latest, true);
  const { factory } = ts;
  const readonlyToken = factory.createModifier(ts.SyntaxKind.ReadonlyKeyword);
  const { transformed } = ts.transform(source, [
    (context) => {
      const visit = (node: ts.Node): ts.Node => {
        const inside = ts.visitEachChild(node, visit, context);
        if (ts.isArrayTypeNode(inside) && !isReadonlyOperator(node.parent)) {
          return factory.createTypeOperatorNode(ts.SyntaxKind.ReadonlyKeyword, inside);
        }
        if (ts.isPropertySignature(inside)) {
          const { name, questionToken, type } = inside;
          return factory.updatePropertySignature(inside, [readonlyToken], name, questionToken, type);
        }
        if (ts.isIndexSignatureDeclaration(inside)) {
          return factory.updateIndexSignature(inside, [readonlyToken], inside.parameters, inside.type);
        }
        if (ts.isInterfaceDeclaration(inside)) {
          const body = factory.createTypeLiteralNode(inside.members);
          const alias = factory.createTypeAliasDeclaration(inside.modifiers, inside.name, undefined, body);
          return ts.setTextRange(alias, inside);
        }
        return inside;
      };
      return (file) => ts.visitNode(file, visit, ts.isSourceFile);
    },
  ]);
  const [made] = transformed;
  if (made === undefined) throw new Error('the types were not made');
  return ts.createPrinter().printFile(made);
}

const isReadonlyOperator = (node: ts.Node | undefined): boolean =>
  node !== undefined && ts.isTypeOperatorNode(node) && node.operator === ts.SyntaxKind.ReadonlyKeyword;
