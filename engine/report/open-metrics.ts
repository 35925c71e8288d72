import type { Day } from '../base/day.ts';
import { startOfDay } from '../base/day.ts';
import type { AlertStanding } from '../measure/alerts.ts';
import type { DueStatus } from '../measure/due.ts';
import type { Setting, Trend } from '../measure/trend.ts';
import type { Verdict } from '../measure/verdict.ts';
import type { MeasuredPlaybook } from './measured.ts';

/** What the figures of a store are made of. */
export interface Measured {
  readonly playbooks: readonly MeasuredPlaybook[];
  readonly trends: readonly Trend[];
  readonly due: readonly DueStatus[];
  /** Of the schedule's days. */
  readonly zone: string;
  readonly alerts: readonly AlertStanding[];
  /** Runs whose journal cannot be read. */
  readonly unreadable: number;
}

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

/**
 * The state of a store as OpenMetrics 1.0. Gauges alone: what is counted are the runs that there are, and a store can be
 * replaced by another; and readers of Prometheus's older text take them as well.
 */
export function openMetrics(measured: Measured): string {
  const metrics = [
    ...promised(measured.playbooks),
    ...ofRuns(measured.trends),
    ...ofSchedule(measured.due, measured.zone),
    ...ofAlerts(measured.alerts),
    metric('drillbook_unreadable_runs', 'Runs whose journal was altered or cannot be read.', [
      { labels: {}, value: measured.unreadable },
    ]),
  ];
  return `${metrics.flatMap(linesOf).join('\n')}\n# EOF\n`;
}

const metric = (name: string, help: string, samples: readonly Sample[]): Metric => ({ name, help, samples });

function promised(playbooks: readonly MeasuredPlaybook[]): readonly Metric[] {
  const samples = playbooks.flatMap(({ id, playbook }) =>
    (['rto', 'rpo'] as const).flatMap((objective) => {
      const targetMs = playbook?.objectives[objective]?.targetMs;
      const priority = playbook?.priority ?? '';
      return targetMs === undefined
        ? []
        : [{ labels: { playbook: id, objective, priority }, value: targetMs / 1000 }];
    }),
  );
  return [metric('drillbook_objective_seconds', 'What a playbook promises: its RTO or RPO.', samples)];
}

const VERDICTS: readonly Verdict[] = ['met', 'missed', 'unproven'];

function ofRuns(trends: readonly Trend[]): readonly Metric[] {
  const each = (value: (trend: Trend) => number | undefined): readonly Sample[] =>
    trends.flatMap((trend) => {
      const found = value(trend);
      return found === undefined ? [] : [{ labels: labelsOf(trend.setting), value: found }];
    });
  const last = ({ runs }: Trend) => runs.at(-1);
  const seconds = (unit: number | undefined, per: number) => (unit === undefined ? undefined : unit / per);
  return [
    metric(
      'drillbook_last_run_timestamp_seconds',
      'When the newest run that has ended was started.',
      each((trend) => seconds(last(trend)?.startedAt, 1_000_000)),
    ),
    metric(
      'drillbook_last_run_exit_code',
      'How it ended: 0 objectives met, 1 one was missed or not proven, 3 failed or aborted.',
      each((trend) => last(trend)?.exitCode),
    ),
    metric(
      'drillbook_last_rta_seconds',
      'The recovery time that it measured.',
      each((trend) => seconds(last(trend)?.rto?.actualMs, 1000)),
    ),
    metric(
      'drillbook_last_loss_window_seconds',
      'The loss window that it measured; at least so long where nothing shows its end.',
      each((trend) => seconds(last(trend)?.rpo?.actualMs, 1000)),
    ),
    metric(
      'drillbook_last_rows_lost',
      'Acknowledged rows that were lost in it.',
      each((trend) => last(trend)?.loss?.lost),
    ),
    metric(
      'drillbook_last_objective_met',
      '1 when it met the objective, 0 when it missed it or proved nothing.',
      [
        ...objectives(trends, 'rto', ({ runs }) => runs.at(-1)?.rto?.verdict),
        ...objectives(trends, 'rpo', ({ runs }) => runs.at(-1)?.rpo?.verdict),
      ],
    ),
    metric(
      'drillbook_runs',
      'Runs that have ended, by the verdict on an objective.',
      trends.flatMap(({ setting, rta, rpa }) =>
        VERDICTS.flatMap((verdict) => [
          { labels: { ...labelsOf(setting), objective: 'rto', verdict }, value: rta.verdicts[verdict] },
          { labels: { ...labelsOf(setting), objective: 'rpo', verdict }, value: rpa.verdicts[verdict] },
        ]),
      ),
    ),
  ];
}

const objectives = (
  trends: readonly Trend[],
  objective: 'rto' | 'rpo',
  verdictOf: (trend: Trend) => Verdict | undefined,
): readonly Sample[] =>
  trends.flatMap((trend) => {
    const verdict = verdictOf(trend);
    const labels = { ...labelsOf(trend.setting), objective };
    return verdict === undefined ? [] : [{ labels, value: verdict === 'met' ? 1 : 0 }];
  });

/** The settings that are told apart in trends are told apart here. */
const labelsOf = (of: Setting): Readonly<Record<string, string>> => ({
  playbook: of.playbook,
  mode: of.mode,
  environment: of.environment,
  environment_kind: of.environmentKind,
  world: of.world ?? '',
  rehearsal: of.rehearsal ?? '',
  branches: of.branches.join(', '),
  attended: String(!of.unattended),
});

function ofSchedule(statuses: readonly DueStatus[], zone: string): readonly Metric[] {
  const each = (value: (status: DueStatus) => number | undefined): readonly Sample[] =>
    statuses.flatMap((status) => {
      const { id, playbook, environment } = status.entry;
      const found = value(status);
      return found === undefined ? [] : [{ labels: { entry: id, playbook, environment }, value: found }];
    });
  const day = (date: Day | undefined) =>
    date === undefined ? undefined : startOfDay(zone, date).epochMillis / 1000;
  return [
    metric(
      'drillbook_due_timestamp_seconds',
      'The first day for which a run of the schedule is still owed, else the next one.',
      each(({ due, next }) => day(due ?? next)),
    ),
    metric(
      'drillbook_overdue',
      '1 when it should have been run by now.',
      each(({ state }) => (state === 'overdue' ? 1 : 0)),
    ),
    metric(
      'drillbook_missed_runs',
      'Days that it was due on since the last run.',
      each(({ missed }) => missed),
    ),
  ];
}

const ofAlerts = (alerts: readonly AlertStanding[]): readonly Metric[] => [
  metric(
    'drillbook_alert_firing',
    '1 while an alert on backups fires, as the monitor saw it last.',
    alerts.map(({ alert, firing }) => ({ labels: { alert }, value: firing ? 1 : 0 })),
  ),
  metric(
    'drillbook_alert_changed_timestamp_seconds',
    'When it fired or was resolved last.',
    alerts.map(({ alert, at }) => ({ labels: { alert }, value: at / 1_000_000 })),
  ),
];

function linesOf({ name, help, samples }: Metric): readonly string[] {
  const unit = name.endsWith('_seconds') ? [`# UNIT ${name} seconds`] : [];
  return [
    `# TYPE ${name} gauge`,
    ...unit,
    `# HELP ${name} ${help}`,
    ...samples.map(({ labels, value }) => `${name}${labelText(labels)} ${String(value)}`),
  ];
}

function labelText(labels: Sample['labels']): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' };

const escaped = (text: string): string =>
  text.replaceAll(/[\\"\n]/g, (character) => ESCAPES[character] ?? '');
