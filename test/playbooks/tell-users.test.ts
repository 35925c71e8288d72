import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderLibrary } from '../../engine/load/library.ts';
import { loadPlaybook } from '../../engine/load/playbook.ts';
import { placedSteps } from '../../engine/model/walk.ts';
import { DRILL_MS, rehearse } from '../rig/rehearsal.ts';

const library = folderLibrary([join(import.meta.dirname, '..', '..', 'playbooks')]);

/** The recoveries that users notice. */
const NOTICED = [
  'accidental-deletion',
  'complete-outage',
  'database-corruption',
  'full-database-restore',
  'migrate-to-backup-region',
  'point-in-time-recovery',
  's3-bucket-loss',
];

describe('users hear of a recovery that they notice', () => {
  test.each(NOTICED)('%s: at its beginning, and at its end whatever comes', async (id) => {
    const file = await library.find(id);
    if (file === undefined) throw new Error(`no playbook ${id}`);
    const { value: playbook } = await loadPlaybook(file, library);
    if (playbook === undefined) throw new Error(`${id} does not load`);
    const keys = [...placedSteps(playbook)].map(({ key }) => key);
    expect(keys.filter((key) => key.endsWith('tellUsers/users'))[0]).toBe('tellUsers/users');
    expect(playbook.always.map((node) => node.id)).toContain('tellUsersEnd');
  });

  test('point-in-time-recovery: once, and that it is back when it is verified', { timeout: DRILL_MS }, async () => {
    const { exitCode, outcomes, outputs } = await rehearse('database-corruption', { rehearsal: 'wholeDatabase' });
    expect(exitCode).toBe(0);
    expect(outcomes).toMatchObject({
      'tellUsers/users': 'succeeded',
      'always/tellUsersEnd/users': 'succeeded',
    });
    // Called by another recovery it leaves telling to that one.
    expect(outcomes['wholeDatabase/tellUsers/users']).not.toBe('succeeded');
    expect(outputs['always/tellUsersEnd/users']).toMatchObject({ delivered: ['console'] });
  });

  test.each(['tell-users', 'all-clear'])('%s alone', { timeout: DRILL_MS }, async (id) => {
    const { exitCode, left } = await rehearse(id);
    expect(exitCode).toBe(0);
    expect(left).toEqual([]);
  });
});
