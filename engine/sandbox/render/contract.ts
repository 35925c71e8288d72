import { readFile } from 'node:fs/promises';
import type { Ajv2020, ValidateFunction } from 'ajv/dist/2020.js';
import { Instant } from '../../base/instant.ts';
import type { Json } from '../../base/json.ts';

const FILE = new URL('../../../schemas/render-api.json', import.meta.url);

/** The part of an OpenAPI document that is used here. */
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationDocument>>>>;
  readonly components: { readonly parameters: Readonly<Record<string, ParameterDocument>> };
}

interface OperationDocument {
  readonly operationId: string;
  readonly parameters?: readonly { readonly $ref: string }[];
  readonly requestBody?: { readonly required?: boolean };
  readonly responses: Readonly<Record<string, { readonly $ref?: string; readonly content?: object }>>;
  readonly 'x-rate-limit-bucket': string;
}

interface ParameterDocument {
  readonly name: string;
  readonly in: string;
  readonly explode?: boolean;
  readonly schema: { readonly type?: string };
}

/** One call of the API as the document describes it. */
export interface Operation {
  readonly id: string;
  readonly rateLimit: string;
  /** What stood for the `{names}` of the path. */
  readonly path: Readonly<Record<string, string>>;
  /** The query's parameters as values; what is wrong with them and the body is in `problems`. */
  readRequest(
    query: URLSearchParams,
    body: Json | undefined,
  ): { readonly query: Readonly<Record<string, Json>>; readonly problems: readonly string[] };
  /** What is wrong with an answer; empty when it is as the document says. */
  checkResponse(status: number, body: Json | undefined): readonly string[];
}

/** Render's API as `render-api.json` describes it: which calls there are, and what may go in and out. */
export class Contract {
  readonly #document: Document;
  readonly #ajv: Ajv2020;
  readonly #validators = new Map<string, ValidateFunction>();

  private constructor(document: Document, ajv: Ajv2020) {
    this.#document = document;
    this.#ajv = ajv;
  }

  static async load(): Promise<Contract> {
    const { Ajv2020 } = await import('ajv/dist/2020.js');
    const document = JSON.parse(await readFile(FILE, 'utf8')) as Document;
    const ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false });
    ajv.addFormat('date-time', (text: string) => Instant.parse(text) !== undefined);
    ajv.addFormat('password', true);
    ajv.addSchema(document, 'render');
    return new Contract(document, ajv);
  }

  /** The call behind a method and a path below `/v1`; undefined when there is none. */
  find(method: string, path: string): Operation | undefined {
    for (const [template, methods] of Object.entries(this.#document.paths)) {
      const values = matchPath(template, path);
      const operation = methods[method.toLowerCase()];
      if (values === undefined || operation === undefined) continue;
      const pointer = ['paths', template, method.toLowerCase()];
      return {
        id: operation.operationId,
        rateLimit: operation['x-rate-limit-bucket'],
        path: values,
        readRequest: (query, body) => this.#readRequest(operation, pointer, query, body),
        checkResponse: (status, body) => this.#checkResponse(operation, pointer, status, body),
      };
    }
    return undefined;
  }

  #readRequest(
    operation: OperationDocument,
    pointer: readonly string[],
    query: URLSearchParams,
    body: Json | undefined,
  ): ReturnType<Operation['readRequest']> {
    const values: Record<string, Json> = {};
    const problems: string[] = [];
    for (const { $ref } of operation.parameters ?? []) {
      const name = $ref.slice($ref.lastIndexOf('/') + 1);
      const parameter = this.#document.components.parameters[name];
      if (parameter?.in !== 'query' || !query.has(parameter.name)) continue;
      const value = readParameter(parameter, query.getAll(parameter.name));
      values[parameter.name] = value;
      const schema = ['components', 'parameters', name, 'schema'];
      problems.push(...this.#problems(schema, value).map((problem) => `${parameter.name}: ${problem}`));
    }
    if (operation.requestBody !== undefined) {
      if (body !== undefined) {
        problems.push(
          ...this.#problems([...pointer, 'requestBody', 'content', 'application/json', 'schema'], body),
        );
      } else if (operation.requestBody.required === true) problems.push('a body is required');
    }
    return { query: values, problems };
  }

  #checkResponse(
    operation: OperationDocument,
    pointer: readonly string[],
    status: number,
    body: Json | undefined,
  ): readonly string[] {
    const response = operation.responses[String(status)];
    if (response === undefined)
      return [`the status ${String(status)} is not one of ${operation.operationId}`];
    const shared = response.$ref?.split('/').slice(1);
    if (shared === undefined && response.content === undefined) {
      return body === undefined ? [] : [`the status ${String(status)} has no body`];
    }
    if (body === undefined) return [`the status ${String(status)} has a body`];
    const place = shared ?? [...pointer, 'responses', String(status)];
    return this.#problems([...place, 'content', 'application/json', 'schema'], body);
  }

  #problems(pointer: readonly string[], value: Json): readonly string[] {
    const reference = `render#/${pointer.map(escapePointer).join('/')}`;
    let validate = this.#validators.get(reference);
    if (validate === undefined) {
      validate = this.#ajv.compile({ $ref: reference });
      this.#validators.set(reference, validate);
    }
    if (validate(value)) return [];
    return (validate.errors ?? []).map(({ instancePath, message }) =>
      `${instancePath} ${message ?? ''}`.trim(),
    );
  }
}

function matchPath(template: string, path: string): Record<string, string> | undefined {
  const expected = template.split('/');
  const found = path.split('/');
  if (expected.length !== found.length) return undefined;
  const values: Record<string, string> = {};
  for (const [index, part] of expected.entries()) {
    const value = found[index] ?? '';
    if (part.startsWith('{')) values[part.slice(1, -1)] = decoded(value);
    else if (part !== value) return undefined;
  }
  return values;
}

/** A part that is not encoded properly stays as it is, and so names nothing that exists. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Arrays are comma-joined, or repeated where the document says `explode`; what is no number stays text, and is refused. */
function readParameter(parameter: ParameterDocument, texts: readonly string[]): Json {
  const text = texts[0] ?? '';
  switch (parameter.schema.type) {
    case 'array':
      return parameter.explode === true ? texts : text.split(',');
    case 'integer':
      return /^-?\d+$/.test(text) ? Number(text) : text;
    case 'boolean':
      return text === 'true' || text === 'false' ? text === 'true' : text;
    default:
      return text;
  }
}

const escapePointer = (part: string): string =>
  encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
