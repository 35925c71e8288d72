import { folderLibrary } from '../load/library.ts';
import { PlaybookLoader } from '../load/playbook.ts';
import { lastMeasured } from '../measure/last-measured.ts';
import type { RunSummary } from '../measure/summary.ts';
import type { MeasuredPlaybook } from '../report/measured.ts';
import { playbookFolders } from './paths.ts';

/** Every playbook that is found, each with its last drill and its last real run. */
export async function measuredPlaybooks(
  playbooks: string,
  runs: readonly RunSummary[],
): Promise<readonly MeasuredPlaybook[]> {
  const library = folderLibrary(playbookFolders(playbooks));
  const loader = new PlaybookLoader(library);
  const found: MeasuredPlaybook[] = [];
  for (const id of await library.ids()) {
    const file = await library.find(id);
    if (file === undefined) continue;
    const { value } = await loader.load(file);
    found.push({ id, playbook: value, last: lastMeasured(id, runs) });
  }
  return found;
}
