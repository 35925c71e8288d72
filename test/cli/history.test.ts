import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { drillbook, temporaryFolder } from '../rig/drillbook.ts';
import { writePastRuns } from '../rig/past-runs.ts';

async function quarters(): Promise<string> {
  const cwd = temporaryFolder();
  await writePastRuns(join(cwd, '.drillbook'), [
    { at: '2026-01-05T09:00:00Z', rehearsal: 'wholeDatabase', rtaMinutes: 34 },
    { at: '2026-04-06T09:00:00Z', rehearsal: 'wholeDatabase', rtaMinutes: 21 },
    { at: '2026-07-06T09:00:00Z', rehearsal: 'wholeDatabase', rtaMinutes: 12 },
    { at: '2026-08-01T09:00:00Z', rehearsal: 'someTables', rtaMinutes: 50 },
    {
      at: '2026-08-11T02:10:00Z',
      mode: 'recover',
      environment: { name: 'production', kind: 'production' },
      rtaMinutes: 26,
    },
  ]);
  return cwd;
}

describe('drillbook history', () => {
  it('shows RTA and RPA with their trend, for each setting', async () => {
    const { exitCode, stdout } = await drillbook(['history'], { cwd: await quarters() });
    expect(stdout).toMatch(/^database-corruption in production, attended: 1 real run, on 2026-08-11$/m);
    expect(stdout).toMatch(
      /^database-corruption in sandbox, rehearsal someTables, attended: 1 drill, on\s+2026-08-01$/m,
    );
    expect(stdout).toMatch(
      /^database-corruption in sandbox, rehearsal wholeDatabase, attended: 3 drills,\s+2026-01-05 to\s+2026-07-06$/m,
    );
    expect(stdout).toMatch(/RTA +30m +12m 00s +21m 00s +34m 00s +2 of 3 +█▅▃ ▼ better$/m);
    expect(stdout).toMatch(/RPA +1d +5\.0s +5\.0s +5\.0s +3 of 3 +▇▇▇ = steady$/m);
    expect(exitCode).toBe(0);
  });

  it('begins with the objectives, the most urgent first, and what drills and real runs measured last', async () => {
    const { stdout } = await drillbook(['history'], { cwd: await quarters() });
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'database-corruption critical 30m 50m 00s missed 1d 5.0s met 2026-08-01 drill in sandbox ' +
        '30m 26m 00s met 1d 5.0s met 2026-08-11 real run in production',
    );
    expect(stdout).toMatch(/^ +single-file-loss +medium +1h +– +0 +– +never$/m);
    expect(stdout.indexOf('database-corruption')).toBeLessThan(stdout.indexOf('single-file-loss'));
  });

  it('of one playbook, as JSON', async () => {
    const cwd = await quarters();
    const { stdout } = await drillbook(['history', 'database-corruption', '--json'], { cwd });
    expect(JSON.parse(stdout)).toMatchObject({
      format: 'drillbook-history',
      version: 2,
      objectives: [
        {
          id: 'database-corruption',
          priority: 'critical',
          rtoMs: 1_800_000,
          rpoMs: 86_400_000,
          lastDrill: { run: '20260801-0900-past', rehearsal: 'someTables', rto: 'missed' },
          lastRecovery: { run: '20260811-0210-past', environmentKind: 'production', rto: 'met' },
        },
      ],
      trends: [
        { environment: 'production', mode: 'recover', unattended: false, rta: { lastMs: 1_560_000 } },
        { rehearsal: 'someTables', rta: { valuesMs: [3_000_000] } },
        {
          environment: 'sandbox',
          environmentKind: 'sandbox',
          rehearsal: 'wholeDatabase',
          rta: { targetMs: 1_800_000, valuesMs: [2_040_000, 1_260_000, 720_000], direction: 'better' },
          runs: [{ run: '20260105-0900-past', rto: 'missed' }, { rto: 'met' }, { rto: 'met' }],
        },
      ],
    });
    const other = await drillbook(['history', 'other', '--json'], { cwd });
    expect(JSON.parse(other.stdout)).toMatchObject({ objectives: [], trends: [] });
  });

  it('is a page to look at, with the scorecard as its head, which can be had alone', async () => {
    const cwd = await quarters();
    const { exitCode, stdout } = await drillbook(['history', '--format', 'html'], { cwd });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^<!doctype html>[^]*<\/html>\n$/);
    expect(stdout).toContain('Can we recover?');
    expect(stdout).toContain('“someTables” of 2026-08-01: RTO missed (50m 00s of 30m)');
    expect(stdout).toContain('In sandbox, rehearsal wholeDatabase, attended: 3 drills');
    expect(stdout).toContain(
      'aria-label="Recovery time against the RTO of 30m: 3 runs, 2 met; the last 12m 00s met."',
    );
    const card = await drillbook(['history', 'database-corruption', '--format', 'scorecard'], { cwd });
    expect(card.stdout).toContain('0 of 1 disaster can be recovered from as promised');
    expect(card.stdout).not.toContain('<svg');
    const both = await drillbook(['history', '--format', 'html', '--json'], { cwd });
    expect([both.exitCode, both.stderr]).toEqual([2, expect.stringContaining('--json')]);
  });

  it('says so when there is none', async () => {
    const { exitCode, stdout } = await drillbook(['history'], { cwd: temporaryFolder() });
    expect([exitCode, stdout]).toEqual([
      0,
      expect.stringMatching(/^No run has ended in this store yet; .*drill PLAYBOOK makes one\.\n$/),
    ]);
  });
});
