import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Report } from '../load/report.ts';
import type { ReadSource } from '../load/read-source.ts';
import { entry, stringOf, member } from '../load/syntax/tree.ts';
import type { Tree, TreeEntry } from '../load/syntax/tree.ts';
import { parseYaml } from '../load/syntax/yaml.ts';
import { environmentsOf } from './files.ts';

/** An environment as it is written, in order or not. */
export interface WrittenEnvironment {
  readonly name: string;
  readonly tree: Tree;
}

/** The environments beside playbooks. */
export function environmentsIn(folder: string, read: ReadSource): readonly WrittenEnvironment[] {
  const inside = environmentsOf(folder);
  const names = existsSync(inside) ? readdirSync(inside).filter((name) => /\.ya?ml$/.test(name)) : [];
  return names.sort().flatMap((file) => {
    const source = read(join(inside, file));
    const tree = source.ok ? parseYaml(source.value, new Report()) : undefined;
    if (tree === undefined) return [];
    return { name: stringOf(member(tree, 'name')) ?? file.replace(/\.ya?ml$/, ''), tree };
  });
}

/** Where a path leads in an environment: `databases.main`. */
export function entryAt(tree: Tree, path: readonly string[]): TreeEntry | undefined {
  let at: Tree | undefined = tree;
  let found: TreeEntry | undefined;
  for (const name of path) {
    found = entry(at, name);
    if (found === undefined) return undefined;
    at = found.value;
  }
  return found;
}
