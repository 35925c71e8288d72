import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { drillbook, temporaryFolder } from '../rig/drillbook.ts';
import { writePastRuns } from '../rig/past-runs.ts';

const PRODUCTION = { name: 'production', kind: 'production' } as const;

async function aYear(): Promise<string> {
  const cwd = temporaryFolder();
  await writePastRuns(join(cwd, '.drillbook'), [
    {
      at: '2025-11-01T14:30:00Z',
      mode: 'recover',
      environment: PRODUCTION,
      playbook: 'manual-backup',
      reason: 'Pre-migration backup',
      operator: 'admin@getpeakops.com',
      steps: [
        {
          type: 'step.started',
          key: 'dump',
          title: 'Dump the database',
          kind: 'postgres.dump',
          effect: 'read',
          describe: '',
          args: {},
          digest: '0',
        },
        {
          type: 'step.finished',
          key: 'dump',
          title: 'Dump the database',
          outcome: 'succeeded',
          conclusion: 'ok',
          output: { path: 'backup_20251101_143000.dump' },
        },
      ],
    },
    { at: '2026-01-05T09:00:00Z' },
    { at: '2026-04-06T09:00:00Z', outcome: 'failed' },
  ]);
  return cwd;
}

describe('drillbook audit', () => {
  it('lists every operation with who, why and what came of it', async () => {
    const { exitCode, stdout } = await drillbook(['audit'], { cwd: await aYear() });
    expect(stdout).toMatch(/^ +DATE \(UTC\) +OPERATION +IN +REASON +PERFORMED BY +BACKUP ID +STATUS +RUN$/m);
    expect(stdout).toMatch(
      /2025-11-01 14:40 +Backup: Dump the database +production +Pre-migration backup +admin@getpeakops.com +backup_20251101_143000.dump +success/,
    );
    expect(stdout).toMatch(/2026-04-06 09:00 +Drill: Database corruption +sandbox +– +ada +– +failed/);
    expect(exitCode).toBe(0);
  });

  it('is filtered', async () => {
    const cwd = await aYear();
    const dates = async (...args: string[]): Promise<readonly string[]> => {
      const { stdout } = await drillbook(['audit', '--format', 'json', ...args], { cwd });
      const log = JSON.parse(stdout) as { operations: { date: string }[] };
      return log.operations.map(({ date }) => date.slice(0, 10));
    };
    expect(await dates('--since', '2026-01-05')).toEqual(['2026-01-05', '2026-04-06']);
    expect(await dates('--playbook', 'manual-backup')).toEqual(['2025-11-01', '2025-11-01']);
    expect(await dates('--env', 'sandbox', '--since', '2026-02-01')).toEqual(['2026-04-06']);
    const wrong = await drillbook(['audit', '--since', 'yesterday'], { cwd });
    expect([wrong.exitCode, wrong.stderr]).toEqual([2, expect.stringMatching(/yesterday is no date/)]);
  });

  it('proves that nothing was altered', async () => {
    const { exitCode, stdout } = await drillbook(['audit', '--verify'], { cwd: await aYear() });
    expect(stdout).toMatch(/^register +3 entered, head sha256:[0-9a-f]{64}$/m);
    expect(stdout).toMatch(/^unaltered 3 runs, 3 sealed$/m);
    expect(exitCode).toBe(0);
  });

  it('ends with 5 when an event was altered', async () => {
    const cwd = await aYear();
    const journal = join(cwd, '.drillbook', 'runs', '20260406-0900-past', 'journal.jsonl');
    await writeFile(
      journal,
      (await readFile(journal, 'utf8')).replace('"outcome":"failed"', '"outcome":"succeeded"'),
    );
    const { exitCode, stdout } = await drillbook(['audit', '--verify'], { cwd });
    expect(stdout).toMatch(/ALTERED +run 20260406-0900-past, line \d+: its payload was changed/);
    expect(exitCode).toBe(5);
    const plain = await drillbook(['audit'], { cwd });
    expect([plain.exitCode, plain.stderr]).toEqual([
      5,
      expect.stringMatching(/20260406-0900-past cannot be read/),
    ]);
  });

  it('ends with 5 when a run was removed', async () => {
    const cwd = await aYear();
    await rm(join(cwd, '.drillbook', 'runs', '20260406-0900-past'), { recursive: true });
    const { exitCode, stdout } = await drillbook(['audit', '--verify', '--format', 'json'], { cwd });
    expect(JSON.parse(stdout)).toMatchObject({
      verification: {
        ok: false,
        register: { problems: [{ run: '20260406-0900-past', message: 'it was removed' }] },
      },
    });
    expect(exitCode).toBe(5);
  });

  it('keeps the table for spreadsheets clean of the proof', async () => {
    const { stdout, stderr } = await drillbook(['audit', '--verify', '--format', 'csv'], {
      cwd: await aYear(),
    });
    expect(stdout.trim().split('\r\n')).toHaveLength(5);
    expect(stderr).toMatch(/unaltered 3 runs/);
  });

  it('holds the store against a head that was noted elsewhere', async () => {
    const cwd = await aYear();
    const verify = (...args: string[]) => drillbook(['audit', '--verify', ...args], { cwd });
    const { stdout } = await verify();
    const head = /head (sha256:[0-9a-f]{64})/.exec(stdout)?.[1] ?? '';
    expect(stdout).toMatch(/Note it where nobody writes to this store; .*audit --verify --head HASH/);
    await writePastRuns(join(cwd, '.drillbook'), [{ at: '2026-07-06T09:00:00Z' }]);
    const later = await verify('--head', head);
    expect(later.stdout).toMatch(/as noted +sha256:[0-9a-f]{64} is entry 6 of 8 of the register/);
    expect(later.exitCode).toBe(0);
    // The whole store written anew, by somebody who knows how: each chain holds, and nothing else tells.
    await rm(join(cwd, '.drillbook'), { recursive: true });
    await writePastRuns(join(cwd, '.drillbook'), [{ at: '2026-01-05T09:00:00Z' }]);
    expect((await verify()).exitCode).toBe(0);
    const forged = await verify('--head', head.replace('sha256:', ''));
    expect(forged.stdout).toMatch(
      /ALTERED +nothing here has the head sha256:[0-9a-f]{64}: the store was written anew/,
    );
    expect(forged.exitCode).toBe(5);
    const json = JSON.parse((await verify('--head', head, '--format', 'json')).stdout) as {
      verification: object;
    };
    expect(json.verification).toMatchObject({ ok: false, noted: { hash: head.slice(7) } });
  });

  it.each([
    [['--verify', '--head', 'abc'], '--head abc is no hash'],
    [['--head', 'a'.repeat(64)], '--head goes with --verify'],
  ])('refuses %j', async (args, message) => {
    const { exitCode, stderr } = await drillbook(['audit', ...args], { cwd: temporaryFolder() });
    expect(stderr).toContain(message);
    expect(exitCode).toBe(2);
  });
});
