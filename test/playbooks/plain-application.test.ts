import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { DRILL_MS, rehearse } from '../rig/rehearsal.ts';

/** One rehearsal of each playbook that asks anything of the application. */
const REHEARSALS = [
  ['accidental-deletion', 'insideWindow'],
  ['after-going-back', undefined],
  ['annual-drill', undefined],
  ['complete-outage', 'providerWide'],
  ['cross-region-failover', undefined],
  ['database-corruption', 'someTables'],
  ['full-database-restore', 'exportNow'],
  ['look-back', undefined],
  ['migrate-to-backup-region', undefined],
  ['monthly-verification', undefined],
  ['point-in-time-recovery', 'droppedTable'],
  ['quarterly-drill', undefined],
  ['s3-bucket-loss', 'withReplica'],
  ['service-migration', undefined],
  ['single-file-loss', 'deletedFile'],
  ['stop-writers', undefined],
  ['verify-application', 'soundWorld'],
  ['weekly-checks', undefined],
] as const;

describe('with an application that offers no more than the procedures name', () => {
  test.each(REHEARSALS)('%s (%s)', { timeout: DRILL_MS }, async (playbook, rehearsal) => {
    const { exitCode, report, outcomes, left } = await rehearse(playbook, {
      ...(rehearsal !== undefined && { rehearsal }),
      args: ['--world', 'peakops-plain'],
    });
    expect(exitCode).toBe(0);
    expect(report.run).toMatchObject({ outcome: 'succeeded', world: 'peakops-plain' });
    expect(report.objectives.rto?.verdict ?? 'met').toBe('met');
    expect(left).toEqual([]);
    // What it does not offer is stepped over, and asked of people.
    const login = Object.keys(outcomes).filter((key) => /(?:^|\/)login$/.test(key));
    for (const key of login) {
      expect(outcomes[key]).toBe('skipped');
      expect(outcomes[key.replace(/login$/, 'byHand')]).toBe('succeeded');
    }
  });

  test('each shipped playbook that asks for the application is among them', () => {
    const folder = fileURLToPath(new URL('../../playbooks/', import.meta.url));
    const asking = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /^(?:procedures\/|checklists\/)?[a-z0-9-]+\.yaml$/.test(name))
      .filter((name) => /\benv\.application\b|^ {2}- application\b/m.test(readFileSync(`${folder}${name}`, 'utf8')))
      .map((name) => name.replace(/^.*\/|\.yaml$/g, ''));
    expect(REHEARSALS.map(([name]) => name)).toEqual(asking.toSorted());
  });
});
