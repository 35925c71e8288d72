import { existsSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { createEvaluator } from '../expression/evaluator.ts';
import { createNarrator } from '../interpret/narrate.ts';
import { loadEnvironment } from '../load/environment.ts';
import { folderLibrary } from '../load/library.ts';
import { readSource } from '../load/read-source.ts';
import { PlaybookLoader } from '../load/playbook.ts';
import { readArgs } from '../load/read-args.ts';
import { validateArgs } from '../load/stepschema.ts';
import type { OwnKind } from '../load/own-kinds.ts';
import type { Environment } from '../model/environment.ts';
import type { Narrator } from '../model/narrator.ts';
import type { Playbook } from '../model/playbook.ts';
import { overviewPage } from '../report/pages/overview.ts';
import { playbookPage } from '../report/pages/playbook.ts';
import { SourceFile } from '../source/file.ts';
import { createStepTable, STEP_KINDS } from '../kinds/index.ts';
import { beside, callFolders, countedFolder } from './folder.ts';
import { besideOf, expectLoaded, expectPlaybook, findEnvironment } from './loading.ts';
import { asSteps, expectCode } from './own-kinds.ts';
import { SHIPPED_PLAYBOOKS } from './paths.ts';

export interface PagesOptions {
  readonly playbooks: string;
  readonly out: string;
  readonly env?: string;
}

/** What a file is to hold. */
export interface WantedPage {
  readonly path: string;
  readonly text: string;
}

/** Every page as the playbooks, the environment and the schemas say it now. Playbooks with errors end the command. */
export async function wantedPages(options: PagesOptions): Promise<readonly WantedPage[]> {
  const { out } = options;
  const folder = countedFolder(options.playbooks);
  const { playbooks, kinds } = await loadAll(folder, options.playbooks);
  const environment = await environmentFor(options);
  const narrator = await loadNarrator(environment, kinds);
  const pageOf = (id: string): string | undefined => (playbooks.has(id) ? `${id}.md` : undefined);
  const kindPage = (kind: string): string | undefined =>
    existsSync(join(out, '..', 'steps', `${kind}.md`)) ? `../steps/${kind}.md` : undefined;
  const pages = [...playbooks.values()].map((playbook) => ({
    path: join(out, `${playbook.id}.md`),
    text: playbookPage(playbook, {
      narrator,
      pageOf,
      kindPage,
      source: shownSource(playbook, out),
      ...(environment !== undefined && { environment }),
    }),
  }));
  const entries = [...playbooks.values()].map((playbook) => {
    const parent = basename(dirname(playbook.file.path));
    const group = ['procedures', 'checklists'].includes(parent) ? parent : '';
    return { playbook, group, page: `${playbook.id}.md` };
  });
  const index = { path: join(out, 'README.md'), text: overviewPage(entries) };
  return [...pages, index];
}

/** Where drillbook documents its own playbooks, its step reference (`npm run generate`) is beside them. */
export const isOwnReference = (folder: string): boolean => resolve(folder) === resolve(SHIPPED_PLAYBOOKS);

export const referenceFolder = (out: string): string => join(out, '..', 'steps');

/** The playbooks of the folder, and those from elsewhere that they call. */
async function loadAll(
  folder: string,
  own: string,
): Promise<{
  readonly playbooks: ReadonlyMap<string, Playbook>;
  readonly kinds: readonly OwnKind[];
}> {
  const library = folderLibrary(callFolders(own));
  const loader = new PlaybookLoader(library);
  const found = new Map<string, Playbook>();
  const kinds = new Map<string, OwnKind>();
  for (const id of await folderLibrary([folder]).ids()) {
    const file = await library.find(id);
    if (file === undefined) continue;
    const { sources, ownKinds } = expectPlaybook(await loader.load(file), file);
    for (const source of sources) {
      const { playbook } = expectPlaybook(await loader.load(source), source);
      found.set(playbook.id, playbook);
    }
    for (const kind of ownKinds) kinds.set(kind.name, kind);
  }
  const playbooks = new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
  return { playbooks, kinds: [...kinds.values()] };
}

/** The one that is named, else the folder's own production: whose people and names the pages show. */
async function environmentFor({ env, playbooks }: PagesOptions): Promise<Environment | undefined> {
  if (env !== undefined) return findEnvironment(env, playbooks);
  const file = await readSource(beside(playbooks, join('environments', 'production.yaml')));
  return file.ok
    ? expectLoaded(await loadEnvironment(file.value, besideOf(file.value)), file.value)
    : undefined;
}

async function loadNarrator(
  environment: Environment = NOWHERE,
  ownKinds: readonly OwnKind[],
): Promise<Narrator> {
  const kinds = new Map(asSteps(await expectCode(ownKinds), environment.policy));
  const table = createStepTable({ validateArgs, readArgs });
  for (const name of Object.keys(STEP_KINDS)) kinds.set(name, await table.load(name));
  return createNarrator({ kinds, evaluator: createEvaluator(), environment });
}

const NOWHERE: Environment = {
  name: '',
  kind: 'production',
  data: {},
  policy: { typedNames: 'destructive', allowScripts: false },
  file: new SourceFile('', ''),
};

/** The file of a playbook as seen from its page; one that comes with the package has no place here. */
function shownSource({ file, id }: Playbook, out: string): string {
  const path = resolve(file.path);
  const isInside = (each: string): boolean => !relative(process.cwd(), each).startsWith('..');
  const isHere = isInside(path) && isInside(resolve(out)) && !path.includes('node_modules');
  return isHere ? relative(resolve(out), path) : `${id}.yaml`;
}
