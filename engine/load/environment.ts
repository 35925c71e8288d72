import type { Value, ValueMap } from '../base/value.ts';
import { valueMap } from '../base/value.ts';
import { TARGET_GROUPS } from '../model/environment.ts';
import type { Environment, EnvironmentKind, Policy } from '../model/environment.ts';
import type { SourceFile } from '../source/file.ts';
import { checkFormats } from './formats.ts';
import type { Loaded } from './playbook.ts';
import { Report } from './report.ts';
import { fileSchema } from './stepschema.ts';
import { entries, member, stringOf, toJson } from './syntax/tree.ts';
import type { Tree } from './syntax/tree.ts';
import { parseYaml } from './syntax/yaml.ts';
import { reportProblems } from './validate.ts';

/** Reads an environment: its secrets become handles, its targets know their own paths. */
export function loadEnvironment(file: SourceFile): Promise<Loaded<Environment>> {
  const report = new Report();
  const tree = parseYaml(file, report);
  const sources = [file];
  if (tree === undefined)
    return Promise.resolve({ value: undefined, diagnostics: report.diagnostics, sources });
  const { schema, validate } = fileSchema('environment');
  reportProblems(validate(toJson(tree)), tree, schema, report);
  checkFormats(tree, schema, report);
  const value = report.failed ? undefined : build(tree, file);
  return Promise.resolve({ value, diagnostics: report.diagnostics, sources });
}

function build(tree: Tree, file: SourceFile): Environment {
  return {
    name: stringOf(member(tree, 'name')) ?? '',
    kind: (stringOf(member(tree, 'kind')) ?? 'production') as EnvironmentKind,
    data: dataOf(tree),
    policy: policyOf(member(tree, 'policy')),
    file,
  };
}

/** What an environment that says nothing of it demands. */
const STRICT: Policy = { typedNames: 'destructive', allowScripts: false };

function policyOf(tree: Tree | undefined): Policy {
  const typedNames = stringOf(member(tree, 'typedNames')) as Policy['typedNames'] | undefined;
  const scripts = member(tree, 'allowScripts');
  return {
    typedNames: typedNames ?? STRICT.typedNames,
    allowScripts: scripts?.type === 'scalar' ? scripts.value === true : STRICT.allowScripts,
  };
}

function dataOf(tree: Tree): ValueMap {
  return valueMap(
    entries(tree).map(({ key, value }) => {
      const isGroup = (TARGET_GROUPS as readonly string[]).includes(key);
      return [key, isGroup ? groupOf(key, value) : valueOf(value)] as const;
    }),
  );
}

const groupOf = (group: string, tree: Tree): ValueMap =>
  valueMap(
    entries(tree).map(({ key, value }) => {
      const members = entries(value).map(({ key: name, value: inside }) => [name, valueOf(inside)] as const);
      return [key, valueMap([...members, ['$target', `${group}.${key}`]])] as const;
    }),
  );

function valueOf(tree: Tree): Value {
  switch (tree.type) {
    case 'scalar':
      return tree.value;
    case 'list':
      return tree.items.map(valueOf);
    case 'map':
      return secretOf(tree) ?? valueMap(tree.entries.map(({ key, value }) => [key, valueOf(value)] as const));
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
