import type { Day } from '../base/day.ts';
import { CalendarDay } from './recurrence-day.ts';
import { parseRule } from './recurrence-rule.ts';
import type { RecurrenceRule } from './recurrence-rule.ts';

/** What is wrong with a recurrence rule; undefined when nothing is. */
export function recurrenceProblem(rule: string): string | undefined {
  const parsed = parseRule(rule);
  return parsed.ok ? undefined : parsed.error;
}

/** Nobody plans further: a rule that gives no day in so many years never gives one, or as good as never. */
export const HORIZON_YEARS = 100;

/** The last day whose year has four digits. */
const LAST_DAY = '9999-12-31';

/**
 * The days of a rule in their order, by RFC 5545; none for a rule that is wrong. They end with COUNT, with
 * UNTIL, or when 100 years have given none.
 */
export function* occurrences(text: string, from: Day): Generator<Day, void, void> {
  const parsed = parseRule(text);
  if (!parsed.ok) return;
  const first = CalendarDay.of(from);
  const rule = completed(parsed.value, first);
  const until = rule.until ?? LAST_DAY;
  let left = rule.count ?? Number.POSITIVE_INFINITY;
  let lastYear = first.year;
  for (const period of periods(rule, first)) {
    if ((period[0]?.year ?? 0) > lastYear + HORIZON_YEARS) return;
    const days = period.filter((day) => isOf(rule, day));
    for (const day of atPositions(days, rule.positions)) {
      if (day.ordinal < first.ordinal) continue;
      const written = day.toString();
      if (written > until || left === 0) return;
      yield written;
      lastYear = day.year;
      left -= 1;
    }
  }
}

/** The first day of a rule; undefined when it never gives one. */
export function firstOccurrence(rule: string, from: Day): Day | undefined {
  for (const day of occurrences(rule, from)) return day;
  return undefined;
}

/** A rule that names no day takes that of its first one: the same weekday, day of the month, day of the year. */
function completed(rule: RecurrenceRule, first: CalendarDay): RecurrenceRule {
  const { frequency, weekdays, monthDays, yearDays, weeks, months } = rule;
  if ([weekdays, monthDays, yearDays, weeks].some(({ length }) => length > 0)) return rule;
  switch (frequency) {
    case 'DAILY':
      return rule;
    case 'WEEKLY':
      return { ...rule, weekdays: [{ weekday: first.weekday, nth: undefined }] };
    case 'MONTHLY':
      return { ...rule, monthDays: [first.monthDay] };
    case 'YEARLY':
      return { ...rule, monthDays: [first.monthDay], months: months.length === 0 ? [first.month] : months };
  }
}

/** The days of each period that counts (every second month …), whole, from the one that holds the first day. */
function* periods({ frequency, interval, weekStart }: RecurrenceRule, first: CalendarDay) {
  for (let step = 0; ; step += interval) {
    let begin: CalendarDay;
    let end: CalendarDay;
    switch (frequency) {
      case 'DAILY':
        begin = first.plus(step);
        end = begin.plus(1);
        break;
      case 'WEEKLY':
        begin = first.startOfWeek(weekStart).plus(7 * step);
        end = begin.plus(7);
        break;
      case 'MONTHLY':
        begin = CalendarDay.at(first.year, first.month + step);
        end = CalendarDay.at(first.year, first.month + step + 1);
        break;
      case 'YEARLY':
        begin = CalendarDay.at(first.year + step, 1);
        end = CalendarDay.at(first.year + step + 1, 1);
    }
    if (begin.year > 9999) return;
    yield Array.from({ length: end.ordinal - begin.ordinal }, (_, index) => begin.plus(index));
  }
}

/** Whether each part of the rule that names days names this one. */
function isOf(rule: RecurrenceRule, day: CalendarDay): boolean {
  const { months, monthDays, yearDays, weeks, weekdays, weekStart } = rule;
  if (months.length > 0 && !months.includes(day.month)) return false;
  if (weekdays.length > 0 && !weekdays.some((one) => isWeekday(rule, one, day))) return false;
  if (!isCounted(monthDays, day.monthDay, day.monthLength)) return false;
  if (!isCounted(yearDays, day.yearDay, day.yearLength)) return false;
  if (weeks.length === 0) return true;
  const { number, count } = day.week(weekStart);
  return isCounted(weeks, number, count);
}

/** Whether a list names the one that is number `position` of so many, from the beginning or from the end. */
const isCounted = (list: readonly number[], position: number, count: number): boolean =>
  list.length === 0 || list.includes(position) || list.includes(position - count - 1);

function isWeekday(
  { frequency, months }: RecurrenceRule,
  { weekday, nth }: RecurrenceRule['weekdays'][number],
  day: CalendarDay,
): boolean {
  if (weekday !== day.weekday) return false;
  if (nth === undefined) return true;
  const isOfMonth = frequency === 'MONTHLY' || months.length > 0;
  const [position, length] = isOfMonth ? [day.monthDay, day.monthLength] : [day.yearDay, day.yearLength];
  return nth > 0 ? Math.ceil(position / 7) === nth : Math.ceil((length - position + 1) / 7) === -nth;
}

/** Of the days of one period those that BYSETPOS takes; all when it is not given. */
const atPositions = (days: readonly CalendarDay[], positions: readonly number[]): readonly CalendarDay[] =>
  days.filter((_, index) => isCounted(positions, index + 1, days.length));
