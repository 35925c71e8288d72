import { describe, expect, it } from 'vitest';
import { firstOccurrence, occurrences, recurrenceProblem } from '../../engine/load/recurrence.ts';
import fc from '../rig/fast-check.ts';
import { daysByDateutil, weekByPython } from '../rig/dateutil.ts';
import type { DatedRule } from '../rig/dateutil.ts';
import { needing } from '../rig/needed-programs.ts';

function firstOf(days: Iterable<string>, count: number, last = '9999-12-31'): readonly string[] {
  const found: string[] = [];
  for (const day of days) if (day > last || found.push(day) === count) break;
  return found;
}

describe('a recurrence rule', () => {
  it.each([
    ['FREQ=WEEKLY;BYDAY=MO', '2025-11-01', '2025-11-03 2025-11-10 2025-11-17'],
    ['freq=weekly;byday=mo', '2025-11-01', '2025-11-03 2025-11-10 2025-11-17'],
    ['FREQ=MONTHLY;BYDAY=1MO', '2025-11-01', '2025-11-03 2025-12-01 2026-01-05'],
    ['FREQ=MONTHLY;BYDAY=MO,1TU', '2026-01-01', '2026-01-05 2026-01-06 2026-01-12'],
    ['FREQ=YEARLY;BYMONTH=1,4,7,10;BYDAY=1MO', '2025-11-01', '2026-01-05 2026-04-06 2026-07-06'],
    ['FREQ=WEEKLY;BYDAY=MO;COUNT=2', '2025-11-01', '2025-11-03 2025-11-10'],
    ['FREQ=MONTHLY;BYDAY=1MO;UNTIL=20251201', '2025-11-01', '2025-11-03 2025-12-01'],
    // The 31st, and the last day whatever its number.
    ['FREQ=MONTHLY', '2026-01-31', '2026-01-31 2026-03-31 2026-05-31'],
    ['FREQ=MONTHLY;BYMONTHDAY=-1', '2026-01-31', '2026-01-31 2026-02-28 2026-03-31'],
    ['FREQ=MONTHLY;BYMONTHDAY=29,31', '2026-02-01', '2026-03-29 2026-03-31 2026-04-29'],
    // 29 February.
    ['FREQ=YEARLY', '2024-02-29', '2024-02-29 2028-02-29 2032-02-29'],
    ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29', '2096-01-01', '2096-02-29 2104-02-29 2108-02-29'],
    ['FREQ=YEARLY;BYYEARDAY=366', '2025-01-01', '2028-12-31 2032-12-31 2036-12-31'],
    ['FREQ=YEARLY;INTERVAL=3;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO', '2028-01-01', '2112-02-29 2196-02-29'],
    // Weeks: the first has the year's first Thursday, and some of its days lie in the year before.
    ['FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO', '2026-01-05', '2027-01-04 2028-01-03 2029-01-01 2029-12-31'],
    ['FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO', '2026-01-05', '2026-12-28 2032-12-27 2037-12-28'],
    ['FREQ=YEARLY;BYWEEKNO=-1;BYDAY=SU', '2026-01-05', '2027-01-03 2028-01-02 2028-12-31'],
    ['FREQ=YEARLY;BYWEEKNO=20', '2026-05-16', '2026-05-16 2026-05-17 2027-05-17'],
    // The day on which weeks begin says which Tuesday is two weeks after a Sunday.
    ['FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=MO', '2026-08-04', '2026-08-04 2026-08-09 2026-08-18'],
    ['FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU', '2026-08-04', '2026-08-04 2026-08-16 2026-08-18'],
    ['FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1', '2026-01-01', '2026-01-30 2026-02-27 2026-03-31'],
  ])('%s from %s', (rule, from, expected) => {
    expect(recurrenceProblem(rule)).toBeUndefined();
    const days = expected.split(' ');
    expect(firstOf(occurrences(rule, from), days.length)).toEqual(days);
  });

  it.each([
    ['FREQ=MONTLY', /one of DAILY, WEEKLY, MONTHLY, YEARLY/],
    ['FREQ=HOURLY', /one of DAILY/],
    ['BYDAY=MO', /FREQ is missing/],
    ['FREQ=MONTHLY;BYDAY=1XX', /1XX/],
    ['FREQ=MONTHLY;BYHOUR=3', /"BYHOUR" is no part/],
    ['FREQ=MONTHLY;FREQ=DAILY', /FREQ twice/],
    ['FREQ=MONTHLY;BYMONTHDAY=32', /BYMONTHDAY must be .* from 1 to 31.* and not "32"/],
    ['FREQ=MONTHLY;BYMONTHDAY=1,0', /not "0"/],
    ['FREQ=MONTHLY;BYMONTHDAY=', /not ""/],
    ['FREQ=YEARLY;BYMONTH=-1', /BYMONTH must be .* from 1 to 12/],
    ['FREQ=YEARLY;BYWEEKNO=54;BYDAY=MO', /from 1 to 53/],
    ['FREQ=DAILY;INTERVAL=0', /INTERVAL must be/],
    ['FREQ=DAILY;UNTIL=20260230', /UNTIL must be a day/],
    ['FREQ=DAILY;UNTIL=20261231T000000Z', /UNTIL must be a day, such as 20261231/],
    ['FREQ=DAILY;UNTIL=20261231;COUNT=3', /exclude each other/],
    ['FREQ=WEEKLY;BYDAY=1MO', /needs FREQ=MONTHLY or FREQ=YEARLY/],
    ['FREQ=WEEKLY;BYMONTHDAY=1', /does not go with FREQ=WEEKLY/],
    ['FREQ=MONTHLY;BYWEEKNO=1', /needs FREQ=YEARLY/],
    ['FREQ=MONTHLY;BYYEARDAY=1', /needs FREQ=YEARLY/],
    ['FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO', /does not go with BYWEEKNO/],
    ['FREQ=MONTHLY;BYSETPOS=1', /BYSETPOS needs another/],
    ['every first Monday', /no part of a rule/],
    ['', /no part of a rule/],
  ])('%j is refused', (rule, message) => {
    expect(recurrenceProblem(rule)).toMatch(message);
    expect([...occurrences(rule, '2026-01-05')]).toEqual([]);
  });

  it.each([
    'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30',
    'FREQ=DAILY;BYMONTH=4,6;BYMONTHDAY=31',
    'FREQ=DAILY;BYDAY=MO;BYSETPOS=2',
    'FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=3',
    'FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29',
    'FREQ=MONTHLY;INTERVAL=12;BYMONTH=2',
    'FREQ=DAILY;UNTIL=20251231',
  ])('%s never gives a day from 2025-03-01, and that is found out', (rule) => {
    const from = rule.includes('UNTIL') ? '2026-01-01' : '2025-03-01';
    expect(recurrenceProblem(rule)).toBeUndefined();
    expect(firstOccurrence(rule, from)).toBeUndefined();
  });
});

describe('generated rules', needing('python3', 'python3-dateutil'), () => {
  const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
  const some = (values: readonly (string | number)[], most = 3): fc.Arbitrary<string> =>
    fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: most }).map((list) => list.join());
  const maybe = (part: string, value: fc.Arbitrary<string>): fc.Arbitrary<readonly string[]> =>
    fc.oneof(
      fc.constant([]),
      value.map((text) => [`${part}=${text}`]),
    );
  const months = maybe('BYMONTH', some(Array.from({ length: 12 }, (_, index) => index + 1)));
  const monthDays = maybe('BYMONTHDAY', some([1, 2, 13, 15, 28, 29, 30, 31, -1, -2]));
  const plainDays = maybe('BYDAY', some(WEEKDAYS));
  // Plain weekdays and numbered ones together: dateutil takes the days that are both, the standard each.
  const numberedDays = maybe(
    'BYDAY',
    some(WEEKDAYS.flatMap((day) => ['1', '2', '-1', '5', '+3'].map((nth) => nth + day))),
  );
  const yearDays = maybe('BYYEARDAY', some([1, 59, 60, 100, 366, -1, -366]));
  // The last week is left to Python's own calendar below: dateutil counts some years a week too long.
  const weeks = some([1, 2, 20, 51]).map((text) => [`BYWEEKNO=${text}`]);

  const parts = fc.oneof(
    fc.tuple(fc.constant(['FREQ=DAILY']), months, monthDays, plainDays),
    fc.tuple(fc.constant(['FREQ=WEEKLY']), months, plainDays),
    fc.tuple(fc.constant(['FREQ=MONTHLY']), months, monthDays, fc.oneof(plainDays, numberedDays)),
    fc.tuple(fc.constant(['FREQ=YEARLY']), months, monthDays, yearDays, fc.oneof(plainDays, numberedDays)),
    fc.tuple(fc.constant(['FREQ=YEARLY']), weeks, months, plainDays),
  );
  const rules: fc.Arbitrary<DatedRule> = fc
    .record({
      parts: parts.map((lists) => lists.flat()),
      interval: maybe('INTERVAL', fc.constantFrom('1', '2', '3', '4', '6')),
      weekStart: maybe('WKST', fc.constantFrom('SU', 'MO', 'WE')),
      end: maybe('COUNT', fc.constantFrom('1', '2', '7')),
      position: maybe('BYSETPOS', fc.constantFrom('1', '2', '-1')),
      from: fc
        .integer({ min: Date.UTC(2023, 0) / 86_400_000, max: Date.UTC(2029, 0) / 86_400_000 })
        .map((day) => new Date(day * 86_400_000).toISOString().slice(0, 10)),
    })
    .map(({ parts: given, interval, weekStart, end, position, from }) => {
      // Of the week in which a rule begins dateutil counts the positions from its first day on.
      const takesPositions = given.some((part) => part.startsWith('BY')) && !given.includes('FREQ=WEEKLY');
      return {
        rule: [...given, ...interval, ...weekStart, ...end, ...(takesPositions ? position : [])].join(';'),
        from,
      };
    });

  it('give the days that python-dateutil gives', async () => {
    const generated = fc.sample(rules, 150);
    const until = '2034-12-31';
    const expected = await daysByDateutil(generated, { most: 12, until });
    const found = generated.map(({ rule, from }) => firstOf(occurrences(rule, from), 12, until));
    const told = (days: readonly (readonly string[])[]): readonly string[] =>
      generated.map(({ rule, from }, index) => `${rule} from ${from}: ${days[index]?.join(' ') ?? ''}`);
    expect(generated.map(({ rule }) => recurrenceProblem(rule))).toEqual(generated.map(() => undefined));
    expect(told(found)).toEqual(told(expected));
  });

  it('count weeks as the calendar of ISO 8601 does', async () => {
    const days = firstOf(occurrences('FREQ=DAILY', '2023-01-01'), 366 * 11);
    const weeks = await weekByPython(days);
    const byRule = new Map<string, number>();
    for (let week = 1; week <= 53; week += 1) {
      const rule = `FREQ=YEARLY;BYWEEKNO=${week};BYDAY=MO,TU,WE,TH,FR,SA,SU`;
      for (const day of firstOf(occurrences(rule, '2023-01-01'), Infinity, days.at(-1)))
        byRule.set(day, week);
    }
    expect(days.map((day) => byRule.get(day))).toEqual(weeks);
  });
});
