import ICAL from 'ical.js';
import { Instant } from '../base/instant.ts';

/** Drills are due by the day. */
const FREQUENCIES = ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'];

/** The parts that say something about days; the library passes over what it does not know. */
const PARTS = [
  ...['FREQ', 'INTERVAL', 'COUNT', 'UNTIL', 'WKST'],
  ...['BYDAY', 'BYMONTHDAY', 'BYYEARDAY', 'BYWEEKNO', 'BYMONTH', 'BYSETPOS'],
];

/** What is wrong with a recurrence rule; undefined when nothing is. */
export function recurrenceProblem(rule: string): string | undefined {
  const parts = rule.split(';').map((part) => part.split('=', 1)[0]?.toUpperCase() ?? '');
  const unknown = parts.find((name) => !PARTS.includes(name));
  if (unknown !== undefined) return `"${unknown}" is no part of a rule for days`;
  const frequency = /(?:^|;)FREQ=([^;]*)/i.exec(rule)?.[1]?.toUpperCase();
  if (frequency === undefined) return 'it does not say how often: FREQ is missing';
  if (!FREQUENCIES.includes(frequency)) return `FREQ must be one of ${FREQUENCIES.join(', ')}`;
  try {
    ICAL.Recur.fromString(rule).iterator(ICAL.Time.fromDateString('2024-01-01')).next();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The days of a rule, as their first moments in UTC, without end unless the rule has one. */
export function* occurrences(rule: string, from: string): Generator<Instant, void, void> {
  const days = ICAL.Recur.fromString(rule).iterator(ICAL.Time.fromDateString(from));
  for (let day = days.next() as ICAL.Time | null; day; day = days.next() as ICAL.Time | null) {
    yield Instant.fromMillis(Date.UTC(day.year, day.month - 1, day.day));
  }
}
