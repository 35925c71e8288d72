import { join, relative } from 'node:path';
import { applyEdits, setScalar } from '../load/edit.ts';
import { folderLibrary, idsIn } from '../load/library.ts';
import type { Library } from '../load/library.ts';
import { loadPlaybook, PlaybookLoader } from '../load/playbook.ts';
import { Report } from '../load/report.ts';
import { parseYaml } from '../load/syntax/yaml.ts';
import { SourceFile } from '../source/file.ts';
import { nearest } from '../source/nearest.ts';
import { CommandError, EXIT } from './exit.ts';
import { callFolders } from './folder.ts';
import { invocation } from './invocation.ts';
import { expectLoaded } from './loading.ts';
import type { NewFile } from './new-files.ts';
import { SHIPPED_PLAYBOOKS } from './paths.ts';
import { schemaAddress } from './schema-line.ts';

/** A shipped playbook as a team's own. */
export interface TakenOver {
  /** It and the procedures that it calls; the playbook itself is the first. */
  readonly files: readonly NewFile[];
  /** Procedures that the team has already, which it calls from now on. */
  readonly kept: readonly string[];
  /** What the environment must have for all of them. */
  readonly needs: readonly string[];
  /** A drill can break a sandbox for it. */
  readonly isRehearsed: boolean;
}

interface Wanted {
  /** The shipped playbook. */
  readonly from: string;
  readonly id: string;
  readonly title: string | undefined;
  /** The folder that is to have it. */
  readonly playbooks: string;
}

/** The files are in order as they would be written, beside all that is there; else it says what is wrong, and ends. */
export async function takeOverFiles({ from, id, title, playbooks }: Wanted): Promise<TakenOver> {
  const shipped = folderLibrary([SHIPPED_PLAYBOOKS]);
  const file = await shipped.find(from);
  if (file === undefined) throw unknownExample(from);
  const [, ...called] = (await loadPlaybook(file, shipped)).sources;
  const own = new Set(idsIn([playbooks]));
  const main = renamed(file, { id, title, path: join(playbooks, `${id}.yaml`) });
  const procedures = called.filter((each) => !own.has(idOf(each))).map((each) => movedTo(each, playbooks));
  const files = [main, ...procedures];
  return {
    files: files.map(({ path, text }) => ({ path, text })),
    kept: called.map(idOf).filter((each) => own.has(each)),
    ...(await lookAt(main, overlay(files, playbooks))),
  };
}

/** What a playbook says of itself, its needs with those of all that it calls. */
async function lookAt(file: SourceFile, library: Library): Promise<Pick<TakenOver, 'needs' | 'isRehearsed'>> {
  const loader = new PlaybookLoader(library);
  const needs = new Set<string>();
  const loaded = await loader.load(file);
  const { rehearsals } = expectLoaded(loaded, file);
  for (const source of loaded.sources) {
    for (const need of expectLoaded(await loader.load(source), source).needs) needs.add(need);
  }
  return { needs: [...needs], isRehearsed: rehearsals.length > 0 };
}

const idOf = ({ path }: SourceFile): string => /([^/\\]+)\.yaml$/.exec(path)?.[1] ?? path;

function unknownExample(from: string): CommandError {
  const near = nearest(from, idsIn([SHIPPED_PLAYBOOKS]));
  return new CommandError(`drillbook ships no playbook "${from}"`, {
    exitCode: EXIT.invalid,
    hint: `Nothing was changed. ${near === undefined ? `${invocation('list --shipped')} shows those that it ships.` : `Did you mean "${near}"?`}`,
  });
}

/** The same text below another folder, its first line leading an editor to the schema from there. */
function movedTo(file: SourceFile, playbooks: string): SourceFile {
  const path = join(playbooks, relative(SHIPPED_PLAYBOOKS, file.path));
  return new SourceFile(path, withSchemaLine(file.text, path));
}

function renamed(
  file: SourceFile,
  { id, title, path }: { readonly id: string; readonly title: string | undefined; readonly path: string },
): SourceFile {
  const tree = parseYaml(file, new Report());
  const edits =
    tree?.type === 'map'
      ? [setScalar(tree, 'id', id, []), title === undefined ? undefined : setScalar(tree, 'title', title, [])]
      : [];
  const text = applyEdits(
    file.text,
    edits.filter((edit) => edit !== undefined),
  );
  return new SourceFile(path, withSchemaLine(text, path));
}

const withSchemaLine = (text: string, path: string): string =>
  text.replace(
    /^# yaml-language-server: \$schema=.*/,
    () => `# yaml-language-server: $schema=${schemaAddress(path, 'playbook.bundle.schema.json').address}`,
  );

/** The playbooks as they would be found once these files were written. */
function overlay(files: readonly SourceFile[], playbooks: string): Library {
  const there = folderLibrary(callFolders(playbooks));
  const added = new Map(files.map((file) => [idOf(file), file]));
  return {
    find: (id) => {
      const file = added.get(id);
      return file === undefined ? there.find(id) : Promise.resolve(file);
    },
    ids: async () => [...new Set([...(await there.ids()), ...added.keys()])],
    ...(there.ownKinds !== undefined && { ownKinds: there.ownKinds }),
  };
}
