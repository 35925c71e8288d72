import { createHash, hash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keptText, readKeptJson } from '../base/kept-json.ts';
import { isOwn } from '../journal/listing.ts';
import { folderLibrary, placesIn } from '../load/library.ts';
import { KINDS } from '../load/own-kinds.ts';
import { PlaybookLoader } from '../load/playbook.ts';
import type { Playbook } from '../model/playbook.ts';
import type { PlaybookFacts } from '../report/measured.ts';
import { callFolders, countedFolder, countedPlaybooks } from './folder.ts';
import { builtAs, engineVersion } from './package-info.ts';
import { sourceText } from './run/world.ts';

/** A playbook of a folder; without facts when it has errors. */
export interface ListedPlaybook {
  readonly id: string;
  readonly facts?: PlaybookFacts;
}

/** The file, in the folder where a command may keep things: it holds nothing that is not in the playbooks. */
const FILE = 'playbooks.json';

/**
 * What the playbooks that count in a folder say of themselves. To know whether one is in order, all that it calls has to
 * be resolved, which takes a second for forty; so it is kept, and counts as long as every file is what it was.
 */
export async function playbookFacts(playbooks: string, keep: string): Promise<readonly ListedPlaybook[]> {
  const digest = digestOf(playbooks);
  const path = join(keep, FILE);
  const kept = readKept(path);
  if (kept?.digest === digest) return kept.playbooks;
  const found = await load(playbooks);
  await write(path, keep, { digest, playbooks: found });
  return found;
}

interface Kept {
  readonly digest: string;
  readonly playbooks: readonly ListedPlaybook[];
}

async function load(playbooks: string): Promise<readonly ListedPlaybook[]> {
  const counted = countedPlaybooks(playbooks);
  const loader = new PlaybookLoader(folderLibrary(callFolders(playbooks)));
  const found: ListedPlaybook[] = [];
  for (const id of await counted.ids()) {
    const file = await counted.find(id);
    if (file === undefined) continue;
    const { value } = await loader.load(file);
    found.push({ id, ...(value !== undefined && { facts: factsOf(value) }) });
  }
  return found;
}

const factsOf = ({ title, priority, objectives, rehearsals, file }: Playbook): PlaybookFacts => ({
  title,
  ...(priority !== undefined && { priority }),
  objectives,
  rehearsals: rehearsals.map(({ name }) => ({ name })),
  edition: sourceText('playbook', file.path, file.text).sha256,
});

/** Of all that is read to load them: this build, the folder, the playbooks and those that they may call, own kinds. */
function digestOf(playbooks: string): string {
  const all = createHash('sha256').update(`${engineVersion()} ${builtAs()}\n${countedFolder(playbooks)}\n`);
  const folders = callFolders(playbooks);
  const paths = [
    ...placesIn(folders).flatMap((folder) => pathsIn(folder).filter((path) => path.endsWith('.yaml'))),
    ...folders.flatMap((folder) => pathsIn(join(folder, KINDS))),
  ];
  for (const path of paths) all.update(`${path} ${contentDigest(path)}\n`);
  return all.digest('hex');
}

function pathsIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .sort()
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}

/** What cannot be read, such as a folder, is the same each time. */
function contentDigest(path: string): string {
  try {
    return hash('sha256', readFileSync(path));
  } catch {
    return 'none';
  }
}

function readKept(path: string): Kept | undefined {
  try {
    const json = readKeptJson(path);
    // The digest says that it is what `write` wrote.
    return json === undefined ? undefined : (JSON.parse(json) as Kept);
  } catch {
    return undefined;
  }
}

/** Where there is no folder yet, or it is another account's, nothing is kept: the next command reads them again. */
async function write(path: string, folder: string, kept: Kept): Promise<void> {
  const draft = `${path}.${process.pid}`;
  try {
    if (!isOwn(folder)) return;
    await writeFile(draft, keptText(JSON.stringify(kept)), { mode: 0o600 });
    await rename(draft, path);
  } catch {
    // A full disk or a folder that nobody may write to: a list is no worse for it.
  }
}
