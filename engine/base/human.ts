import { Instant } from './instant.ts';

// Lengths of time, moments and counts as people read them.

const two = (count: number): string => String(count).padStart(2, '0');

/** A length of time: two units at most and no false precision, `1h 05m`, `2m 30s`, `8.4s`, `120ms`. */
export function humanDuration(millis: number): string {
  if (millis < 0) return `-${humanDuration(-millis)}`;
  if (millis < 1000) return `${String(Math.round(millis))}ms`;
  if (millis < 59_950) return `${(millis / 1000).toFixed(1)}s`;
  const seconds = Math.round(millis / 1000);
  if (seconds < 3600) return `${String(Math.floor(seconds / 60))}m ${two(seconds % 60)}s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 1440) return `${String(Math.floor(minutes / 60))}h ${two(minutes % 60)}m`;
  const hours = Math.round(minutes / 60);
  return `${String(Math.floor(hours / 24))}d ${two(hours % 24)}h`;
}

/** A running clock: `12:03`, `1:02:03`. */
export function clockText(millis: number): string {
  if (millis < 0) return `-${clockText(-millis)}`;
  const seconds = Math.floor(millis / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${String(minutes)}:${two(seconds % 60)}`;
  return `${String(Math.floor(minutes / 60))}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** A length of time in a word, as one says it: `40s`, `30m`, `1h 30m`. For objectives and forecasts. */
export function brief(millis: number): string {
  if (millis < 0) return `-${brief(-millis)}`;
  const seconds = Math.round(millis / 1000);
  if (seconds < 60) return `${String(seconds)}s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${String(minutes)}m`;
  const hours = Math.floor(minutes / 60);
  return minutes % 60 === 0 ? `${String(hours)}h` : `${String(hours)}h ${two(minutes % 60)}m`;
}

/** A length of time rounded up to one that people promise each other: 5, 15, 30, 45 minutes and the like, then half hours. */
export function promised(millis: number): number {
  const minutes = millis / 60_000;
  const step = minutes <= 20 ? 5 : minutes <= 90 ? 15 : 30;
  return Math.max(step, Math.ceil(minutes / step) * step) * 60_000;
}

/** The time of day in the operator's own time zone: `14:05:09`. */
export function timeOfDay(epochMillis: number): string {
  const date = new Date(epochMillis);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** RFC 3339 with the offset of the operator's own time zone, to the second. */
export function localTime(epochMillis: number): string {
  const date = new Date(epochMillis);
  const offset = -date.getTimezoneOffset();
  const size = Math.abs(offset);
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
  const day = `${String(date.getFullYear())}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${timeOfDay(epochMillis)}${offset === 0 ? 'Z' : zone}`;
}

/** `2026-11-22 14:55:03 UTC` */
export const dateTime = (micros: number): string => `${rfc3339(micros).slice(0, 19).replace('T', ' ')} UTC`;

/** A number that is no moment, as only a damaged journal holds it, is shown as it is. */
export const rfc3339 = (micros: number): string =>
  Number.isSafeInteger(micros) ? new Instant(micros).toString() : String(micros);

/** `1 row`, `2,000 rows` */
export const count = (number: number, noun: string): string =>
  `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`;
