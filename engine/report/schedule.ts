import { dayIn } from '../base/day.ts';
import { Instant } from '../base/instant.ts';
import type { JsonObject } from '../base/json.ts';
import type { DueStatus, Quarter } from '../measure/due.ts';
import type { ScheduleEntry } from '../model/schedule.ts';
import { defined, output } from './output.ts';
import { table } from '../base/layout.ts';
import { paintWith } from './style.ts';
import type { Tone } from './style.ts';

const TONES: Readonly<Record<DueStatus['state'], Tone | undefined>> = {
  overdue: 'bad',
  due: 'warn',
  done: 'good',
  upcoming: undefined,
};

const ORDER = ['overdue', 'due', 'upcoming', 'done'];

/** What is due, the most pressing first, and how SOC 2 stands. */
export function scheduleText(
  statuses: readonly DueStatus[],
  quarters: readonly Quarter[],
  options: {
    readonly color: boolean;
    readonly width: number;
    readonly zone: string;
    readonly command: (entry: ScheduleEntry) => string;
  },
): string {
  const paint = paintWith(options.color);
  const sorted = [...statuses].sort(
    (a, b) =>
      ORDER.indexOf(a.state) - ORDER.indexOf(b.state) ||
      (a.due ?? a.next ?? '').localeCompare(b.due ?? b.next ?? ''),
  );
  const rows = sorted.map((status) => {
    const { entry, state, due, missed, next, last } = status;
    const times = missed > 1 ? ` (${missed} times)` : '';
    return [
      state,
      due === undefined ? '–' : `${due}${times}`,
      next ?? '–',
      last?.startedAt === undefined ? 'never' : dayIn(options.zone, new Instant(last.startedAt)),
      entry.environment,
      entry.title === entry.playbook ? entry.playbook : `${entry.title} (${entry.playbook})`,
    ];
  });
  const lines = table([['STATE', 'DUE SINCE', 'NEXT', 'LAST DONE', 'IN', 'WHAT'], ...rows], {
    width: options.width,
    indent: '  ',
  });
  const painted = lines.map((line) =>
    line.replace(/^ {2}(overdue|due|done)/, (word) => {
      const tone = TONES[word.trim() as DueStatus['state']];
      return tone === undefined ? word : paint(tone, word);
    }),
  );
  const todo = sorted.filter(({ due }) => due !== undefined);
  return [
    ...painted,
    ...(quarters.length === 0 ? [] : ['', ...quarters.map((quarter) => quarterLine(quarter, paint))]),
    ...(todo.length === 0 ? [] : ['', 'To do:', ...todo.map(({ entry }) => `  ${options.command(entry)}`)]),
  ].join('\n');
}

function quarterLine(
  { name, state, missing, evidence, to }: Quarter,
  paint: ReturnType<typeof paintWith>,
): string {
  const head = `  SOC 2 ${name}  `;
  const proven = evidence.map(({ entry, run }) => `${entry} (${run})`).join(', ');
  if (state === 'met') return `${head}${paint('good', 'met')}: ${proven}`;
  const word = state === 'notMet' ? paint('bad', 'not met') : paint('warn', `open until ${to}`);
  return `${head}${word}: not tested ${missing.join(', ')}${proven === '' ? '' : `; tested ${proven}`}`;
}

/** For programs; days as `YYYY-MM-DD` by the calendar of the schedule's zone. */
export const scheduleJson = (statuses: readonly DueStatus[], quarters: readonly Quarter[]): JsonObject =>
  output('schedule', {
    entries: statuses.map(({ entry, state, due, missed, next, last }) =>
      defined({
        id: entry.id,
        title: entry.title,
        playbook: entry.playbook,
        environment: entry.environment,
        rule: entry.rule,
        soc2: entry.soc2,
        state,
        dueSince: due,
        missed,
        next,
        lastRun: last?.run,
      }),
    ),
    soc2: quarters.map(({ name, state, evidence, missing }) => ({
      quarter: name,
      state,
      evidence: evidence.map(({ entry, run }) => ({ entry, run })),
      missing: [...missing],
    })),
  });
