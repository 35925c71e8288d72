import { lastMeasured } from '../../engine/measure/last-measured.ts';
import type { NotedFinding } from '../../engine/measure/noted-findings.ts';
import { stepStandings } from '../../engine/measure/step-standings.ts';
import { summarize } from '../../engine/measure/summary.ts';
import type { RunSummary } from '../../engine/measure/summary.ts';
import { trendsOf } from '../../engine/measure/trend.ts';
import type { Event, RunStarted } from '../../engine/model/event.ts';
import type { Playbook } from '../../engine/model/playbook.ts';
import type { StoreHistory } from '../../engine/report/page/scorecard.ts';
import type { PlaybookHistory } from '../../engine/report/standing.ts';
import { START, Story, finished, started, stepFinished, stepStarted } from '../measure/rig.ts';
import { playbook } from '../rig/playbook.ts';

const DAY_MS = 86_400_000;
const RTO = { targetMs: 30 * 60_000, from: 'declared', to: 'verified' };

/** A drill so many days after the first, which restored for so many minutes; `retried`: it took another try. */
export function drilled(
  day: number,
  minutes: number,
  { retried = false, ...change }: Partial<RunStarted> & { readonly retried?: boolean } = {},
): readonly Event[] {
  const story = new Story().wait(day * DAY_MS).add(
    started({ run: `day-${String(day)}`, rehearsal: 'whole', objectives: { rto: RTO }, ...change }),
    // Declared when it began.
    { type: 'mark.set', mark: 'declared', time: START + day * DAY_MS * 1000, source: 'run' },
    stepStarted('restore', 'Restore'),
  );
  if (retried)
    story.wait(1000).add({
      ...{ type: 'step.attemptFailed', key: 'restore', attempt: 1 },
      error: { code: 'E', message: 'not yet', changed: 'nothing', retryable: true },
    });
  return story
    .wait(minutes * 60_000 - (retried ? 1000 : 0))
    .add(stepFinished('restore', 'succeeded', 'Restore'), {
      ...{ type: 'mark.set', mark: 'verified', source: 'step' },
      time: START + (day * DAY_MS + minutes * 60_000) * 1000,
    })
    .add(finished()).events;
}

/** A moment so many days after the first drill, in microseconds. */
export const onDay = (day: number): number => START + day * DAY_MS * 1000;

export const promising = (...rehearsals: readonly string[]): Playbook =>
  playbook({
    id: 'database-corruption',
    objectives: { rto: RTO },
    rehearsals: Object.fromEntries(rehearsals.map((name) => [name, {}])),
    steps: [],
  });

export function historyOf(
  runs: readonly (readonly Event[])[],
  over: Partial<PlaybookHistory> = {},
): PlaybookHistory {
  const summaries: readonly RunSummary[] = runs.map((events) => summarize(events));
  const id = summaries[0]?.playbook ?? 'database-corruption';
  return {
    id,
    playbook: promising('whole'),
    last: lastMeasured(id, summaries),
    trends: trendsOf(summaries),
    due: [],
    open: [],
    isEdited: false,
    people: [...new Set(summaries.flatMap(({ people }) => people))],
    steps: stepStandings(runs),
    ...over,
  };
}

const finding = (text: string): NotedFinding => ({
  ...{ id: 1, run: 'day-0', playbook: 'database-corruption', text, owner: text, due: '2026-12-24' },
  ...{ by: text, at: START },
});

/** A team that has drilled for a while: what got better, what did not, and what nobody has done yet. */
export const storeOfYears = (text = 'Database corruption'): StoreHistory => ({
  now: onDay(700),
  playbooks: [
    historyOf(
      [
        drilled(0, 34, { title: text, operator: text, retried: true }),
        drilled(90, 26, { title: text, operator: text }),
        drilled(180, 12, { title: text, operator: 'bob' }),
        drilled(200, 22, { title: text, rehearsal: text, unattended: true }),
        drilled(210, 50, { title: text, rehearsal: text, unattended: true }),
      ],
      {
        playbook: { ...promising('whole', text, 'never'), title: text },
        isEdited: true,
        open: [finding(text)],
      },
    ),
    historyOf([], { id: 'never-drilled', playbook: { ...promising(), title: text } }),
    historyOf([drilled(600, 2, { playbook: 'prove-nightly', title: text })], { playbook: undefined }),
  ],
});
