import type { JsonObject } from '../../base/json.ts';
import { table } from '../../base/layout.ts';
import type { DueStatus } from '../../measure/due.ts';
import type { RunSummary } from '../../measure/summary.ts';
import type { Schedule } from '../../model/schedule.ts';
import { MEASURED_HEADINGS, measuredJson, measuredRows } from '../../report/measured.ts';
import type { MeasuredPlaybook } from '../../report/measured.ts';
import { defined, output } from '../../report/output.ts';
import { systemClock } from '../clock.ts';
import { EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import { shadowedIds, showsExamples } from '../folder.ts';
import { invocation } from '../invocation.ts';
import { measuredPlaybooks } from '../measured-playbooks.ts';
import { SHIPPED_PLAYBOOKS } from '../paths.ts';
import { allSummaries, openStore, workFolder } from '../run/store.ts';
import { findSchedule, statusesOf } from '../scheduling.ts';
import { listWidth, print, printJson, style } from '../terminal.ts';

export interface ListOptions {
  readonly playbooks: string;
  readonly store?: string;
  readonly json?: boolean;
  /** The examples that drillbook ships, in place of the team's own playbooks. */
  readonly shipped?: boolean;
}

/**
 * `drillbook list`: what there is, what it promises, what the last drill and the last real run measured, and
 * when the next drill is due.
 */
export async function list(options: ListOptions): Promise<ExitCode> {
  const all = await allSummaries(await openStore(options.store));
  const keep = workFolder(options.store);
  const shadowed = new Set(shadowedIds(options.playbooks));
  const entries =
    options.shipped === true
      ? await entriesOf(
          SHIPPED_PLAYBOOKS,
          all.filter(({ playbook }) => !shadowed.has(playbook)),
          { keep, schedule: undefined },
        )
      : await entriesOf(options.playbooks, all, { keep, schedule: await findSchedule(options.playbooks) });
  if (options.json === true) {
    const playbooks = entries.map((entry) => asJson(entry, shadowed.has(entry.id)));
    printJson(output('list', { playbooks }), 2);
    return EXIT.done;
  }
  const [heading = '', ...lines] = table([HEADINGS, ...entries.flatMap(rows)], {
    width: listWidth(),
    cut: [0],
  });
  print([style.bold(heading), ...lines, ...remarks(options, [...shadowed])].join('\n'));
  return EXIT.done;
}

async function entriesOf(
  folder: string,
  runs: readonly RunSummary[],
  { keep, schedule }: { readonly keep: string; readonly schedule: Schedule | undefined },
): Promise<readonly ListEntry[]> {
  const due = schedule === undefined ? [] : statusesOf(schedule, runs, systemClock.now());
  return (await measuredPlaybooks(folder, runs, keep)).map((measured) => ({
    ...measured,
    due: soonest(due.filter(({ entry }) => entry.playbook === measured.id)),
  }));
}

/** What else has to be known of this list: whose playbooks these are, and which stand in whose place. */
function remarks({ playbooks, shipped }: ListOptions, shadowed: readonly string[]): readonly string[] {
  const isExamples = shipped === true || showsExamples(playbooks);
  return [
    ...(isExamples
      ? [
          `These are examples that drillbook ships. ${invocation('new ID --from EXAMPLE')} takes one over into ${playbooks}.`,
        ]
      : []),
    ...(shadowed.length > 0
      ? [`Of ${playbooks} itself, in place of the shipped ones of these names: ${shadowed.join(', ')}.`]
      : []),
  ].map((remark) => style.dim(remark));
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

const asJson = (entry: ListEntry, shadows: boolean): JsonObject =>
  defined({
    ...measuredJson(entry),
    valid: entry.playbook !== undefined,
    shadows: shadows || undefined,
    due: entry.due && defined({ state: entry.due.state, since: entry.due.due, next: entry.due.next }),
  });
