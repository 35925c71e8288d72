import { expect, test } from 'vitest';
import { DRILL_MS, rehearse } from '../rig/rehearsal.ts';
import { twoSites } from '../rig/two-sites.ts';

const WAYS = ['cloudflare', 'route53', 'byHand'] as const;

test.each(WAYS)(
  'in a world of a file, a name moves with the application by %s',
  { timeout: DRILL_MS },
  async (way) => {
    const { exitCode, report, outcomes, proofs, left } = await rehearse('name-moves', {
      args: ['--playbooks', twoSites(way)],
    });
    expect(exitCode).toBe(0);
    expect(report.run).toMatchObject({ outcome: 'succeeded', world: 'two-sites' });
    expect(proofs).toMatchObject({ arrived: 'red' });
    expect(WAYS.filter((id) => outcomes[id] === 'succeeded')).toEqual([way]);
    // Render has seen it, and so has whoever looks the name up.
    expect(outcomes).toMatchObject({ leadsHere: 'succeeded', leadsThere: 'succeeded', seen: 'succeeded' });
    expect(left).toEqual([]);
  },
);
