import { expect, test } from 'vitest';
import { DRILL_MS, rehearse } from '../rig/rehearsal.ts';

/** Who changes the record: the steps that lead the name to the other region. */
const WAYS = {
  cloudflare: ['cloudflareRecord'],
  route53: ['route53Record'],
  byHand: ['askForRecord', 'handRecord', 'answered'],
};
const ALL = Object.values(WAYS).flat();

test.each([
  ['cloudflare', 'peakops', 'nothingBroken'],
  ['route53', 'peakops-plain', 'nothingBroken'],
  ['byHand', 'peakops', 'byHand'],
] as const)(
  'the name moves to the other region by %s (%s)',
  { timeout: DRILL_MS },
  async (way, world, rehearsal) => {
    const { exitCode, outcomes, left } = await rehearse('migrate-to-backup-region', {
      rehearsal,
      args: ['--world', world],
    });
    expect(exitCode).toBe(0);
    const done = ALL.filter((id) =>
      Object.entries(outcomes).some(([key, outcome]) => key.endsWith(id) && outcome === 'succeeded'),
    );
    expect(done).toEqual(WAYS[way]);
    // Render has seen it, and the application answers at the name.
    expect(outcomes).toMatchObject({ verified: 'succeeded', arrived: 'succeeded' });
    expect(left).toEqual([]);
  },
);
