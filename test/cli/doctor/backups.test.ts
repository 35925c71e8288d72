import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { backupFindings } from '../../../engine/cli/doctor/backups.ts';
import { describeBackup } from '../../rig/backups.ts';
import { drillbook, temporaryFolder } from '../../rig/drillbook.ts';

test('doctor says of each backup whether its file, its places and its programs are there', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'dumps'));
  describeBackup(folder, 'here', { dump: { path: '../dumps' } });
  describeBackup(folder, 'gone', { base: { path: '../dumps', wal: '../none', database: 'shop' } });
  describeBackup(folder, 'program', { base: { restore: ['no-such-program', '{data}'], database: 'shop' } });
  describeBackup(folder, 'wrong', {});
  const lines = (await backupFindings(folder)).map(({ what, detail }) => `${what}: ${detail}`);
  expect(lines).toEqual([
    `the backup gone: there is no ${join(folder, 'none')} that could be read`,
    'the backup here: what its proof needs is here',
    'the part copy of the world prove-program: no-such-program is not on this machine',
    'the backup wrong: its file is not right',
  ]);
  const { exitCode, stdout } = await drillbook(['doctor', '--playbooks', folder], { cwd: folder });
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/ok +the backup here/);
});
