import { describe, expect, it } from 'vitest';
import { occurrences, recurrenceProblem } from '../../engine/load/recurrence.ts';
import { loadSchedule } from '../../engine/load/schedule.ts';
import { SourceFile } from '../../engine/source/file.ts';

function firstOf<T>(all: Iterable<T>, count: number): T[] {
  const found: T[] = [];
  for (const each of all) if (found.push(each) === count) break;
  return found;
}

const days = (rule: string, from: string, count: number): readonly string[] =>
  firstOf(occurrences(rule, from), count).map((day) => day.toString().slice(0, 10));

describe('a recurrence rule', () => {
  it.each([
    ['FREQ=WEEKLY;BYDAY=MO', '2025-11-01', ['2025-11-03', '2025-11-10', '2025-11-17']],
    ['FREQ=MONTHLY;BYDAY=1MO', '2025-11-01', ['2025-11-03', '2025-12-01', '2026-01-05']],
    ['FREQ=YEARLY;BYMONTH=1,4,7,10;BYDAY=1MO', '2025-11-01', ['2026-01-05', '2026-04-06', '2026-07-06']],
    ['FREQ=YEARLY;BYMONTH=1;BYDAY=1MO', '2025-11-01', ['2026-01-05', '2027-01-04', '2028-01-03']],
    ['FREQ=WEEKLY;BYDAY=MO;COUNT=2', '2025-11-01', ['2025-11-03', '2025-11-10']],
    ['FREQ=MONTHLY;BYDAY=1MO;UNTIL=20251231', '2025-11-01', ['2025-11-03', '2025-12-01']],
  ])('%s from %s', (rule, from, expected) => {
    expect(recurrenceProblem(rule)).toBeUndefined();
    expect(days(rule, from, 3)).toEqual(expected);
  });

  it.each([
    ['FREQ=MONTLY', /one of DAILY, WEEKLY, MONTHLY, YEARLY/],
    ['FREQ=HOURLY', /one of DAILY/],
    ['BYDAY=MO', /FREQ is missing/],
    ['FREQ=MONTHLY;BYDAY=1XX', /1XX/],
    ['FREQ=MONTHLY;BYHOUR=3', /"BYHOUR" is no part/],
    ['every first Monday', /no part of a rule/],
    ['', /no part of a rule/],
  ])('%j is refused', (rule, message) => {
    expect(recurrenceProblem(rule)).toMatch(message);
  });
});

describe('a schedule', () => {
  const known = { playbooks: ['database-corruption'], environments: ['sandbox', 'staging'] };
  const load = (entry: string) =>
    loadSchedule(
      new SourceFile('schedule.yaml', `version: 1\nname: Drills\nentries:\n  monthly: ${entry}\n`),
      known,
    );

  it('is read', () => {
    const { value, diagnostics } = load(
      '{ playbook: database-corruption, rule: FREQ=MONTHLY;BYDAY=1MO, from: 2026-01-05, environment: staging }',
    );
    expect(diagnostics).toEqual([]);
    expect(value).toMatchObject({
      name: 'Drills',
      entries: [
        {
          id: 'monthly',
          title: 'database-corruption',
          rule: 'FREQ=MONTHLY;BYDAY=1MO',
          withinMs: 7 * 86_400_000,
          soc2: false,
        },
      ],
    });
  });

  it('tells all that is wrong, with its place', () => {
    const { value, diagnostics } = load(
      '{ playbook: database-coruption, rule: FREQ=NEVER, from: 2026-02-30, environment: stagign, witin: 7d }',
    );
    expect(value).toBeUndefined();
    expect(
      diagnostics.map(({ code, hint, span }) => [code, span?.file.position(span.start).line, hint]),
    ).toEqual([
      ['DB061', 4, 'Did you mean "database-corruption"?'],
      ['DB081', 4, expect.stringMatching(/FREQ=MONTHLY;BYDAY=1MO/)],
      ['DB025', 4, expect.any(String)],
      ['DB082', 4, 'Did you mean "staging"?'],
      ['DB020', 4, 'Did you mean "within"?'],
    ]);
  });
});
