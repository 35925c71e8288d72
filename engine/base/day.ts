import { Instant } from './instant.ts';

/** A day of the calendar, `YYYY-MM-DD`: sorts as text, and belongs to no zone. */
export type Day = string;

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Whether a text is a day that there is: the 30th of February is none. */
export const isDay = (text: string): boolean => Instant.parse(`${text}T00:00:00Z`) !== undefined;

/** Whether the machine knows a time zone of that name (`Europe/Berlin`, `UTC`). */
export function isZone(name: string): boolean {
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

/** Which day it is there at that moment. */
export const dayIn = (zone: string, moment: Instant): Day => dayAt(zone, moment.epochMillis);

/**
 * The first moment of a day there: seldom, where the clock is put forward at midnight, at one o'clock. A day
 * that a zone left out (one that crossed the date line) begins with the next.
 */
export function startOfDay(zone: string, day: Day): Instant {
  const midnight = millisOf(day);
  // Zones lie within 15 hours of UTC. Before `before` the day has not begun, at `begun` it has.
  let before = midnight - 15 * HOUR - DAY;
  let begun = midnight + 15 * HOUR + DAY;
  while (begun - before > 1) {
    const middle = Math.floor((before + begun) / 2);
    if (dayAt(zone, middle) < day) before = middle;
    else begun = middle;
  }
  return Instant.fromMillis(begun);
}

/** So many days later. */
export const addDays = (day: Day, count: number): Day =>
  new Date(millisOf(day) + count * DAY).toISOString().slice(0, 10);

const millisOf = (day: Day): number => Date.parse(`${day}T00:00:00Z`);

const dayAt = (zone: string, millis: number): Day => formatOf(zone).format(millis);

const formats = new Map<string, Intl.DateTimeFormat>();

/** Throws a RangeError for a zone that there is not. Sweden writes days as ISO 8601 does. */
function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' });
  formats.set(zone, format);
  return format;
}
