import type { SourceFile } from '../source/file.ts';
import { Report } from './report.ts';
import { entry } from './syntax/tree.ts';
import type { TreeEntry } from './syntax/tree.ts';
import { parseYaml } from './syntax/yaml.ts';

/** Where a key of a file stands, as `path:line:column`: that of the last of the names that is there. */
export function placeIn(file: SourceFile, names: readonly string[]): string {
  let at = parseYaml(file, new Report());
  let found: TreeEntry | undefined;
  for (const name of names) {
    const next = entry(at, name);
    if (next === undefined) break;
    [found, at] = [next, next.value];
  }
  const { line, column } = file.position(found?.keySpan.start ?? 0);
  return `${file.path}:${String(line)}:${String(column)}`;
}
