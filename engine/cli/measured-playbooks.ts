import { folderLibrary } from '../load/library.ts';
import { PlaybookLoader } from '../load/playbook.ts';
import { lastMeasured } from '../measure/last-measured.ts';
import type { RunSummary } from '../measure/summary.ts';
import type { MeasuredPlaybook } from '../report/measured.ts';
import { callFolders, countedPlaybooks } from './folder.ts';

/** Every playbook that counts in the folder, each with its last drill and its last real run. */
export async function measuredPlaybooks(
  playbooks: string,
  runs: readonly RunSummary[],
): Promise<readonly MeasuredPlaybook[]> {
  const counted = countedPlaybooks(playbooks);
  const loader = new PlaybookLoader(folderLibrary(callFolders(playbooks)));
  const found: MeasuredPlaybook[] = [];
  for (const id of await counted.ids()) {
    const file = await counted.find(id);
    if (file === undefined) continue;
    const { value } = await loader.load(file);
    found.push({ id, playbook: value, last: lastMeasured(id, runs) });
  }
  return found;
}
