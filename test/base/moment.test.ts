import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Instant } from '../../engine/base/instant.ts';
import { momentInFull, readMoment } from '../../engine/base/moment.ts';

/** At night, where a day ends, and an hour ahead of UTC. */
const now = Instant.parse('2026-11-28T23:30:00Z')!;

beforeEach(() => {
  vi.stubEnv('TZ', 'Europe/Berlin');
});

afterEach(() => {
  vi.unstubAllEnvs();
});

const past = (moment: Instant): boolean => moment.epochMicros <= now.epochMicros;

const read = (text: string, fits: (moment: Instant) => boolean = () => true): string => {
  const result = readMoment(text, now, fits);
  return result.ok ? result.value.toString() : result.error;
};

describe('a moment as people write it', () => {
  it.each([
    ['now', '2026-11-28T23:30:00.000Z'],
    ['10m ago', '2026-11-28T23:20:00.000Z'],
    ['10 minutes ago', '2026-11-28T23:20:00.000Z'],
    ['an hour ago', '2026-11-28T22:30:00.000Z'],
    ['1 hour and 2 min ago', '2026-11-28T22:28:00.000Z'],
    ['2 days ago', '2026-11-26T23:30:00.000Z'],
    ['00:18', '2026-11-28T23:18:00.000Z'],
    ['21:18Z', '2026-11-28T21:18:00.000Z'],
    ['21:18:05.5 utc', '2026-11-28T21:18:05.500Z'],
    ['21:18+05:30', '2026-11-29T15:48:00.000Z'],
    ['2026-11-28 21:18', '2026-11-28T20:18:00.000Z'],
    ['2026-11-28 21:18 UTC', '2026-11-28T21:18:00.000Z'],
    ['2026-11-28T21:18Z', '2026-11-28T21:18:00.000Z'],
    ['2026-11-28 21:18 +0100', '2026-11-28T20:18:00.000Z'],
    ['2026-11-28T21:18:00.123456Z', '2026-11-28T21:18:00.123456Z'],
    ['yesterday 21:18', '2026-11-28T20:18:00.000Z'],
    ['today 00:10', '2026-11-28T23:10:00.000Z'],
  ])('%s', (text, moment) => {
    expect(read(text)).toBe(moment);
  });

  it.each([
    'ago',
    'some time ago',
    '10 parsecs ago',
    '1m 2h ago',
    '25:00',
    '21:60',
    '2026-02-30 10:00',
    '5/6 21:18',
    '21',
    '9999-12-31T00:00:00Z',
  ])('is not %s, and how to write it is said', (text) => {
    const result = readMoment(text, now, () => true);
    expect(result.ok ? result.value.toString() : result.error).toMatch(/^(Write|There is no such)/);
  });

  it('is yesterday’s where today’s does not fit, and tomorrow’s where only that does', () => {
    expect(read('21:18', past)).toBe('2026-11-28T20:18:00.000Z');
    expect(read('21:18')).toBe('2026-11-29T20:18:00.000Z');
    expect(read('00:18', (moment) => !past(moment))).toBe('2026-11-29T23:18:00.000Z');
  });

  it('is asked for more exactly where the clocks showed it twice, or never', () => {
    expect(read('2026-10-25 02:30')).toBe(
      'The clocks here showed that twice: write 2026-10-25T02:30:00+02:00 or 2026-10-25T02:30:00+01:00.',
    );
    expect(read('2026-03-29 02:30')).toMatch(/set past that time/);
    expect(read('2026-10-25 02:30 UTC')).toBe('2026-10-25T02:30:00.000Z');
  });
});

describe('a moment in full', () => {
  it('says the zone, the clock here, and how far away it is', () => {
    expect(momentInFull(Instant.parse('2026-11-28T20:14:07Z')!, now)).toBe(
      '2026-11-28 20:14:07 UTC (2026-11-28 21:14:07+01:00 here), yesterday, 3h 16m ago',
    );
    vi.stubEnv('TZ', 'UTC');
    expect(momentInFull(Instant.parse('2026-11-28T20:14:07Z')!, now)).toBe(
      '2026-11-28 20:14:07 UTC, 3h 16m ago',
    );
  });
});
