import { count } from '../../base/human.ts';
import type { RunSummary } from '../../measure/summary.ts';
import type { Figures, Trend } from '../../measure/trend.ts';
import type { Objectives } from '../../model/objectives.ts';
import { judgedText, targetText } from '../figures.ts';
import { MODE_WORDS, dayText, settingText } from '../measured.ts';
import type { MeasuredPlaybook } from '../measured.ts';
import { blocks, line, table } from './markdown.ts';

/** A page of another beginning was written by a person. */
export const MADE_OF_RUNS = '<!-- Made by `drillbook docs --measured`';

/**
 * The page of measured values: what each playbook promises, and what the runs of a store showed of it. Another
 * store gives another page, so that it is no page of the playbooks.
 */
export function measuredPage(objectives: readonly MeasuredPlaybook[], trends: readonly Trend[]): string {
  const runs = trends.flatMap((trend) => trend.runs);
  const newest = Math.max(0, ...runs.map(({ startedAt = 0 }) => startedAt));
  const text = blocks(
    `${MADE_OF_RUNS} of the runs of a store: run it again after a drill. -->`,
    '# Measured values',
    `What the playbooks promise, and what ${count(runs.length, 'run')} showed of it, the newest of ${dayText(newest)}. A drill proves less than a real run, so they stand apart; an objective without evidence is *unproven*, which counts as not met. Waits that the sandbox shortens are judged at their real length. What else a figure does not cover, the report of its run says (\`drillbook report RUN\`).`,
    '## Recovery objectives',
    table(
      ['Scenario', 'Priority', 'RTO', 'RPO', 'Last drill', 'Last real run'],
      objectives.map(({ id, playbook, last }) => [
        line(playbook?.title ?? id),
        playbook?.priority ?? '',
        targetText(playbook?.objectives.rto),
        targetText(playbook?.objectives.rpo),
        lastText(last.drill, playbook?.objectives),
        lastText(last.recovery, playbook?.objectives),
      ]),
    ),
    '## By setting',
    'Only runs of one row compare: the same playbook, rehearsal and branches, environment and attendance.',
    table(
      ['Playbook', 'Setting', 'Runs', 'Newest', 'RTA', 'RTO met', 'RPA', 'RPO met'],
      trends.map(({ setting, runs: all, rta, rpa }) => {
        const last = all.at(-1);
        return [
          setting.playbook,
          line(settingText(setting)),
          count(all.length, MODE_WORDS[setting.mode]),
          last === undefined ? '' : `${dayText(last.startedAt ?? 0)}, \`${last.run}\``,
          judgedText(last?.rto),
          metText(rta),
          judgedText(last?.rpo),
          metText(rpa),
        ];
      }),
    ),
  );
  return `${text}\n`;
}

function lastText(run: RunSummary | undefined, promised: Objectives = {}): string {
  if (run === undefined) return 'never';
  const ended = run.outcome === 'succeeded' ? '' : `, ${run.outcome ?? ''}`;
  const figures = [
    ...(run.rto === undefined ? [] : [`RTA ${judgedText(run.rto, promised.rto?.targetMs)}`]),
    ...(run.rpo === undefined ? [] : [`RPA ${judgedText(run.rpo, promised.rpo?.targetMs)}`]),
  ].join(', ');
  return line(`${dayText(run.startedAt ?? 0)} ${settingText(run)}${ended}: ${figures}`);
}

function metText({ verdicts }: Figures): string {
  const all = verdicts.met + verdicts.missed + verdicts.unproven;
  return all === 0 ? '–' : `${String(verdicts.met)} of ${String(all)}`;
}
