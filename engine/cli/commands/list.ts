import { table } from '../../base/layout.ts';
import { Duration } from '../../base/duration.ts';
import { Instant } from '../../base/instant.ts';
import { folderLibrary } from '../../load/library.ts';
import { PlaybookLoader } from '../../load/playbook.ts';
import type { DueStatus } from '../../measure/due.ts';
import type { RunSummary } from '../../measure/summary.ts';
import type { Playbook } from '../../model/playbook.ts';
import { figureText } from '../../report/figures.ts';
import { systemClock } from '../clock.ts';
import { EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import { playbookFolders } from '../paths.ts';
import { allSummaries, openStore } from '../run/store.ts';
import { findSchedule, statusesOf } from '../scheduling.ts';
import { print, printJson, style } from '../terminal.ts';

export interface ListOptions {
  readonly playbooks: string;
  readonly store?: string;
  readonly json?: boolean;
}

/** `drillbook list`: what there is, what it promises, what the last drill measured, and when the next is due. */
export async function list(options: ListOptions): Promise<ExitCode> {
  const library = folderLibrary(playbookFolders(options.playbooks));
  const loader = new PlaybookLoader(library);
  const runs = await allSummaries(openStore(options.store));
  const schedule = await findSchedule(options.playbooks);
  const due = schedule === undefined ? [] : statusesOf(schedule, runs, systemClock.now());
  const entries: ListEntry[] = [];
  for (const id of await library.ids()) {
    const file = await library.find(id);
    if (file === undefined) continue;
    const { value } = await loader.load(file);
    const drill = runs.find(
      (run) => run.playbook === id && run.mode === 'drill' && run.outcome !== undefined,
    );
    entries.push({
      id,
      playbook: value,
      drill,
      due: soonest(due.filter(({ entry }) => entry.playbook === id)),
    });
  }
  if (options.json === true) printJson(entries.map(asJson), 2);
  else {
    const [heading = '', ...lines] = table([HEADINGS, ...entries.map(row)]);
    print([style.bold(heading), ...lines].join('\n'));
  }
  return EXIT.done;
}

interface ListEntry {
  readonly id: string;
  /** Undefined when it has errors. */
  readonly playbook: Playbook | undefined;
  readonly drill: RunSummary | undefined;
  /** Of several entries of the schedule the one that is due first. */
  readonly due: DueStatus | undefined;
}

const soonest = (statuses: readonly DueStatus[]): DueStatus | undefined =>
  [...statuses].sort((a, b) => (dayOf(a) < dayOf(b) ? -1 : 1))[0];

/** After every day when there is none. */
const dayOf = ({ due, next }: DueStatus): string => due ?? next ?? '~';

const HEADINGS = ['PLAYBOOK', 'PRIORITY', 'RTO', 'RTA', 'RPO', 'RPA', 'LAST DRILL', 'NEXT DUE', 'TITLE'];

function row({ id, playbook, drill, due }: ListEntry): readonly string[] {
  if (playbook === undefined) {
    return [id, ...HEADINGS.slice(2).map(() => '–'), `has errors: drillbook check ${id}.yaml`];
  }
  const { rto, rpo } = playbook.objectives;
  return [
    id,
    playbook.priority ?? '–',
    target(rto?.targetMs),
    figureText(drill?.rto),
    target(rpo?.targetMs),
    figureText(drill?.rpo),
    lastDrill(drill),
    nextDue(due),
    playbook.title,
  ];
}

const target = (millis: number | undefined): string =>
  millis === undefined ? '–' : Duration.fromMillis(millis).toString();

function lastDrill(drill: RunSummary | undefined): string {
  if (drill?.startedAt === undefined) return 'never';
  return `${new Instant(drill.startedAt).toString().slice(0, 10)} ${drill.outcome ?? ''}`;
}

function nextDue(status: DueStatus | undefined): string {
  const day = status?.due ?? status?.next;
  if (status === undefined || day === undefined) return '–';
  return `${day}${status.state === 'overdue' ? ' overdue' : ''}`;
}

function asJson({ id, playbook, drill, due }: ListEntry) {
  return {
    id,
    valid: playbook !== undefined,
    title: playbook?.title,
    priority: playbook?.priority,
    objectives: playbook?.objectives,
    lastDrill: drill,
    due: due === undefined ? undefined : { state: due.state, since: due.due, next: due.next },
  };
}
