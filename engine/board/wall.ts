import type { Instant } from '../base/instant.ts';
import type { Coming } from '../measure/coming.ts';
import { coming } from '../measure/coming.ts';
import type { Forecast } from '../measure/forecast.ts';
import { forecast } from '../measure/forecast.ts';
import type { StepRecord } from '../measure/record.ts';
import { tellable } from '../model/blind.ts';
import type { Event, RunStarted } from '../model/event.ts';
import type { ReportData } from '../report/data.ts';
import { reportData } from '../report/data.ts';
import type { Plan } from './ports.ts';
import type { Asked } from './question.ts';
import { askedNow } from './question.ts';

/** What a run looks like at a moment: all that is shown of it, worked out from its events. */
export interface Wall {
  /** Without what would tell a blind drill. */
  readonly events: readonly Event[];
  readonly data: ReportData;
  readonly started: Event<RunStarted>;
  readonly forecast: Forecast;
  /** Whether the clock runs: the run goes on, or rests, and is not over. */
  readonly isTicking: boolean;
  readonly coming: Coming | undefined;
  readonly asked: Asked | undefined;
  /** Steps that have begun and not ended. */
  readonly now: readonly StepRecord[];
  /** Who drives it, or did last. */
  readonly driver: { readonly name: string; readonly host: string };
}

/** Undefined where the journal does not say what run it is. */
export function wallOf(
  happened: readonly Event[],
  { plan, history }: Plan,
  { now, isWritten }: { readonly now: Instant; readonly isWritten: boolean },
): Wall | undefined {
  const events = tellable(happened);
  const started = events.find((event) => event.type === 'run.started');
  if (started === undefined) return undefined;
  const data = reportData(events, isWritten);
  const { record } = data;
  const { operator: name, host } = record.resumes.at(-1) ?? started;
  const steps = [...record.steps.values()];
  return {
    events,
    data,
    started,
    forecast: forecast({ events, plan, history, now }),
    isTicking: record.finished === undefined && record.marks.length > 0 && !isReached(data),
    coming: coming(events, plan),
    asked: askedNow(events),
    now: steps.filter(({ started: began, finished }) => began !== undefined && finished === undefined),
    driver: { name, host },
  };
}

/** The clock of the RTO stands still once its end is reached. */
const isReached = ({ summary }: ReportData): boolean => summary.rto?.toTime !== undefined;
