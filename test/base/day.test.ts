import { describe, expect, it } from 'vitest';
import { addDays, dayIn, isDay, isZone, startOfDay } from '../../engine/base/day.ts';
import { Instant } from '../../engine/base/instant.ts';

describe('a day', () => {
  it.each([
    ['UTC', '2026-01-05', '2026-01-05T00:00:00.000Z'],
    ['Europe/Berlin', '2026-01-05', '2026-01-04T23:00:00.000Z'],
    ['Europe/Berlin', '2026-03-29', '2026-03-28T23:00:00.000Z'],
    ['Europe/Berlin', '2026-03-30', '2026-03-29T22:00:00.000Z'],
    ['Europe/Berlin', '2026-10-26', '2026-10-25T23:00:00.000Z'],
    ['Asia/Kathmandu', '2026-01-05', '2026-01-04T18:15:00.000Z'],
    ['Pacific/Kiritimati', '2026-01-05', '2026-01-04T10:00:00.000Z'],
    ['Etc/GMT+12', '2026-01-05', '2026-01-05T12:00:00.000Z'],
    // The clock is put forward at midnight there: the day begins at one.
    ['America/Santiago', '2026-09-06', '2026-09-06T04:00:00.000Z'],
    // And back at midnight: the hour before it comes twice, and belongs to the day before.
    ['America/Santiago', '2026-04-05', '2026-04-05T04:00:00.000Z'],
    // From one o'clock back to midnight: the day has begun with the first.
    ['America/Havana', '2026-11-01', '2026-11-01T04:00:00.000Z'],
    // It left out 30 December 2011.
    ['Pacific/Apia', '2011-12-30', '2011-12-30T10:00:00.000Z'],
  ])('in %s %s begins at %s', (zone, day, expected) => {
    const start = startOfDay(zone, day);
    expect(start.toString()).toBe(expected);
    expect(dayIn(zone, start) >= day).toBe(true);
    expect(dayIn(zone, Instant.fromMillis(start.epochMillis - 1)) < day).toBe(true);
  });

  it('is counted on over the ends of months', () => {
    expect(addDays('2028-02-28', 2)).toBe('2028-03-01');
    expect(addDays('2026-01-01', -1)).toBe('2025-12-31');
  });

  it('is one that there is', () => {
    expect(['2028-02-29', '2026-02-29', '2026-1-5', 'today'].map(isDay)).toEqual([true, false, false, false]);
  });
});

it('a zone is one that the machine knows', () => {
  expect(['UTC', 'Europe/Berlin', 'Europe/Berln', ''].map(isZone)).toEqual([true, true, false, false]);
});
