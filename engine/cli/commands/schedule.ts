import { existsSync } from 'node:fs';
import type { Day } from '../../base/day.ts';
import { firstOccurrence } from '../../load/recurrence.ts';
import { soc2Quarters } from '../../measure/due.ts';
import { backupOf } from '../../model/backup.ts';
import type { Schedule, ScheduleEntry } from '../../model/schedule.ts';
import { calendar } from '../../report/calendar.ts';
import { scheduleJson, scheduleText } from '../../report/schedule.ts';
import { systemClock } from '../clock.ts';
import { CommandError, EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import { invocation } from '../invocation.ts';
import { findEnvironment } from '../loading.ts';
import { allSummaries, openStore } from '../run/store.ts';
import { findSchedule, statusesOf } from '../scheduling.ts';
import { print, printFile, printJson, reportWidth, style } from '../terminal.ts';

export interface ScheduleOptions {
  readonly playbooks: string;
  readonly store?: string;
  readonly ics?: boolean;
  readonly json?: boolean;
}

/** `drillbook schedule`: what is due; exit 1 when something is overdue, for a CI job. */
export async function schedule(options: ScheduleOptions): Promise<ExitCode> {
  const found = await findSchedule(options.playbooks);
  if (found === undefined && existsSync(options.playbooks) && options.ics !== true) {
    if (options.json === true) printJson(scheduleJson([], []), 2);
    else
      print(
        `Nothing is due: there is no schedule.yaml in ${options.playbooks}. docs/schedule.md says what stands in one.`,
      );
    return EXIT.done;
  }
  if (found === undefined) {
    throw new CommandError(`there is no schedule.yaml in ${options.playbooks}`, {
      exitCode: EXIT.invalid,
      hint: 'docs/schedule.md says what stands in one.',
    });
  }
  const now = systemClock.now();
  const production = await productionOf(found, options.playbooks);
  const command = (entry: ScheduleEntry): string => invocation(commandOf(entry, production));
  if (options.ics === true) {
    // A calendar is read elsewhere: no path of this machine.
    const bare = (entry: ScheduleEntry): string => `drillbook ${commandOf(entry, production)}`;
    const firstDay = ({ rule, from }: ScheduleEntry): Day => firstOccurrence(rule, from) ?? from;
    printFile(calendar(found, { now, command: bare, firstDay }));
    return EXIT.done;
  }
  const runs = await allSummaries(await openStore(options.store));
  const statuses = statusesOf(found, runs, now);
  const quarters = soc2Quarters(found.entries, runs, { now, zone: found.zone });
  if (options.json === true) printJson(scheduleJson(statuses, quarters), 2);
  else {
    const { zone } = found;
    print(scheduleText(statuses, quarters, { color: style.color, width: reportWidth(), zone, command }));
  }
  return statuses.some(({ state }) => state === 'overdue') ? EXIT.missed : EXIT.done;
}

/** How an entry is carried out. A drill never writes to production: what is scheduled there is the real thing. */
function commandOf({ playbook, environment }: ScheduleEntry, production: ReadonlySet<string>): string {
  const backup = backupOf(playbook);
  if (backup !== undefined && environment === 'sandbox') return `prove ${backup}`;
  if (environment === 'sandbox') return `drill ${playbook}`;
  const verb = production.has(environment) ? 'recover' : 'drill';
  return `${verb} ${playbook} --env ${environment}`;
}

async function productionOf({ entries }: Schedule, folder: string): Promise<ReadonlySet<string>> {
  const names = [...new Set(entries.map(({ environment }) => environment))].filter(
    (name) => name !== 'sandbox',
  );
  const environments = await Promise.all(names.map((name) => findEnvironment(name, folder)));
  return new Set(environments.filter(({ kind }) => kind === 'production').map(({ name }) => name));
}
