import { isValueMap, valueMap } from '../base/value.ts';
import type { Value, ValueMap } from '../base/value.ts';
import type { Environment } from '../model/environment.ts';
import { TARGET_GROUPS } from '../model/environment.ts';
import type { SourceFile } from '../source/file.ts';
import { nearest } from '../source/nearest.ts';
import { meant } from './report.ts';
import type { Report } from './report.ts';
import { entries, items, member, stringOf } from './syntax/tree.ts';
import type { Tree, TreeEntry } from './syntax/tree.ts';

/** Where the other environments are found by their names; undefined where there is none, or it cannot be read. */
export type OtherEnvironments = (name: string) => Promise<SourceFile | undefined>;

/** Environments by their names. */
export type Sources = Readonly<Record<string, Environment>>;

interface Asked {
  readonly tree: Tree;
  readonly own: Pick<Environment, 'name'>;
  readonly find: OtherEnvironments;
  /** Reads an environment without what it reads from in turn. */
  readonly load: (file: SourceFile) => Environment | undefined;
  readonly report: Report;
}

/** Of whose members one may be read. Settings of a provider, channels and people are each environment's own. */
const READABLE: readonly string[] = [...TARGET_GROUPS, 'values'];

/** The environments that this one reads from, whole. Reports those that are not there, and what they lack. */
export async function loadSources(asked: Asked): Promise<Sources> {
  const found: [string, Environment][] = [];
  for (const source of entries(member(asked.tree, 'sources'))) {
    const environment = await loadSource(source, asked);
    if (environment !== undefined) found.push([source.key, environment]);
  }
  return Object.fromEntries(found);
}

async function loadSource(
  { key, keySpan, value }: TreeEntry,
  asked: Asked,
): Promise<Environment | undefined> {
  const { own, report } = asked;
  if (key === own.name) {
    report.error('DB195', keySpan, `"${key}" is this environment itself, and no source`, {
      hint: 'What stands in it is asked by env.databases, env.buckets …',
    });
    return undefined;
  }
  const file = await asked.find(key);
  const environment = file === undefined ? undefined : asked.load(file);
  if (environment === undefined) {
    const why = file === undefined ? 'is not there' : `has errors (${file.path})`;
    report.error('DB196', keySpan, `The environment "${key}", to be read from, ${why}`, {
      hint:
        file === undefined
          ? `It is looked for beside this file: ${key}.yaml.`
          : 'drillbook check tells them: mend them first.',
    });
    return undefined;
  }
  for (const item of items(member(value, 'read'))) {
    const path = stringOf(item) ?? '';
    const [group = '', name, ...rest] = path.split('.');
    if (!READABLE.includes(group) || name === undefined || rest.length > 0) {
      report.error('DB197', item.span, `"${path}" is nothing that can be read of another environment`, {
        hint: `Write one of ${READABLE.join(', ')}, a dot, and the name: databases.main.`,
      });
      continue;
    }
    if (at(environment.data, path) !== undefined) continue;
    report.error('DB197', item.span, `The environment "${key}" has no ${path}`, {
      hint: meant(nearest(path, membersOf(environment.data, group))),
    });
  }
  return environment;
}

const membersOf = (data: ValueMap, group: string): readonly string[] =>
  Object.keys(isValueMap(data[group]) ? data[group] : {}).map((name) => `${group}.${name}`);

/** What expressions see of the sources: only what `read` names, each target with its path from here. */
export function readableOf(tree: Tree, sources: Sources): ValueMap {
  return valueMap(
    entries(member(tree, 'sources')).flatMap(({ key, value }): [string, ValueMap][] => {
      const source = sources[key];
      if (source === undefined) return [];
      const paths = items(member(value, 'read')).map((item) => stringOf(item) ?? '');
      return [[key, readable(key, source, paths)]];
    }),
  );
}

function readable(source: string, { data }: Environment, paths: readonly string[]): ValueMap {
  const groups = new Map<string, [string, Value][]>();
  for (const path of paths) {
    const value = at(data, path);
    const [group = '', name = ''] = path.split('.');
    if (value === undefined) continue;
    groups.set(group, [...(groups.get(group) ?? []), [name, targetOf(source, path, value)]]);
  }
  return valueMap([...groups].map(([group, members]) => [group, valueMap(members)]));
}

function targetOf(source: string, path: string, value: Value): Value {
  const isTarget = TARGET_GROUPS.some((group) => path.startsWith(`${group}.`));
  return isTarget && isValueMap(value) ? { ...value, $target: `sources.${source}.${path}` } : value;
}

function at(data: ValueMap, path: string): Value | undefined {
  const [group = '', name = ''] = path.split('.');
  const members = data[group];
  return isValueMap(members) && Object.hasOwn(members, name) ? members[name] : undefined;
}
