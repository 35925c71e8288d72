import type { Store } from '../journal/store.ts';
import { alertStandings } from '../measure/alerts.ts';
import { trendsOf } from '../measure/trend.ts';
import { openMetrics } from '../report/open-metrics.ts';
import { systemClock } from './clock.ts';
import { measuredPlaybooks } from './measured-playbooks.ts';
import { summarizedRuns } from './run/summaries.ts';
import { findSchedule, statusesOf } from './scheduling.ts';

/** `drillbook history --openmetrics`: the store's state in figures, of one playbook or of all. */
export async function storeMetrics(
  store: Store,
  {
    playbooks,
    keep,
    only,
  }: {
    readonly playbooks: string;
    readonly keep: string;
    readonly only: string | undefined;
  },
): Promise<string> {
  const listed = await summarizedRuns(store);
  const runs = listed.flatMap(({ summary }) => (summary === undefined ? [] : [summary]));
  const isWanted = (id: string): boolean => only === undefined || id === only;
  const schedule = await findSchedule(playbooks);
  const due = schedule === undefined ? [] : statusesOf(schedule, runs, systemClock.now());
  return openMetrics({
    playbooks: (await measuredPlaybooks(playbooks, runs, keep)).filter(({ id }) => isWanted(id)),
    trends: trendsOf(runs).filter(({ setting }) => isWanted(setting.playbook)),
    due: due.filter(({ entry }) => isWanted(entry.playbook)),
    zone: schedule?.zone ?? 'UTC',
    alerts: alertStandings(await store.ledger('alerts').read()),
    unreadable: listed.length - runs.length,
  });
}
