import { faults, files, parts, steps } from '#validators/index';
import type { JsonObject } from '../base/json.ts';
import { listOf } from '../base/json.ts';
import type { Value } from '../base/value.ts';
import { kindSchemaOf, problemsOfArgs } from './schemas/kind-schema.ts';
import type { KindSchema } from './schemas/kind-schema.ts';
import type { ValidationProblem } from './validate.ts';

type Group = 'steps' | 'faults' | 'parts';

interface ValidatorModule {
  readonly validate: { (data: unknown): boolean; errors: readonly ValidationProblem[] | null };
  readonly schema: JsonObject;
}

const MODULES = { files, steps, faults, parts } as Readonly<
  Record<Group | 'files', Readonly<Record<string, ValidatorModule>>>
>;

/** The names of all kinds of a group. */
export const kindNames = (group: Group): readonly string[] => Object.keys(MODULES[group]);

/** Those that were asked for: a file asks at each step. */
const kindSchemas: Readonly<Record<Group, Map<string, KindSchema>>> = {
  steps: new Map(),
  faults: new Map(),
  parts: new Map(),
};

/** The schema of one kind; undefined when there is no such kind. */
export function kindSchema(group: Group, name: string): KindSchema | undefined {
  const known = kindSchemas[group].get(name);
  if (known !== undefined) return known;
  const module = moduleOf(group, name);
  if (module === undefined) return undefined;
  const schema = kindSchemaOf(name, module.schema, (args) => problemsOf(module, args));
  kindSchemas[group].set(name, schema);
  return schema;
}

/** What the schema of a kind of part says of it. */
export interface PartSchema extends KindSchema {
  /** The group of an environment that one stands in as a whole: `databases`. */
  readonly target: string | undefined;
  /** What can break one. */
  readonly faults: readonly string[];
  /** Programs of others that it starts, besides those that it is told. */
  readonly programs: readonly string[];
}

/** Undefined when there is no such kind of part. */
export function partSchema(name: string): PartSchema | undefined {
  const kind = kindSchema('parts', name);
  const schema = moduleOf('parts', name)?.schema;
  if (kind === undefined || schema === undefined) return undefined;
  return {
    ...kind,
    target: schema['x-target'] as string | undefined,
    faults: listOf(schema['x-faults']).map(String),
    programs: listOf(schema['x-programs']).map(String),
  };
}

/** What whole files are held against. */
export interface FileSchema {
  readonly schema: JsonObject;
  readonly validate: (data: unknown) => readonly ValidationProblem[];
}

export function fileSchema(
  name: 'playbook' | 'environment' | 'world' | 'backup' | 'schedule' | 'monitors',
): FileSchema {
  const module = moduleOf('files', name);
  if (module === undefined) throw new Error(`there is no validator of a whole ${name}: build anew`);
  return { schema: module.schema, validate: (data) => problemsOf(module, data) };
}

const moduleOf = (group: Group | 'files', name: string): ValidatorModule | undefined =>
  Object.hasOwn(MODULES[group], name) ? MODULES[group][name] : undefined;

const problemsOf = ({ validate }: ValidatorModule, data: unknown): readonly ValidationProblem[] =>
  validate(data) ? [] : (validate.errors ?? []);

/** Problems of a resolved `with`, by the name of its kind. */
export function validateArgs(kind: string, args: Value): Promise<readonly string[]> {
  const schema = kindSchema('steps', kind);
  return Promise.resolve(
    schema === undefined ? [`there is no step kind "${kind}"`] : problemsOfArgs(schema, args),
  );
}
