import { Duration } from '../base/duration.ts';
import { Instant } from '../base/instant.ts';
import type { JsonObject } from '../base/json.ts';
import { isJsonObject } from '../base/json.ts';
import { isValueList, isValueMap } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import { isHandle } from '../model/handle.ts';
import type { Effect } from '../model/playbook.ts';
import { describeProblem } from './validate.ts';
import type { ValidationProblem } from './validate.ts';
import { annotation, itemOf, memberOf } from './schemas/shape.ts';

/** What the schema of a step kind or a fault kind says. */
export interface KindSchema {
  readonly name: string;
  readonly effect: Effect;
  readonly with: JsonObject;
  /** Undefined when nothing is said of the output. */
  readonly output: JsonObject | undefined;
  validate(args: unknown): readonly ValidationProblem[];
}

type Group = 'steps' | 'faults';

interface Validator {
  (data: unknown): boolean;
  errors: readonly ValidationProblem[] | null;
}

interface ValidatorModule {
  readonly validate: Validator;
  readonly schema: JsonObject;
}

type Catalog = Readonly<Record<Group, Readonly<Record<string, string | null>>>>;

/** A module of `dist/validators`. They are compiled from the schemas by the build, so no type knows them. */
async function importValidator(name: string): Promise<unknown> {
  const module = `#validators/${name}`;
  return import(module);
}

let catalog: Promise<Catalog> | undefined;
const loaded = new Map<string, Promise<KindSchema | undefined>>();

async function readCatalog(): Promise<Catalog> {
  catalog ??= importValidator('catalog').then((module) => (module as { catalog: Catalog }).catalog);
  return catalog;
}

/** The names of all kinds of a group. */
export async function kindNames(group: Group): Promise<readonly string[]> {
  return Object.keys((await readCatalog())[group]);
}

/** The schema of one kind, of which only its own module is loaded; undefined when there is no such kind. */
export async function kindSchema(group: Group, name: string): Promise<KindSchema | undefined> {
  const key = `${group}/${name}`;
  const known = loaded.get(key) ?? loadKind(group, name);
  loaded.set(key, known);
  return known;
}

async function loadKind(group: Group, name: string): Promise<KindSchema | undefined> {
  const effects = (await readCatalog())[group];
  if (!Object.hasOwn(effects, name)) return undefined;
  const { validate, schema } = (await importValidator(`${group}/${name}`)) as ValidatorModule;
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  return {
    name,
    effect: (effects[name] ?? 'unknown') as Effect,
    with: isJsonObject(properties['with']) ? properties['with'] : {},
    output: isJsonObject(properties['output']) ? properties['output'] : undefined,
    validate: (args) => (validate(args) ? [] : (validate.errors ?? [])),
  };
}

/** The validator of whole files. */
export async function fileSchema(name: 'playbook' | 'environment'): Promise<KindSchema> {
  const { validate, schema } = (await importValidator(name)) as ValidatorModule;
  return {
    name,
    effect: 'none',
    with: schema,
    output: undefined,
    validate: (data) => (validate(data) ? [] : (validate.errors ?? [])),
  };
}

/**
 * Problems of a resolved `with`, as `path: message`; empty when it is valid. What the
 * schema marks is taken as it is at run time: a duration or a time as a value of its
 * own, a handle where a secret or a target may stand.
 */
export async function validateArgs(kind: string, args: Value): Promise<readonly string[]> {
  const schema = await kindSchema('steps', kind);
  if (schema === undefined) return [`there is no step kind "${kind}"`];
  const exempt: string[] = [];
  const problems: string[] = [];
  const prepared = prepare(args, schema.with, '', { exempt, problems });
  for (const problem of schema.validate(prepared)) {
    if (exempt.some((path) => isWithin(problem.instancePath, path))) continue;
    problems.push(`${where(problem.instancePath)}: ${describeProblem(problem, schema.with).message}`);
  }
  return problems;
}

interface Notes {
  /** Places of handles: what a schema says of their form does not concern them. */
  readonly exempt: string[];
  readonly problems: string[];
}

function prepare(value: Value, schema: JsonObject | undefined, path: string, notes: Notes): unknown {
  if (isHandle(value) && schema !== undefined) {
    if (annotation(schema, 'x-accepts') !== undefined || annotation(schema, 'x-target') !== undefined) {
      notes.exempt.push(path);
    }
    return value;
  }
  const format = schema === undefined ? undefined : annotation(schema, 'x-format');
  if (value instanceof Instant && format === 'time') return value.toString();
  if (value instanceof Duration && format === 'duration') return value.toString();
  if (typeof value === 'string') {
    if (format === 'time' && Instant.parse(value) === undefined) {
      notes.problems.push(`${where(path)}: "${value}" is no time with an offset`);
    }
    if (format === 'duration' && Duration.parse(value) === undefined) {
      notes.problems.push(`${where(path)}: "${value}" is no duration`);
    }
  }
  if (typeof value === 'bigint') return Number(value);
  if (isValueList(value)) {
    return value.map((item, index) => prepare(item, itemOf(schema), `${path}/${String(index)}`, notes));
  }
  if (!isValueMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      prepare(member, memberOf(schema, key), `${path}/${pointerPart(key)}`, notes),
    ]),
  );
}

const pointerPart = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

const isWithin = (path: string, outer: string): boolean => path === outer || path.startsWith(`${outer}/`);

const where = (path: string): string =>
  path === '' ? 'with' : path.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~');
