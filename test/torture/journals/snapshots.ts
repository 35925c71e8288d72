import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { attachFile } from '../../../engine/journal/attach.ts';
import { createFolderStore } from '../../../engine/journal/folder-store.ts';
import { Redactor } from '../../../engine/journal/redact.ts';
import { runFolder } from '../../../engine/journal/run-folder.ts';
import { FakeClock } from '../../rig/fake-clock.ts';
import { runStarted } from '../../rig/run-started.ts';
import type { Life } from './life.ts';
import { RUN, live } from './life.ts';

/** A store as a process leaves it that is killed, or that ends its run. */
export interface Snapshot {
  /** By path in the store. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** What had been done to the world by then. */
  readonly done: readonly string[];
  readonly sealed: boolean;
}

/** The store after each event of a run, and after its end; an older run that has ended lies in it too. */
export async function snapshots(): Promise<readonly Snapshot[]> {
  const root = mkdtempSync(join(tmpdir(), 'drillbook-snapshots-'));
  const taken: Snapshot[] = [];
  const done: string[] = [];
  const take = (sealed: boolean): void => {
    taken.push({ files: filesIn(root), done: [...done], sealed });
  };
  try {
    const options = { clock: new FakeClock(), redactor: new Redactor() };
    const before = await createFolderStore(root, options).create('before');
    await before.journal.append(runStarted('before'), { type: 'run.finished', outcome: 'succeeded' });
    await before.seal();
    await before.close();
    const store = createFolderStore(root, { ...options, onAppend: () => take(false) });
    const open = await store.create(RUN);
    const started = await open.journal.append(runStarted(RUN));
    const proof = join(runFolder(root, RUN).files, 'proof.txt');
    writeFileSync(proof, 'the rows that were there\n');
    const attached = await attachFile(runFolder(root, RUN).files, 'look', proof, options.redactor);
    const first = await open.journal.append({ type: 'attached', key: 'look', path: proof, ...attached });
    const life: Life = { journal: open.journal, history: [...started, ...first], done };
    await live(life);
    await open.seal();
    await open.close();
    take(true);
    // The first was taken before there was an attachment.
    return taken.slice(1);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Every file but the locks, whose processes are gone. */
function filesIn(root: string): ReadonlyMap<string, Buffer> {
  const paths = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/\/locks?\//.test(path));
  return new Map(paths.map((path) => [relative(root, path), readFileSync(path)]));
}
