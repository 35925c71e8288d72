import { Duration } from './duration.ts';
import { humanDuration, localTime } from './human.ts';
import { Instant } from './instant.ts';
import type { Result } from './result.ts';
import { err, ok } from './result.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

const WRITTEN = new RegExp(
  [
    /^(?:(?<date>\d{4}-\d{2}-\d{2}|today|yesterday)(?:[ t,]\s*))?/,
    /(?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2}(?:\.\d{1,6})?))?/,
    /\s*(?<zone>z|utc|gmt|[+-]\d{2}(?::?\d{2})?)?$/,
  ]
    .map(({ source }) => source)
    .join(''),
  'i',
);

const AGE_PART =
  /(?:(\d+(?:\.\d+)?)\s*|an?\s+)(d|days?|h|hours?|hrs?|m|mins?|minutes?|s|secs?|seconds?)(?![a-z])/gi;

/**
 * Reads a moment as people write it: `now`, `10 minutes ago`, `21:18`, `21:18Z`,
 * `2026-11-28 21:18 UTC`, RFC 3339. Without a zone it is the operator's own. A time of day alone is
 * today's, or where that is not fitting yesterday's, or else tomorrow's.
 */
export function readMoment(
  text: string,
  now: Instant,
  fits: (moment: Instant) => boolean,
): Result<Instant, string> {
  const written = text.trim().toLowerCase();
  if (written === 'now') return ok(now);
  const age = /^(.+?)\s*ago$/.exec(written)?.[1];
  if (age !== undefined) {
    const micros = readAge(age)?.micros;
    return micros === undefined ? unclear(now) : ok(new Instant(now.epochMicros - micros));
  }
  const exact = Instant.parse(text.trim());
  if (exact !== undefined) return ok(exact);
  const parts = WRITTEN.exec(written)?.groups;
  return parts === undefined ? unclear(now) : fromParts(parts, now, fits);
}

const unclear = (now: Instant): Result<Instant, string> =>
  err(`Write 21:18, 2026-11-28 21:18 UTC, ${localTime(now.epochMillis)}, or how long ago: 10 minutes ago.`);

/** `10m`, `1h30m`, `1 hour 30 minutes`, `an hour`. */
function readAge(text: string): Duration | undefined {
  const parts = [...text.matchAll(AGE_PART)];
  if (text.replaceAll(AGE_PART, '').replaceAll(/\s|,|and/g, '') !== '') return undefined;
  const compact = parts.map(([, count = '1', unit = '']) => `${count}${unit.charAt(0)}`);
  return Duration.parse(compact.join(''));
}

type Parts = Readonly<Record<string, string | undefined>>;

function fromParts(parts: Parts, now: Instant, fits: (moment: Instant) => boolean): Result<Instant, string> {
  const { hour = '', minute = '', second = '0', date, zone } = parts;
  const offset = zone === undefined ? undefined : offsetOf(zone);
  const ofDay = (Number(hour) * 60 + Number(minute)) * MINUTE_MS + Math.round(Number(second) * 1000);
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) >= 60)
    return err('There is no such time of day.');
  const today = dayOf(now.epochMillis, offset);
  const at = (day: number): Result<Instant, string> => atDay(day, ofDay, offset);
  if (date === 'today') return at(today);
  if (date === 'yesterday') return at(today - DAY_MS);
  if (date !== undefined) {
    const day = Date.parse(`${date}T00:00:00Z`);
    const exists = !Number.isNaN(day) && new Date(day).toISOString().startsWith(date);
    return exists ? at(day) : err('There is no such day.');
  }
  const candidates = [today, today - DAY_MS, today + DAY_MS].map(at);
  const fitting = candidates.find((candidate) => candidate.ok && fits(candidate.value));
  return fitting ?? candidates[0] ?? unclear(now);
}

function offsetOf(zone: string): number {
  const [, sign, hours, minutes = '0'] = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone) ?? [];
  if (hours === undefined) return 0;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * MINUTE_MS;
}

/** Midnight of the day on the wall at that moment, as if the wall were in UTC. */
function dayOf(millis: number, offset: number | undefined): number {
  const wall = millis + (offset ?? localOffset(millis));
  return wall - (((wall % DAY_MS) + DAY_MS) % DAY_MS);
}

const localOffset = (millis: number): number => -new Date(millis).getTimezoneOffset() * MINUTE_MS;

/** When a clock on the wall showed that; where it did so twice or never, it is asked for more exactly. */
function atDay(day: number, ofDay: number, offset: number | undefined): Result<Instant, string> {
  const wall = day + ofDay;
  // Microseconds do not fit there: no moment of a recovery.
  if (!Number.isSafeInteger((wall + DAY_MS) * 1000)) return err('There is no such day.');
  if (offset !== undefined) return ok(Instant.fromMillis(wall - offset));
  // An offset of the hours around it: a clock is set by less than that.
  const offsets = new Set([localOffset(wall - DAY_MS), localOffset(wall), localOffset(wall + DAY_MS)]);
  const moments = [...offsets]
    .map((each) => wall - each)
    .filter((millis) => millis + localOffset(millis) === wall);
  const [only, other] = moments;
  if (only === undefined) return err('The clocks here were set past that time: write it with its offset.');
  if (other === undefined) return ok(Instant.fromMillis(only));
  return err(`The clocks here showed that twice: write ${moments.map(localTime).join(' or ')}.`);
}

/** A moment in full: in UTC, on the operator's own clock where that shows another time, and how long ago. */
export function momentInFull(moment: Instant, now: Instant): string {
  const { epochMillis } = moment;
  const exact = moment
    .toString()
    .replace('T', ' ')
    .replace('Z', '')
    .replace(/\.000$/, '');
  const isUtc = localOffset(epochMillis) === 0;
  const here = isUtc ? '' : ` (${localTime(epochMillis).replace('T', ' ')} here)`;
  const days = Math.round((dayOf(epochMillis, undefined) - dayOf(now.epochMillis, undefined)) / DAY_MS);
  const day = days === -1 ? 'yesterday, ' : days === 1 ? 'tomorrow, ' : '';
  const age = (now.epochMicros - moment.epochMicros) / 1000;
  const distance =
    Math.abs(age) < 1000 ? 'now' : age > 0 ? `${humanDuration(age)} ago` : `in ${humanDuration(-age)}`;
  return `${exact} UTC${here}, ${day}${distance}`;
}
