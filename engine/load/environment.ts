import type { JsonObject } from '../base/json.ts';
import type { Value, ValueMap } from '../base/value.ts';
import { isValueMap, valueMap } from '../base/value.ts';
import { TARGET_GROUPS } from '../model/environment.ts';
import { dataMap } from '../model/handle.ts';
import type { Environment, EnvironmentKind, Policy } from '../model/environment.ts';
import type { SourceFile } from '../source/file.ts';
import { checkApplication } from './application.ts';
import { checkAwsCallers } from './aws-callers.ts';
import { loadSources, readableOf } from './environment-sources.ts';
import type { OtherEnvironments, Sources } from './environment-sources.ts';
import { checkFingerprints } from './fingerprints.ts';
import { checkFormats } from './formats.ts';
import type { Loaded } from './playbook.ts';
import { checkPublicName } from './public-name.ts';
import { Report } from './report.ts';
import { annotation, follow, itemOf, memberOf } from './schemas/shape.ts';
import { checkStore, checkWaiting } from './shared-store.ts';
import { fileSchema } from './stepschema.ts';
import { entries, member, stringOf, toJson } from './syntax/tree.ts';
import type { Tree } from './syntax/tree.ts';
import { parseYaml } from './syntax/yaml.ts';
import { reportProblems } from './validate.ts';

/**
 * Reads an environment: its secrets become handles, its targets know their own paths.
 *
 * @param find where the environments that it reads from are; it knows none without
 */
export async function loadEnvironment(
  file: SourceFile,
  find: OtherEnvironments = () => Promise.resolve(undefined),
): Promise<Loaded<Environment>> {
  const report = new Report();
  const { tree, environment } = loadOne(file, report);
  const load = (other: SourceFile): Environment | undefined => {
    const found = new Report();
    const { environment: source } = loadOne(other, found);
    return found.failed ? undefined : source;
  };
  if (tree === undefined || environment === undefined)
    return { value: undefined, diagnostics: report.diagnostics, sources: [file] };
  const sources = await loadSources({ tree, own: environment, find, load, report });
  const value = report.failed ? undefined : withSources(environment, tree, sources);
  if (value !== undefined) checkFingerprints(tree, value, report);
  const files = [file, ...Object.values(sources).map((source) => source.file)];
  return { value, diagnostics: report.diagnostics, sources: files };
}

function withSources(environment: Environment, tree: Tree, sources: Sources): Environment {
  if (Object.keys(sources).length === 0) return environment;
  return { ...environment, sources, data: { ...environment.data, sources: readableOf(tree, sources) } };
}

/** The file by itself, without the environments that it reads from. */
function loadOne(
  file: SourceFile,
  report: Report,
): { readonly tree?: Tree; readonly environment?: Environment } {
  const tree = parseYaml(file, report);
  if (tree === undefined) return {};
  const { schema, validate } = fileSchema('environment');
  reportProblems(validate(toJson(tree)), tree, schema, report);
  checkFormats(tree, schema, report);
  const built = report.failed ? undefined : build(tree, file, new Reader(schema, report));
  checkAwsCallers(tree, report);
  checkApplication(tree, report);
  checkPublicName(tree, report);
  checkStore(tree, report);
  checkWaiting(tree, report);
  return built === undefined || report.failed ? { tree } : { tree, environment: built };
}

function build(tree: Tree, file: SourceFile, reader: Reader): Environment {
  return {
    name: stringOf(member(tree, 'name')) ?? '',
    kind: (stringOf(member(tree, 'kind')) ?? 'production') as EnvironmentKind,
    data: withTargets(reader.members(tree)),
    policy: policyOf(member(tree, 'policy')),
    file,
  };
}

/** What an environment that says nothing of it demands. */
const STRICT: Policy = { typedNames: 'destructive', allowScripts: false };

function policyOf(tree: Tree | undefined): Policy {
  const typedNames = stringOf(member(tree, 'typedNames')) as Policy['typedNames'] | undefined;
  const scripts = member(tree, 'allowScripts');
  const kinds = entries(member(tree, 'kinds')).map(({ key, value }) => [key, stringOf(value) ?? ''] as const);
  return {
    typedNames: typedNames ?? STRICT.typedNames,
    allowScripts: scripts?.type === 'scalar' ? scripts.value === true : STRICT.allowScripts,
    ...(kinds.length !== 0 && { kinds: Object.fromEntries(kinds) }),
  };
}

/** Each target knows its own path. */
function withTargets(data: ValueMap): ValueMap {
  const groups = TARGET_GROUPS.flatMap((group): [string, ValueMap][] => {
    const found = data[group];
    return isValueMap(found) ? [[group, groupOf(group, found)]] : [];
  });
  return { ...data, ...valueMap(groups) };
}

const groupOf = (group: string, targets: ValueMap): ValueMap =>
  valueMap(
    Object.entries(targets).map(([key, target]) => [
      key,
      isValueMap(target) ? { ...target, $target: `${group}.${key}` } : target,
    ]),
  );

/** Reads values as the schema means them: where a secret may stand is said there, and nowhere else is one. */
class Reader {
  readonly #schema: JsonObject;
  readonly #report: Report;

  constructor(schema: JsonObject, report: Report) {
    this.#schema = schema;
    this.#report = report;
  }

  members(tree: Tree, schema: JsonObject | undefined = this.#schema): ValueMap {
    return dataMap(
      entries(tree).map(({ key, value }) => [
        key,
        this.#value(value, this.#inner(schema, memberOf(schema, key))),
      ]),
    );
  }

  #value(tree: Tree, schema: JsonObject | undefined): Value {
    switch (tree.type) {
      case 'scalar':
        return tree.value;
      case 'list':
        return tree.items.map((item) => this.#value(item, this.#inner(schema, itemOf(schema))));
      case 'map':
        return this.#secret(tree, schema) ?? this.members(tree, schema);
    }
  }

  /** Below a place that is free in form all places are. */
  #inner(outer: JsonObject | undefined, found: JsonObject | undefined): JsonObject | undefined {
    if (found !== undefined) return follow(found, this.#schema);
    return outer !== undefined && annotation(outer, 'x-accepts') === 'secret' ? outer : undefined;
  }

  #secret(tree: Tree, schema: JsonObject | undefined): ValueMap | undefined {
    if (schema === undefined) return undefined;
    const isOne = annotation(schema, 'x-secret') === true;
    if (!isOne && annotation(schema, 'x-accepts') !== 'secret') return undefined;
    const reference = secretOf(tree);
    if (isOne && reference === undefined) {
      this.#report.error('DB100', tree.span, 'Where this secret is read from is not said, or said twice', {
        hint: 'Write { env: NAME } for an environment variable, or { file: path }.',
      });
    }
    return reference;
  }
}

/** `{ env: NAME }` or `{ file: path }`, with or without `at`: where a secret is read from. */
function secretOf(tree: Tree): ValueMap | undefined {
  const names = entries(tree).map(({ key }) => key);
  const env = stringOf(member(tree, 'env'));
  const path = stringOf(member(tree, 'file'));
  const at = stringOf(member(tree, 'at'));
  const only = names.filter((name) => name !== 'at');
  if (only.length !== 1 || names.length !== only.length + (at === undefined ? 0 : 1)) return undefined;
  const inside = at === undefined ? {} : { at };
  if (env !== undefined) return { $ref: 'env', name: env, ...inside };
  return path === undefined ? undefined : { $ref: 'file', path, ...inside };
}
