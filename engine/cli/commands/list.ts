import { table } from '../../base/layout.ts';
import type { DueStatus } from '../../measure/due.ts';
import { MEASURED_HEADINGS, measuredRows } from '../../report/measured.ts';
import type { MeasuredPlaybook } from '../../report/measured.ts';
import { systemClock } from '../clock.ts';
import { EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import { measuredPlaybooks } from '../measured-playbooks.ts';
import { allSummaries, openStore } from '../run/store.ts';
import { findSchedule, statusesOf } from '../scheduling.ts';
import { print, printJson, style } from '../terminal.ts';

export interface ListOptions {
  readonly playbooks: string;
  readonly store?: string;
  readonly json?: boolean;
}

/**
 * `drillbook list`: what there is, what it promises, what the last drill and the last real run measured, and
 * when the next drill is due.
 */
export async function list(options: ListOptions): Promise<ExitCode> {
  const runs = await allSummaries(openStore(options.store));
  const schedule = await findSchedule(options.playbooks);
  const due = schedule === undefined ? [] : statusesOf(schedule, runs, systemClock.now());
  const entries = (await measuredPlaybooks(options.playbooks, runs)).map((measured) => ({
    ...measured,
    due: soonest(due.filter(({ entry }) => entry.playbook === measured.id)),
  }));
  if (options.json === true) printJson(entries.map(asJson), 2);
  else {
    const [heading = '', ...lines] = table([HEADINGS, ...entries.flatMap(rows)]);
    print([style.bold(heading), ...lines].join('\n'));
  }
  return EXIT.done;
}

interface ListEntry extends MeasuredPlaybook {
  /** Of several entries of the schedule the one that is due first. */
  readonly due: DueStatus | undefined;
}

const soonest = (statuses: readonly DueStatus[]): DueStatus | undefined =>
  [...statuses].sort((a, b) => (dayOf(a) < dayOf(b) ? -1 : 1))[0];

/** After every day when there is none. */
const dayOf = ({ due, next }: DueStatus): string => due ?? next ?? '~';

const HEADINGS = [...MEASURED_HEADINGS, 'NEXT DUE', 'TITLE'];

function rows(entry: ListEntry): readonly (readonly string[])[] {
  const { id, playbook, due } = entry;
  if (playbook === undefined) {
    return [[id, ...HEADINGS.slice(2).map(() => '–'), `has errors: drillbook check ${id}.yaml`]];
  }
  const [first = [], ...more] = measuredRows(entry);
  return [[...first, nextDue(due), playbook.title], ...more];
}

function nextDue(status: DueStatus | undefined): string {
  const day = status?.due ?? status?.next;
  if (status === undefined || day === undefined) return '–';
  return `${day}${status.state === 'overdue' ? ' overdue' : ''}`;
}

function asJson({ id, playbook, last, due }: ListEntry) {
  return {
    id,
    valid: playbook !== undefined,
    title: playbook?.title,
    priority: playbook?.priority,
    objectives: playbook?.objectives,
    lastDrill: last.drill,
    lastRecovery: last.recovery,
    due: due === undefined ? undefined : { state: due.state, since: due.due, next: due.next },
  };
}
