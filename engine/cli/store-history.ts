import type { Store } from '../journal/store.ts';
import { lastMeasured, runsByPlaybook } from '../measure/last-measured.ts';
import { openFindings } from '../measure/noted-findings.ts';
import { stepStandings } from '../measure/step-standings.ts';
import type { StepStanding } from '../measure/step-standings.ts';
import type { RunSummary } from '../measure/summary.ts';
import { trendsOf } from '../measure/trend.ts';
import { tellable } from '../model/blind.ts';
import { isEvidence } from '../model/mode.ts';
import { byPriority } from '../report/measured.ts';
import type { PlaybookFacts } from '../report/measured.ts';
import type { StoreHistory } from '../report/page/scorecard.ts';
import type { PlaybookHistory } from '../report/standing.ts';
import { systemClock } from './clock.ts';
import { findingsIn } from './noted.ts';
import { measuredPlaybooks } from './measured-playbooks.ts';
import { allSummaries } from './run/store.ts';
import { findSchedule, statusesOf } from './scheduling.ts';

/** How many runs of a playbook say how its steps go: their journals have to be read. */
const STEPS_OF = 10;

/**
 * What is known of each playbook of the folder, and of those that have runs and are no longer in it. `keep`: see
 * `measuredPlaybooks`; `steps`: whether it is to be said how their steps go.
 */
export async function storeHistory(
  store: Store,
  {
    playbooks,
    keep,
    only,
    steps,
  }: {
    readonly playbooks: string;
    readonly keep: string;
    readonly only: string | undefined;
    readonly steps: boolean;
  },
): Promise<StoreHistory> {
  const now = systemClock.now();
  const isWanted = (id: string): boolean => only === undefined || id === only;
  const runs = await allSummaries(store);
  const trends = trendsOf(runs).filter(({ setting }) => isWanted(setting.playbook));
  const ended = runsByPlaybook(runs.filter(isEnded));
  const schedule = await findSchedule(playbooks);
  const due = schedule === undefined ? [] : statusesOf(schedule, runs, now);
  const inFolder = (await measuredPlaybooks(playbooks, runs, keep)).filter(({ id }) => isWanted(id));
  const gone = new Set(trends.map(({ setting }) => setting.playbook));
  for (const { id } of inFolder) gone.delete(id);
  const all = [
    ...inFolder,
    ...[...gone].map((id) => ({ id, playbook: undefined, last: lastMeasured(id, runs) })),
  ].toSorted(byPriority);
  const open = openFindings(await findingsIn(store));
  const histories: PlaybookHistory[] = [];
  for (const each of all) {
    const own = ended.get(each.id) ?? [];
    histories.push({
      ...each,
      trends: trends.filter(({ setting }) => setting.playbook === each.id),
      due: due.filter(({ entry }) => entry.playbook === each.id),
      isEdited: isEdited(each.playbook, own[0]),
      people: [...new Set(own.filter(({ unattended }) => !unattended).flatMap(({ people }) => people))],
      open: open.filter(({ playbook }) => playbook === each.id),
      steps: steps ? await stepsOf(store, own) : [],
    });
  }
  return { playbooks: histories, now: now.epochMicros };
}

const isEnded = ({ state, mode, startedAt }: RunSummary): boolean =>
  state === 'finished' && startedAt !== undefined && isEvidence(mode);

function isEdited(playbook: PlaybookFacts | undefined, newest: RunSummary | undefined): boolean | undefined {
  if (playbook === undefined || newest?.edition === undefined) return undefined;
  return playbook.edition !== newest.edition;
}

/** `runs`: the newest first. One that was altered since it was listed says nothing. */
async function stepsOf(store: Store, runs: readonly RunSummary[]): Promise<readonly StepStanding[]> {
  const journals = [];
  for (const { run } of runs.slice(0, STEPS_OF)) journals.push(await store.read(run).catch(() => []));
  return stepStandings(journals.toReversed().map(tellable));
}
