import { Duration } from '../../base/duration.ts';
import { promised } from '../../base/human.ts';
import type { Headline } from '../../present/headline.ts';
import type { Store } from '../../journal/store.ts';
import { coming } from '../../measure/coming.ts';
import type { Coming, PlannedPlace } from '../../measure/coming.ts';
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
import type { PlacedStep } from '../../model/walk.ts';
import { systemClock } from '../clock.ts';
import { openStore } from './store.ts';

/** How often the figures behind the clock are worked out anew; the clock itself moves with each picture. */
const REFRESH_MS = 1000;

/** The steps that a forecast counts on, and that the screen says are to come. */
export function forecastPlan(playbook: Playbook): readonly PlannedPlace[] {
  const placed = [...placedSteps(playbook)];
  const sideBySide = placed.filter(({ node }) => node.type === 'parallel').map(({ key }) => key);
  return placed.map(({ key, node, repeated, choices, always }) => ({
    key,
    choices,
    repeated,
    always,
    type: PLACES[node.type],
    lanes: sideBySide.flatMap((each) =>
      key.startsWith(`${each}/`)
        ? [{ key: each, branch: key.slice(each.length + 1).split('/')[0] ?? '' }]
        : [],
    ),
    title: node.title,
    inSequence: !repeated && !key.includes('/'),
    ...(node.type === 'step' && node.expectMs !== undefined && { expectMs: node.expectMs }),
  }));
}

const PLACES: Readonly<Record<PlacedStep['node']['type'], PlannedPlace['type']>> = {
  step: 'step',
  choose: 'choose',
  forEach: 'loop',
  repeat: 'loop',
  call: 'container',
  parallel: 'container',
};

/**
 * Runs of the same store, for how long steps took earlier; `before`: than this run. One that cannot be read tells
 * nothing.
 */
export async function earlierDurations(store: Store, before?: string): Promise<StepDurations> {
  const runs: (readonly Event[])[] = [];
  const all = await store.list();
  const from = before === undefined ? 0 : all.indexOf(before) + 1;
  for (const run of all.slice(from, from + 50)) {
    runs.push(await store.read(run).catch(() => []));
  }
  return stepDurations(runs);
}

/** What the whole playbook would take, before anything has run; undefined when nothing is known of any step. */
export async function forecastFor(
  playbook: Playbook,
  environment: Environment,
  place: string | undefined,
): Promise<{ readonly p50: number; readonly p90: number } | undefined> {
  const store = await openStore(place);
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
export function createHeadline(events: readonly Event[], known: () => Known | undefined): () => Headline {
  let figures: Figures | undefined;
  return () => {
    const started = events.find((event) => event.type === 'run.started');
    if (started === undefined) {
      return { elapsedMs: 0, mode: 'drill', playbook: '', environment: '', openDebts: 0 };
    }
    const at = systemClock.monotonic();
    if (figures === undefined || isOld(figures, at, events)) figures = figuresOf(events, known(), at);
    const isMeasured = isEvidence(started.mode);
    const { rto } = started.objectives;
    const { waits, progress } = figures;
    const { elapsedMs, totalMs, basis } = figures.forecast;
    return {
      elapsedMs: elapsedMs + (at - figures.at),
      mode: started.mode,
      playbook: started.playbook,
      environment: started.environment.name,
      openDebts: figures.openDebts,
      ...(waits !== undefined && { waits }),
      ...(progress !== undefined && { progress }),
      ...(isMeasured && rto !== undefined && { budgetMs: rto.targetMs, budgetFrom: rto.from }),
      ...(isMeasured && basis.history + basis.expect !== 0 && { forecastMs: totalMs }),
    };
  };
}

/** What the figures rest on. */
export interface Known {
  readonly plan: readonly PlannedPlace[];
  readonly history: StepDurations;
}

interface Figures {
  readonly forecast: Forecast;
  readonly openDebts: number;
  readonly waits: string | undefined;
  readonly progress: Coming | undefined;
  /** When they were worked out, and from how many events. */
  readonly at: number;
  readonly events: number;
}

/** What has just happened is shown sooner than that the time passes. */
const isOld = (figures: Figures, at: number, { length }: readonly Event[]): boolean =>
  at - figures.at >= (length === figures.events ? REFRESH_MS : REFRESH_MS / 5);

function figuresOf(events: readonly Event[], known: Known | undefined, at: number): Figures {
  const { plan, history } = known ?? { plan: [], history: new Map() };
  const now = systemClock.now();
  const waits = clockWaits(events);
  return {
    forecast: forecast({ events, plan, history, now }),
    openDebts: summarize(events).openDebts,
    waits,
    progress: waits === undefined ? coming(events, plan) : undefined,
    at,
    events: events.length,
  };
}

/** Why the clock of a drill does not run yet. It starts with the disaster, and never begins anew. */
function clockWaits(events: readonly Event[]): string | undefined {
  const started = events.find((event) => event.type === 'run.started');
  if (started?.mode !== 'drill' || started.rehearsal === undefined) return undefined;
  const from = started.objectives.rto?.from ?? 'declared';
  const runs = events.some(
    (event) =>
      event.type === 'run.finished' ||
      (event.type === 'mark.set' && (event.mark === from || event.mark === 'declared')),
  );
  if (runs) return undefined;
  const isBroken = events.some((event) => event.type === 'fault.injected');
  return isBroken
    ? 'the disaster is there: the clock starts with the alarm'
    : 'the clock starts with the disaster';
}
