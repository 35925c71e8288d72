/** @module-tag needs/libfaketime */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lackOfDisk } from '../../../engine/base/own-disk.ts';
import { DRILL_MS, rehearse } from '../../rig/rehearsal.ts';

/** A playbook for each way in which parts of a world break that are no database: broken, noticed, recovered. */
const BREAKAGES = join(import.meta.dirname, '..', '..', 'rig', 'breakages');

interface Breakage {
  readonly playbook: string;
  readonly rehearsal: string;
  readonly world: string;
}

const DRILLS: readonly Breakage[] = [
  { playbook: 'cut-off', rehearsal: 'dropped', world: 'shop' },
  { playbook: 'cut-off', rehearsal: 'slow', world: 'shop' },
  { playbook: 'clock-wrong', rehearsal: 'ahead', world: 'tokens' },
  { playbook: 'clock-wrong', rehearsal: 'behind', world: 'tokens' },
  // A disk can be made on this machine, or there is none that could be full.
  ...(lackOfDisk() === undefined ? ['atTheDesk', 'byAStep'] : []).map((rehearsal) => ({
    ...{ playbook: 'disk-full', rehearsal, world: 'keeper' },
  })),
  { playbook: 'certificate-expired', rehearsal: 'expired', world: 'shop-by-tls' },
];

describe('a drill of what is no loss of data', () => {
  test.each(DRILLS)(
    '$playbook: the checks turn red ($rehearsal), green again by its steps, and nothing is left behind',
    { timeout: DRILL_MS },
    async ({ playbook, rehearsal, world }) => {
      const args = ['--playbooks', BREAKAGES, '--world', world];
      const { exitCode, report, counted, proofs, left } = await rehearse(playbook, { rehearsal, args });
      expect(exitCode).toBe(0);
      expect(report.run).toMatchObject({ outcome: 'succeeded', rehearsal, world });
      expect(proofs).toMatchObject({ healthy: 'red' });
      expect(report.objectives.rto).toMatchObject({ verdict: 'met', fromBy: { source: 'detect' } });
      // Some worlds have nobody who writes.
      expect(counted?.lost ?? 0).toBe(0);
      expect(left).toEqual([]);
    },
  );
});
