import { Duration } from '../../base/duration.ts';
import { promised } from '../../base/human.ts';
import type { Headline } from '../../present/headline.ts';
import { createFolderStore } from '../../journal/folder-store.ts';
import { Redactor } from '../../journal/redact.ts';
import type { Store } from '../../journal/store.ts';
import { forecast } from '../../measure/forecast.ts';
import type { Forecast, PlannedStep } from '../../measure/forecast.ts';
import { stepDurations } from '../../measure/history.ts';
import type { StepDurations } from '../../measure/history.ts';
import { summarize } from '../../measure/summary.ts';
import type { Environment } from '../../model/environment.ts';
import type { Event } from '../../model/event.ts';
import { isEvidence } from '../../model/mode.ts';
import type { Playbook } from '../../model/playbook.ts';
import { placedSteps } from '../../model/walk.ts';
import { systemClock } from '../clock.ts';
import { storeFolder } from '../paths.ts';

/** How often the figures behind the clock are worked out anew; the clock itself moves with each picture. */
const REFRESH_MS = 1000;

/** The steps that a forecast counts on. */
export function forecastPlan(playbook: Playbook): readonly PlannedStep[] {
  return [...placedSteps(playbook)].map(({ key, node, repeated, choices }) => ({
    key,
    choices,
    title: node.title,
    inSequence: !repeated && !key.includes('/'),
    ...(node.type === 'step' && node.expectMs !== undefined && { expectMs: node.expectMs }),
  }));
}

/** Runs of the same store, for how long steps took earlier. One that cannot be read tells nothing. */
export async function earlierDurations(store: Store): Promise<StepDurations> {
  const runs: (readonly Event[])[] = [];
  for (const run of (await store.list()).slice(0, 50)) {
    runs.push(await store.read(run).catch(() => []));
  }
  return stepDurations(runs);
}

/** What the whole playbook would take, before anything has run; undefined when nothing is known of any step. */
export async function forecastFor(
  playbook: Playbook,
  environment: Environment,
  folder: string | undefined,
): Promise<{ readonly p50: number; readonly p90: number } | undefined> {
  const store = createFolderStore(storeFolder(folder), { clock: systemClock, redactor: new Redactor() });
  const now = systemClock.now();
  const imagined = {
    type: 'run.started',
    run: '',
    mode: 'recover',
    playbook: playbook.id,
    title: playbook.title,
    environment: { name: environment.name, kind: environment.kind },
    operator: '',
    host: '',
    pid: 0,
    unattended: false,
    engine: '',
    sources: [],
    objectives: playbook.objectives,
    answers: {},
    seq: 1,
    at: now.epochMicros,
    up: 0,
  } as const satisfies Event;
  const { remainingMs, basis } = forecast({
    events: [imagined],
    plan: forecastPlan(playbook),
    history: await earlierDurations(store),
    now,
  });
  return basis.history + basis.expect === 0 ? undefined : remainingMs;
}

/** What is left of a run, in nine of ten cases, as one would tell it; undefined when nothing is known of any step. */
export function expectedRest(events: readonly Event[], plan: readonly PlannedStep[], history: StepDurations) {
  const { remainingMs, basis } = forecast({ events, plan, history, now: systemClock.now() });
  return basis.history + basis.expect === 0 ? undefined : Duration.fromMillis(promised(remainingMs.p90));
}

/** What stays on the screen all the time. `known` comes later than the screen: until then only the clock runs. */
export function createHeadline(
  events: readonly Event[],
  known: () => { readonly plan: readonly PlannedStep[]; readonly history: StepDurations } | undefined,
): () => Headline {
  let figures: { readonly forecast: Forecast; readonly openDebts: number; readonly at: number } | undefined;
  return () => {
    const started = events.find((event) => event.type === 'run.started');
    if (started === undefined) {
      return { elapsedMs: 0, mode: 'drill', playbook: '', environment: '', openDebts: 0 };
    }
    const at = systemClock.monotonic();
    if (figures === undefined || at - figures.at >= REFRESH_MS) {
      const { plan, history } = known() ?? { plan: [], history: new Map() };
      const now = systemClock.now();
      figures = {
        forecast: forecast({ events, plan, history, now }),
        openDebts: summarize(events).openDebts,
        at,
      };
    }
    const isMeasured = isEvidence(started.mode);
    const { rto } = started.objectives;
    const { elapsedMs, totalMs, basis } = figures.forecast;
    return {
      elapsedMs: elapsedMs + (at - figures.at),
      mode: started.mode,
      playbook: started.playbook,
      environment: started.environment.name,
      openDebts: figures.openDebts,
      ...(isMeasured && rto !== undefined && { budgetMs: rto.targetMs, budgetFrom: rto.from }),
      ...(isMeasured && basis.history + basis.expect !== 0 && { forecastMs: totalMs }),
    };
  };
}
