import ICAL from 'ical.js';
import { describe, expect, it } from 'vitest';
import { Instant } from '../../engine/base/instant.ts';
import type { ScheduleEntry } from '../../engine/model/schedule.ts';
import { calendar } from '../../engine/report/calendar.ts';
import { SourceFile } from '../../engine/source/file.ts';

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
    { name: 'PeakOps, drills; all', entries, file: new SourceFile('schedule.yaml', '') },
    {
      now: Instant.parse('2025-12-24T10:00:00.123456Z')!,
      command: () => 'drillbook drill database-corruption',
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
