import ICAL from 'ical.js';
import { describe, expect, it } from 'vitest';
import { Instant } from '../../engine/base/instant.ts';
import { firstOccurrence, occurrences } from '../../engine/load/recurrence.ts';
import type { ScheduleEntry } from '../../engine/model/schedule.ts';
import { calendar } from '../../engine/report/calendar.ts';
import { SourceFile } from '../../engine/source/file.ts';
import { daysByDateutil } from '../rig/dateutil.ts';
import { needing } from '../rig/needed-programs.ts';

const entry = (change: Partial<ScheduleEntry>): ScheduleEntry => ({
  id: 'quarterly',
  title: 'Quarterly drill',
  playbook: 'database-corruption',
  environment: 'sandbox',
  rule: 'FREQ=YEARLY;BYMONTH=1,4,7,10;BYDAY=1MO',
  from: '2026-01-01',
  withinMs: 0,
  soc2: true,
  ...change,
});

const write = (...entries: readonly ScheduleEntry[]): string =>
  calendar(
    {
      name: 'PeakOps, drills; all',
      zone: 'Europe/Berlin',
      entries,
      file: new SourceFile('schedule.yaml', ''),
    },
    {
      now: Instant.parse('2025-12-24T10:00:00.123456Z')!,
      command: () => 'drillbook drill database-corruption',
      firstDay: ({ rule, from }) => firstOccurrence(rule, from)!,
    },
  );

/** The rules of RFC 5545 for lines: CRLF, at most 75 octets, what is longer goes on after a space. */
function unfold(text: string): readonly string[] {
  expect(text.endsWith('\r\n')).toBe(true);
  expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  for (const line of text.split('\r\n')) expect(Buffer.byteLength(line), line).toBeLessThanOrEqual(75);
  return text.replaceAll('\r\n ', '').trimEnd().split('\r\n');
}

describe('a calendar', () => {
  it('is what RFC 5545 wants', () => {
    expect(unfold(write(entry({})))).toEqual([
      'BEGIN:VCALENDAR',
      'PRODID:-//drillbook//schedule//EN',
      'VERSION:2.0',
      'CALSCALE:GREGORIAN',
      expect.stringMatching(/^X-WR-CALNAME:PeakOps/),
      'X-WR-TIMEZONE:Europe/Berlin',
      'BEGIN:VEVENT',
      'UID:quarterly.peakops-drills-all@schedule.drillbook.dev',
      'DTSTAMP:20251224T100000Z',
      'DTSTART;VALUE=DATE:20260105',
      'DURATION:P1D',
      'RRULE:FREQ=YEARLY;BYMONTH=1,4,7,10;BYDAY=1MO',
      'SUMMARY:Quarterly drill',
      'DESCRIPTION:drillbook drill database-corruption\\nSOC 2: once a quarter.',
      'CATEGORIES:SOC 2',
      'TRANSP:TRANSPARENT',
      'END:VEVENT',
      'END:VCALENDAR',
    ]);
  });

  it('folds long lines between characters, and escapes what means something', () => {
    const title = `Übung, vierteljährlich; ${'größte Datenbank '.repeat(8)}😀`;
    const lines = unfold(write(entry({ title })));
    expect(lines).toContain(`SUMMARY:${title.replaceAll(',', '\\,').replaceAll(';', '\\;')}`);
  });

  it('is read by a calendar program: each event with its days', () => {
    const read = new ICAL.Component(
      ICAL.parse(write(entry({}), entry({ id: 'weekly', rule: 'FREQ=WEEKLY;BYDAY=MO' }))) as unknown[],
    );
    const events = read.getAllSubcomponents('vevent').map((event) => new ICAL.Event(event));
    expect(events.map(({ uid }) => uid.split('.')[0])).toEqual(['quarterly', 'weekly']);
    const days = events.map((event) => {
      const iterator = event.iterator();
      return [iterator.next().toString(), iterator.next().toString()];
    });
    expect(days).toEqual([
      ['2026-01-05', '2026-04-06'],
      ['2026-01-05', '2026-01-12'],
    ]);
  });
});

describe('the days of an event', needing('python3', 'python3-dateutil'), () => {
  it('are those that the schedule names, as another program reads the calendar', async () => {
    const rules = [
      'FREQ=YEARLY;BYWEEKNO=20',
      'FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO',
      'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29',
      'FREQ=MONTHLY;BYMONTHDAY=31',
      'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1',
      'FREQ=MONTHLY;BYDAY=-1FR,+2MO',
      'FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU',
      'FREQ=WEEKLY;BYDAY=SU;COUNT=40',
      'FREQ=MONTHLY;BYDAY=-1SU;UNTIL=20271231',
      'freq=yearly;byyearday=-1',
    ];
    // From a Thursday, so that the first day is seldom the one that a rule begins with.
    const entries = rules.map((rule, index) => entry({ id: `entry-${index}`, rule, from: '2026-01-01' }));
    const lines = unfold(write(...entries));
    const events = lines.flatMap((line, index) => {
      if (!line.startsWith('DTSTART;VALUE=DATE:')) return [];
      const rule = lines.slice(index).find((each) => each.startsWith('RRULE:'));
      const [, year, month, day] = /(\d{4})(\d\d)(\d\d)$/.exec(line)!;
      return [{ rule: rule!.slice('RRULE:'.length), from: `${year}-${month}-${day}` }];
    });
    const until = '2034-12-31';
    const read = await daysByDateutil(events, { most: 200, until });
    expect(read).toEqual(
      entries.map(({ rule, from }) => [...upTo(until, occurrences(rule, from))].slice(0, 200)),
    );
    // Each begins with a day of the rule, which programs show even where the rule does not name it.
    expect(events.map(({ from }) => from)).toEqual(read.map(([first]) => first));
  });
});

function* upTo(last: string, days: Iterable<string>): Generator<string> {
  for (const day of days) {
    if (day > last) return;
    yield day;
  }
}
