import { isDay } from '../base/day.ts';
import type { Day } from '../base/day.ts';
import { err, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';

/** A recurrence rule of RFC 5545 for whole days. A part that is not given is an empty list. */
export interface RecurrenceRule {
  readonly frequency: Frequency;
  readonly interval: number;
  readonly count: number | undefined;
  readonly until: Day | undefined;
  /** WKST; Sunday is 0. */
  readonly weekStart: number;
  /** `nth`: of the month or the year, from its end when negative; undefined: each. */
  readonly weekdays: readonly { readonly weekday: number; readonly nth: number | undefined }[];
  readonly monthDays: readonly number[];
  readonly yearDays: readonly number[];
  readonly weeks: readonly number[];
  readonly months: readonly number[];
  readonly positions: readonly number[];
}

/** Drills are due by the day. */
const FREQUENCIES = ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'] as const;
export type Frequency = (typeof FREQUENCIES)[number];

const WEEKDAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];

/** Whether a part has one of these texts; what to write otherwise, and whether it may be a list of them. */
interface Part {
  readonly isRight: (text: string) => boolean;
  readonly wanted: string;
  readonly list?: true;
}

const between = (least: number, most: number): Part => ({
  isRight: (text) => /^\d{1,4}$/.test(text) && Number(text) >= least && Number(text) <= most,
  wanted: `a whole number from ${least} to ${most}`,
});

/** Counted from the beginning, or with a minus from the end. */
const counted = (most: number): Part => ({
  isRight: (text) => between(1, most).isRight(text.replace(/^[+-]/, '')),
  wanted: `whole numbers from 1 to ${most}, or from -1 to -${most}, counted from the end`,
  list: true,
});

const PARTS: Readonly<Record<string, Part>> = {
  FREQ: { isRight: isFrequency, wanted: `one of ${FREQUENCIES.join(', ')}` },
  INTERVAL: between(1, 9999),
  COUNT: between(1, 9999),
  UNTIL: { isRight: (text) => dayOf(text) !== undefined, wanted: 'a day, such as 20261231' },
  WKST: { isRight: (text) => WEEKDAYS.includes(text), wanted: `one of ${WEEKDAYS.join(', ')}` },
  BYDAY: {
    isRight: (text) =>
      WEEKDAYS.includes(text.slice(-2)) && (text.length === 2 || counted(53).isRight(text.slice(0, -2))),
    wanted: `weekdays (${WEEKDAYS.join(', ')}), each with its number of the month or year before it when only that one counts (1MO, -1FR)`,
    list: true,
  },
  BYMONTHDAY: counted(31),
  BYYEARDAY: counted(366),
  BYWEEKNO: counted(53),
  BYMONTH: { ...between(1, 12), list: true },
  BYSETPOS: counted(366),
};

/** Reads a rule as it stands in the file; else what is wrong with it, in words. */
export function parseRule(text: string): Result<RecurrenceRule, string> {
  const parts = new Map<string, string>();
  for (const written of text.toUpperCase().split(';')) {
    const [name = '', value = ''] = written.split(/=(.*)/s, 2);
    const problem = parts.has(name) ? `it says ${name} twice` : problemOf(name, value);
    if (problem !== undefined) return err(problem);
    parts.set(name, value);
  }
  const problem = contradiction(parts);
  if (problem !== undefined) return err(problem);
  const numbers = (name: string): readonly number[] => parts.get(name)?.split(',').map(Number) ?? [];
  const frequency = parts.get('FREQ') ?? '';
  if (!isFrequency(frequency)) return err('it does not say how often: FREQ is missing');
  return ok({
    frequency,
    interval: numbers('INTERVAL')[0] ?? 1,
    count: numbers('COUNT')[0],
    until: dayOf(parts.get('UNTIL') ?? ''),
    weekStart: WEEKDAYS.indexOf(parts.get('WKST') ?? 'MO'),
    weekdays: parts.get('BYDAY')?.split(',').map(weekdayOf) ?? [],
    monthDays: numbers('BYMONTHDAY'),
    yearDays: numbers('BYYEARDAY'),
    weeks: numbers('BYWEEKNO'),
    months: numbers('BYMONTH'),
    positions: numbers('BYSETPOS'),
  });
}

function problemOf(name: string, value: string): string | undefined {
  const part = Object.hasOwn(PARTS, name) ? PARTS[name] : undefined;
  if (part === undefined) return `"${name}" is no part of a rule for days`;
  const wrong = (part.list === true ? value.split(',') : [value]).find((each) => !part.isRight(each));
  return wrong === undefined ? undefined : `${name} must be ${part.wanted}, and not "${wrong}"`;
}

/** What RFC 5545 forbids to say together: programs that read the calendar understand different days by it. */
function contradiction(parts: ReadonlyMap<string, string>): string | undefined {
  const frequency = parts.get('FREQ');
  const is = (...allowed: readonly string[]): boolean => allowed.includes(frequency ?? '');
  const isNumbered = /\d/.test(parts.get('BYDAY') ?? '');
  if (frequency === undefined) return 'it does not say how often: FREQ is missing';
  if (parts.has('COUNT') && parts.has('UNTIL')) return 'COUNT and UNTIL exclude each other';
  if (parts.has('BYWEEKNO') && !is('YEARLY')) return 'BYWEEKNO needs FREQ=YEARLY';
  if (parts.has('BYYEARDAY') && !is('YEARLY')) return 'BYYEARDAY needs FREQ=YEARLY';
  if (parts.has('BYMONTHDAY') && is('WEEKLY')) return 'BYMONTHDAY does not go with FREQ=WEEKLY';
  if (isNumbered && !is('MONTHLY', 'YEARLY')) {
    return 'a number before a weekday in BYDAY needs FREQ=MONTHLY or FREQ=YEARLY';
  }
  if (isNumbered && parts.has('BYWEEKNO'))
    return 'a number before a weekday in BYDAY does not go with BYWEEKNO';
  if (parts.has('BYSETPOS') && ![...parts.keys()].some((name) => /^BY(?!SETPOS)/.test(name))) {
    return 'BYSETPOS needs another part that begins with BY, of whose days it takes some';
  }
  return undefined;
}

function isFrequency(text: string): text is Frequency {
  return (FREQUENCIES as readonly string[]).includes(text);
}

const weekdayOf = (text: string) => ({
  weekday: WEEKDAYS.indexOf(text.slice(-2)),
  nth: text.length === 2 ? undefined : Number(text.slice(0, -2)),
});

/** `20261231` as `2026-12-31`; undefined when there is no such day. */
function dayOf(text: string): Day | undefined {
  const [, year = '', month = '', day = ''] = /^(\d{4})(\d{2})(\d{2})$/.exec(text) ?? [];
  const written = `${year}-${month}-${day}`;
  return isDay(written) ? written : undefined;
}
