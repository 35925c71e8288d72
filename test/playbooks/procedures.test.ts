import { describe, expect, test } from 'vitest';
import { DRILL_MS, rehearse } from '../rig/rehearsal.ts';
import type { Drilled } from '../rig/rehearsal.ts';

/** Each procedure of the appendix, alone, and what it must tell. */
const PROCEDURES: readonly (readonly [string, (drilled: Drilled) => void])[] = [
  [
    'database-size',
    ({ recorded }) => {
      expect(recorded['bytes']).toBeGreaterThan(1_000_000);
      expect(recorded['size']).toMatch(/MB$/);
    },
  ],
  [
    'largest-tables',
    ({ recorded }) => {
      expect(recorded['largest']).toHaveLength(3);
      expect(recorded['largest']).toMatchObject([{ table: 'public.inspections' }, {}, {}]);
    },
  ],
  [
    'export-table',
    ({ recorded, outputs }) => {
      expect(outputs['export']).toMatchObject({ tables: ['public.inspections'] });
      expect(recorded['path']).toMatch(/\/table\.dump$/);
    },
  ],
  [
    'import-table',
    ({ recorded, outcomes, report }) => {
      expect(recorded).toMatchObject({ onlyInCopy: 0, differing: 0 });
      expect(outcomes['export/export']).toBe('succeeded');
      expect(report.debts).toContainEqual(expect.objectContaining({ key: 'beside', how: 'paid' }));
    },
  ],
  [
    'bucket-size',
    ({ recorded }) => {
      expect(recorded['objects']).toBeGreaterThanOrEqual(500);
      expect(recorded['bytesWithVersions']).toBeGreaterThanOrEqual(recorded['bytes'] as number);
    },
  ],
  [
    'recent-uploads',
    ({ recorded }) => {
      expect(recorded['uploads']).toHaveLength(20);
    },
  ],
  [
    'sync-bucket-down',
    ({ recorded }) => {
      expect(recorded['downloaded']).toBeGreaterThanOrEqual(500);
      expect(recorded['path']).toMatch(/\/bucket$/);
    },
  ],
];

describe('drillbook drill', () => {
  test.each(PROCEDURES)('%s', { timeout: DRILL_MS }, async (name, tells) => {
    const drilled = await rehearse(name);
    expect(drilled.exitCode).toBe(0);
    tells(drilled);
    expect(drilled.left).toEqual([]);
  });
});
