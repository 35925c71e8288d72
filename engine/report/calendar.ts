import ICAL from 'ical.js';
import type { Day } from '../base/day.ts';
import type { Instant } from '../base/instant.ts';
import type { Schedule, ScheduleEntry } from '../model/schedule.ts';

const ONE_DAY = 'P1D';

/** At most 75 octets a line; the library does not count the space that a folded one begins with. */
const LINE = 74;

/**
 * A schedule as a calendar (RFC 5545): one recurring whole-day event for each entry. An entry keeps its
 * UID, so that importing it again changes the event and does not double it.
 *
 * @param options.command how an entry is carried out, for the description
 * @param options.firstDay DTSTART counts as the first event whether the rule meets it or not, so it must be a
 *   day of the rule
 */
export function calendar(
  { name, zone, entries }: Schedule,
  options: {
    readonly now: Instant;
    readonly command: (entry: ScheduleEntry) => string;
    readonly firstDay: (entry: ScheduleEntry) => Day;
  },
): string {
  ICAL.foldLength = LINE;
  const whole = new ICAL.Component('vcalendar');
  whole.updatePropertyWithValue('prodid', '-//drillbook//schedule//EN');
  whole.updatePropertyWithValue('version', '2.0');
  whole.updatePropertyWithValue('calscale', 'GREGORIAN');
  whole.updatePropertyWithValue('x-wr-calname', name);
  whole.updatePropertyWithValue('x-wr-timezone', zone);
  const stamp = ICAL.Time.fromJSDate(new Date(options.now.epochMillis), true);
  for (const entry of entries) {
    const event = new ICAL.Component('vevent');
    event.updatePropertyWithValue('uid', `${entry.id}.${slug(name)}@schedule.drillbook.dev`);
    event.updatePropertyWithValue('dtstamp', stamp);
    event.updatePropertyWithValue('dtstart', ICAL.Time.fromDateString(options.firstDay(entry)));
    event.updatePropertyWithValue('duration', ICAL.Duration.fromString(ONE_DAY));
    event.updatePropertyWithValue('rrule', ICAL.Recur.fromString(entry.rule.toUpperCase()));
    event.updatePropertyWithValue('summary', entry.title);
    event.updatePropertyWithValue(
      'description',
      `${options.command(entry)}${entry.soc2 ? '\nSOC 2: once a quarter.' : ''}`,
    );
    event.updatePropertyWithValue('categories', entry.soc2 ? 'SOC 2' : 'Drill');
    event.updatePropertyWithValue('transp', 'TRANSPARENT');
    whole.addSubcomponent(event);
  }
  return `${whole.toString()}\r\n`;
}

const slug = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '') || 'schedule';
