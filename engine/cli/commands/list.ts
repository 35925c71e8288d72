import { Duration, humanDuration } from '../../base/duration.ts';
import { Instant } from '../../base/instant.ts';
import { createFolderStore } from '../../journal/folder-store.ts';
import { Redactor } from '../../journal/redact.ts';
import { folderLibrary } from '../../load/library.ts';
import { loadPlaybook } from '../../load/playbook.ts';
import type { RunSummary } from '../../measure/summary.ts';
import type { Playbook } from '../../model/playbook.ts';
import { systemClock } from '../clock.ts';
import { EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import { playbookFolders, storeFolder } from '../paths.ts';
import { summaryOf } from '../run/choose.ts';
import { formatTable } from '../table.ts';
import { print, style } from '../terminal.ts';

export interface ListOptions {
  readonly playbooks: string;
  readonly store?: string;
  readonly json?: boolean;
}

/** `drillbook list`: what there is, what it promises, and what the last drill measured. */
export async function list(options: ListOptions): Promise<ExitCode> {
  const library = folderLibrary(playbookFolders(options.playbooks));
  const last = await lastDrills(options.store);
  const entries: ListEntry[] = [];
  for (const id of await library.ids()) {
    const file = await library.find(id);
    if (file === undefined) continue;
    const { value } = await loadPlaybook(file, library);
    entries.push({ id, playbook: value, drill: last.get(id) });
  }
  if (options.json === true) print(JSON.stringify(entries.map(asJson), null, 2));
  else print(formatTable([HEADINGS, ...entries.map(row)]));
  return EXIT.done;
}

interface ListEntry {
  readonly id: string;
  /** Undefined when it has errors. */
  readonly playbook: Playbook | undefined;
  readonly drill: RunSummary | undefined;
}

async function lastDrills(folder: string | undefined): Promise<ReadonlyMap<string, RunSummary>> {
  const store = createFolderStore(storeFolder(folder), { clock: systemClock, redactor: new Redactor() });
  const last = new Map<string, RunSummary>();
  for (const run of await store.list()) {
    const summary = await summaryOf(store, run);
    if (summary?.mode === 'drill' && summary.outcome !== undefined && !last.has(summary.playbook)) {
      last.set(summary.playbook, summary);
    }
  }
  return last;
}

const HEADINGS = ['PLAYBOOK', 'PRIORITY', 'RTO', 'RPO', 'LAST DRILL', 'RTA', 'TITLE'].map((text) =>
  style.bold(text),
);

function row({ id, playbook, drill }: ListEntry): readonly string[] {
  if (playbook === undefined) return [id, '–', '–', '–', '–', '–', `has errors: drillbook check ${id}.yaml`];
  const { rto, rpo } = playbook.objectives;
  const target = (millis: number | undefined): string =>
    millis === undefined ? '–' : Duration.fromMillis(millis).toString();
  return [
    id,
    playbook.priority ?? '–',
    target(rto?.targetMs),
    target(rpo?.targetMs),
    lastDrill(drill),
    measured(drill?.rto?.actualMs),
    playbook.title,
  ];
}

const measured = (millis: number | undefined): string => (millis === undefined ? '–' : humanDuration(millis));

function lastDrill(drill: RunSummary | undefined): string {
  if (drill?.startedAt === undefined) return 'never';
  return `${new Instant(drill.startedAt).toString().slice(0, 10)} ${drill.outcome ?? ''}`;
}

function asJson({ id, playbook, drill }: ListEntry) {
  return {
    id,
    valid: playbook !== undefined,
    title: playbook?.title,
    priority: playbook?.priority,
    objectives: playbook?.objectives,
    lastDrill: drill,
  };
}
