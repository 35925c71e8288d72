import { faults, files, steps } from '#validators/index';
import type { JsonObject } from '../base/json.ts';
import type { Value } from '../base/value.ts';
import { kindSchemaOf, problemsOfArgs } from './schemas/kind-schema.ts';
import type { KindSchema } from './schemas/kind-schema.ts';
import type { ValidationProblem } from './validate.ts';

type Group = 'steps' | 'faults';

interface ValidatorModule {
  readonly validate: { (data: unknown): boolean; errors: readonly ValidationProblem[] | null };
  readonly schema: JsonObject;
}

const MODULES = { files, steps, faults } as Readonly<
  Record<Group | 'files', Readonly<Record<string, ValidatorModule>>>
>;

/** The names of all kinds of a group. */
export const kindNames = (group: Group): readonly string[] => Object.keys(MODULES[group]);

/** Those that were asked for: a file asks at each step. */
const kindSchemas = { steps: new Map<string, KindSchema>(), faults: new Map<string, KindSchema>() };

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

/** What whole files are held against. */
export interface FileSchema {
  readonly schema: JsonObject;
  readonly validate: (data: unknown) => readonly ValidationProblem[];
}

export function fileSchema(name: 'playbook' | 'environment' | 'schedule' | 'monitors'): FileSchema {
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
