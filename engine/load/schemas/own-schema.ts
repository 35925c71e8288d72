import { Ajv2020 } from 'ajv/dist/2020.js';
import type { AnySchema, ValidateFunction } from 'ajv/dist/2020.js';
import type { Json, JsonObject } from '../../base/json.ts';
import { isJsonArray, isJsonObject } from '../../base/json.ts';
import { readJson } from '../../base/json-text.ts';
import type { Value } from '../../base/value.ts';
import { isValueList, isValueMap } from '../../base/value.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { Diagnostic } from '../../source/diagnostic.ts';
import type { SourceFile, Span } from '../../source/file.ts';
import { Report } from '../report.ts';
import { atPointer } from '../syntax/tree.ts';
import { parseYaml } from '../syntax/yaml.ts';
import type { ValidationProblem } from '../validate.ts';
import { kindSchemaOf, pointerPart } from './kind-schema.ts';
import type { KindSchema } from './kind-schema.ts';
import { VOCABULARY } from './vocabulary.ts';

/** The schema of a kind of a user's own. */
export interface OwnSchema {
  readonly kind: KindSchema;
  readonly json: JsonObject;
  /** What is wrong with an output, as a schema sees it. */
  readonly validateOutput: KindSchema['validate'];
}

const RIGHT =
  'It is an object with properties.with, properties.output or both, each a JSON Schema of type object (docs/own-kinds.md).';

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

/** What may stand at the top of it. What the kind does to the world is told by its code, and believed by its digest. */
const TOP = ['$schema', '$id', 'title', 'description', 'type', 'properties', 'x-errors', 'x-error-classes'];

/** Reads `<name>.schema.json`: a kind's `with` and output. All that is wrong with it is told, at its line. */
export function readOwnSchema(file: SourceFile, name: string): Result<OwnSchema, readonly Diagnostic[]> {
  const parsed = parseJson(file);
  if (!parsed.ok) return err([parsed.error]);
  const problems = new SchemaProblems(file);
  checkNumbers(parsed.value, '', problems);
  if (problems.found.length > 0) return err(problems.found);
  const json = parsed.value as Json;
  if (!isJsonObject(json)) return err([problems.at('', 'A schema is an object', RIGHT)]);
  checkForm(json, problems);
  checkReferences(json, '', problems);
  if (problems.found.length > 0) return err(problems.found);
  const compiler = new Compiler(problems);
  compiler.checkWhole(json);
  if (problems.found.length > 0) return err(problems.found);
  const validateWith = compiler.compile(json, 'with', { type: 'object', additionalProperties: false });
  const validateOutput = compiler.compile(json, 'output', {});
  if (validateWith === undefined || validateOutput === undefined) return err(problems.found);
  // Whatever the file claims, what it does to the world is not known while it is checked.
  const kind = kindSchemaOf(name, { ...json, 'x-effect': 'unknown' }, problemsBy(validateWith));
  return ok({ kind, json, validateOutput: problemsBy(validateOutput) });
}

const problemsBy =
  (validate: ValidateFunction): KindSchema['validate'] =>
  (data): readonly ValidationProblem[] =>
    validate(data) ? [] : (validate.errors ?? []);

function createAjv(): Ajv2020 {
  const ajv = new Ajv2020({
    allErrors: true,
    allowUnionTypes: true,
    strictRequired: false,
    strictTuples: false,
    validateFormats: false,
    logger: false,
  });
  for (const keyword of VOCABULARY) {
    if (keyword === 'x-format') ajv.addKeyword({ keyword, metaSchema: { enum: ['time', 'duration'] } });
    else ajv.addKeyword(keyword);
  }
  return ajv;
}

class Compiler {
  readonly #problems: SchemaProblems;
  readonly #ajv = createAjv();

  constructor(problems: SchemaProblems) {
    this.#problems = problems;
  }

  checkWhole(json: JsonObject): void {
    const { $schema, ...rest } = json;
    if ($schema !== undefined && $schema !== DIALECT) {
      this.#problems.add('/$schema', 'The schemas of kinds are of JSON Schema 2020-12', RIGHT);
      return;
    }
    if (this.#ajv.validateSchema(rest) === true) return;
    // What is wrong in one place is told once, by the innermost rule that it breaks.
    const [first] = this.#ajv.errors ?? [];
    this.#problems.add(
      first?.instancePath ?? '',
      `This is no JSON Schema: it ${first?.message ?? ''}`,
      RIGHT,
    );
  }

  compile(json: JsonObject, part: 'with' | 'output', absent: JsonObject): ValidateFunction | undefined {
    const properties = isJsonObject(json['properties']) ? json['properties'] : {};
    try {
      return this.#ajv.compile((properties[part] ?? absent) as AnySchema);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#problems.add(
        `/properties/${part}`,
        `This is no JSON Schema that drillbook can use: ${why}`,
        RIGHT,
      );
      return undefined;
    }
  }
}

function checkForm(json: JsonObject, problems: SchemaProblems): void {
  for (const key of Object.keys(json)) {
    if (!TOP.includes(key))
      problems.add(`/${key}`, `"${key}" says nothing here`, `Here may stand ${TOP.join(', ')}.`);
  }
  const properties = isJsonObject(json['properties']) ? json['properties'] : {};
  const parts = Object.entries(properties);
  if (parts.length === 0)
    problems.add('', 'The schema says neither what the kind takes nor what it gives', RIGHT);
  for (const [part, schema] of parts) {
    const place = `/properties/${part}`;
    if (part !== 'with' && part !== 'output')
      problems.add(place, `A kind has no "${part}", but with and output`, RIGHT);
    else if (!isJsonObject(schema) || schema['type'] !== 'object') {
      problems.add(place, `"${part}" must be a schema of type object`, RIGHT);
    }
  }
}

/** A reference would have to be followed by completion, by checks and by editors alike. */
function checkReferences(json: Json, pointer: string, problems: SchemaProblems): void {
  if (isJsonArray(json)) {
    for (const [index, item] of json.entries())
      checkReferences(item, `${pointer}/${String(index)}`, problems);
  }
  if (!isJsonObject(json)) return;
  for (const [key, value] of Object.entries(json)) {
    const place = `${pointer}/${pointerPart(key)}`;
    if (key === '$ref' && typeof value === 'string') {
      problems.add(place, 'References are not followed here', 'Write what it stands for in its place.');
    } else checkReferences(value, place, problems);
  }
}

/** A schema compares with JavaScript's numbers: a bound with more digits would be another one. */
function checkNumbers(value: Value, pointer: string, problems: SchemaProblems): void {
  if (typeof value === 'bigint') {
    problems.add(pointer, `${String(value)} would lose digits here`, 'Write a number that is below 2^53.');
  } else if (isValueList(value) || isValueMap(value)) {
    for (const [key, member] of Object.entries(value)) {
      checkNumbers(member, `${pointer}/${pointerPart(key)}`, problems);
    }
  }
}

/** What is wrong, at the places of a JSON file: read as YAML, which tells where each value stands. */
class SchemaProblems {
  readonly found: Diagnostic[] = [];
  readonly #file: SourceFile;

  constructor(file: SourceFile) {
    this.#file = file;
  }

  add(pointer: string, message: string, hint: string): void {
    this.found.push(this.at(pointer, message, hint));
  }

  at(pointer: string, message: string, hint: string): Diagnostic {
    const tree = parseYaml(this.#file, new Report());
    const span: Span =
      tree === undefined || pointer === ''
        ? { file: this.#file, start: 0, end: 0 }
        : atPointer(tree, pointer).span;
    return { code: 'DB146', severity: 'error', message, hint, span };
  }
}

function parseJson(file: SourceFile): Result<Value, Diagnostic> {
  try {
    return ok(readJson(file.text));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const at = Math.min(Number(/position (\d+)/.exec(why)?.[1] ?? file.text.length), file.text.length);
    return err({
      code: 'DB146',
      severity: 'error',
      message: `This is not JSON: ${why}`,
      span: { file, start: at, end: at },
      hint: RIGHT,
    });
  }
}
