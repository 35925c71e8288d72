import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { drillbook, temporaryFolder } from '../rig/drillbook.ts';
import { writePastRuns } from '../rig/past-runs.ts';

const dayBefore = (days: number): string =>
  new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);

/** A folder whose schedule was due so many days ago, for the first and only time. */
async function dueSince(days: number, change: string = ''): Promise<string> {
  const cwd = temporaryFolder();
  await mkdir(join(cwd, 'playbooks'));
  await writeFile(
    join(cwd, 'playbooks', 'schedule.yaml'),
    `version: 1
name: Drills
entries:
  once:
    playbook: database-corruption
    rule: FREQ=DAILY;COUNT=1
    from: ${dayBefore(days)}
    environment: sandbox
    soc2: true
${change}`,
  );
  return cwd;
}

describe('drillbook schedule', () => {
  it('ends with 1 when something is overdue, and says what to type', async () => {
    const { exitCode, stdout } = await drillbook(['schedule'], { cwd: await dueSince(8) });
    expect(stdout).toMatch(new RegExp(`overdue +${dayBefore(8)} +– +never +sandbox +database-corruption`));
    expect(stdout).toMatch(/To do:\n +.*main\.cjs drill database-corruption/);
    expect(exitCode).toBe(1);
  });

  it('ends with 0 when it is merely due', async () => {
    const { exitCode, stdout } = await drillbook(['schedule'], { cwd: await dueSince(2) });
    expect(stdout).toMatch(/^ +due +/m);
    expect(exitCode).toBe(0);
  });

  it('takes a drill that was finished since as done, and as the proof of the quarter', async () => {
    const cwd = await dueSince(30);
    const [run] = await writePastRuns(join(cwd, '.drillbook'), [
      { at: new Date(Date.now() - 3_600_000).toISOString() },
    ]);
    const { exitCode, stdout } = await drillbook(['schedule', '--json'], { cwd });
    const found = JSON.parse(stdout) as { soc2: { state: string; evidence: unknown }[] };
    expect(found).toMatchObject({ entries: [{ state: 'done', missed: 0, lastRun: run }] });
    expect(found.soc2.some(({ state }) => state === 'met')).toBe(true);
    expect(exitCode).toBe(0);
  });

  it('is refused with its diagnostics when a playbook is not there', async () => {
    const cwd = await dueSince(
      1,
      '  other: { playbook: databse-corruption, rule: FREQ=DAILY, from: 2026-01-01, environment: sandbox }\n',
    );
    for (const command of ['schedule', 'list']) {
      const { exitCode, stderr } = await drillbook([command], { cwd });
      expect(stderr).toMatch(/schedule\.yaml:10:\d+ - error DB061/);
      expect(stderr).toMatch(/Did you mean "database-corruption"\?/);
      expect(exitCode).toBe(2);
    }
    const { exitCode, stdout } = await drillbook(['check'], { cwd });
    expect([exitCode, stdout]).toEqual([2, expect.stringMatching(/1 file checked: 1 error/)]);
  });

  it('writes a calendar', async () => {
    const { exitCode, stdout } = await drillbook(['schedule', '--ics', '--playbooks', resolve('playbooks')], {
      cwd: temporaryFolder(),
    });
    expect(stdout).toMatch(/^BEGIN:VCALENDAR\r\n/);
    expect(stdout).toMatch(/\r\nRRULE:FREQ=YEARLY;BYMONTH=1,4,7,10;BYDAY=1MO\r\n/);
    expect(exitCode).toBe(0);
  });
});

describe('drillbook list', () => {
  it('shows the objectives with the measured values beside them, and what is due', async () => {
    const cwd = await dueSince(8);
    await writePastRuns(join(cwd, '.drillbook'), [{ at: '2026-01-05T09:00:00Z', rtaMinutes: 12 }]);
    const { stdout } = await drillbook(['list'], { cwd });
    expect(stdout).toMatch(/PLAYBOOK +PRIORITY +RTO +RTA +RPO +RPA +MEASURED +NEXT DUE +TITLE/);
    expect(stdout).toMatch(
      new RegExp(
        `database-corruption +critical +30m +12m 00s met +1d +5\\.0s met +2026-01-05 drill in sandbox +${dayBefore(8)} overdue`,
      ),
    );
  });
});
