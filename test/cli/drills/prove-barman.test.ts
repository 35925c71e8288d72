// @module-tag needs/barman
// @module-tag needs/pg_basebackup
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeBackup } from '../../rig/backups.ts';
import type { BarmanRig } from '../../rig/barman.ts';
import { makeBarmanRepository } from '../../rig/barman.ts';
import { drillbook, temporaryFolder } from '../../rig/drillbook.ts';

const LONG_MS = 600_000;

let folder: string;
let rig: BarmanRig;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'drillbook-test-barman-'));
  chmodSync(folder, 0o755);
  rig = await makeBarmanRepository(folder);
}, LONG_MS);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Card {
  readonly backups: readonly {
    readonly backup: string;
    readonly verdict: string;
    readonly checks: readonly { readonly verdict: string; readonly id: string; readonly reading: string }[];
  }[];
}

it(
  'a repository of Barman is proven with its WAL, and not where some of it is missing',
  { timeout: LONG_MS },
  async () => {
    const repositories = {
      whole: 'whole',
      lost: await rig.without('lost', true),
      never: await rig.without('never', false),
    };
    const cwd = temporaryFolder();
    const checks = { tables: { orders: { rows: 20_000, newest: { column: 'created_at', within: '1h' } } } };
    for (const [name, repository] of Object.entries(repositories)) {
      const base = { restore: rig.restore(repository), database: 'shop' };
      describeBackup(join(cwd, 'playbooks'), name, { base, checks });
    }
    const { exitCode, stdout, stderr } = await drillbook(['prove', '--json'], { cwd });
    const { backups } = JSON.parse(stdout) as Card;
    const verdicts = Object.fromEntries(backups.map(({ backup, verdict }) => [backup, verdict]));
    expect(verdicts, stdout + stderr).toEqual({ whole: 'proven', lost: 'notProven', never: 'notProven' });
    const firstRed = (name: string) =>
      backups.find(({ backup }) => backup === name)?.checks.find(({ verdict }) => verdict === 'failed');
    // Barman itself refuses what its catalogue has and its disk has not; what it never had it says nothing of.
    expect(firstRed('lost')).toMatchObject({
      id: 'Found',
      reading: expect.stringMatching(/barman: /) as string,
    });
    expect(firstRed('never')).toMatchObject({
      id: 'Restored',
      reading: expect.stringMatching(/WAL is missing: the archive goes on to/) as string,
    });
    expect(exitCode).toBe(1);
  },
);
