import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import type { Event } from '../../engine/model/event.ts';
import { drillbook, startDrillbook, temporaryFolder } from '../rig/drillbook.ts';
import { processesOf } from '../sandbox/rig.ts';

const DRILL_MS = 120_000;

describe('drillbook drill database-corruption, without a terminal', () => {
  it(
    'breaks a real database, recovers it, and ends with the objectives met',
    { timeout: DRILL_MS },
    async () => {
      const cwd = temporaryFolder();
      const { exitCode, stdout, stderr } = await drillbook(['drill', 'database-corruption'], { cwd });
      expect(stderr).not.toMatch(/ {4}at /);
      expect(stdout).toMatch(/pages of the table inspections in peakops-main were overwritten/);
      expect(stdout).toMatch(
        /is red while the world is broken: inspections cannot be read to the last row: invalid page in block/,
      );
      expect(stdout).toMatch(/RTO .* met/);
      expect(stdout).toMatch(/RPO .* met/);
      expect(stdout).not.toMatch(/proves nothing/);
      expect(exitCode).toBe(0);
    },
  );

  it(
    'says as JSON lines what it does, and leaves no process and no folder',
    { timeout: DRILL_MS },
    async () => {
      const cwd = temporaryFolder();
      const { exitCode, stdout } = await drillbook(['drill', 'database-corruption', '--json'], { cwd });
      const events = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Event);
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
      expect(events[0]?.type).toBe('run.started');
      expect(events.at(-1)).toMatchObject({ type: 'run.finished', outcome: 'succeeded' });
      expect(exitCode).toBe(0);
      const folder = worldFolder(events);
      expect(await processesOf(folder)).toEqual([]);
      expect(readdirSync(tmpdir()).filter((name) => folder.endsWith(name))).toEqual([]);
    },
  );

  it(
    'goes on with drillbook resume after kill -9 in the middle of the recovery',
    { timeout: DRILL_MS },
    async () => {
      const cwd = temporaryFolder();
      const first = startDrillbook(['drill', 'database-corruption', '--json'], { cwd });
      await first.line(/"step\.checkpoint"/);
      first.process.kill('SIGKILL');
      expect((await first.finished).signal).toBe('SIGKILL');

      const { exitCode, stdout } = await drillbook(['resume', '--json'], { cwd });
      expect(exitCode).toBe(0);
      const events = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Event);
      expect(events.at(-1)).toMatchObject({ type: 'run.finished', outcome: 'succeeded' });

      const report = await drillbook(['report', '--format', 'json'], { cwd });
      expect(report.exitCode).toBe(0);
      expect(JSON.parse(report.stdout)).toMatchObject({ run: { outcome: 'succeeded', exitCode: 0 } });
    },
  );
});

describe('drillbook drill', () => {
  it('refuses a playbook that does not exist, with the nearest name, and changes nothing', async () => {
    const cwd = temporaryFolder();
    const { exitCode, stderr } = await drillbook(['drill', 'database-coruption'], { cwd });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/Did you mean "database-corruption"\?/);
    expect(readdirSync(cwd)).toEqual([]);
  });
});

function worldFolder(events: readonly Event[]): string {
  const started = events.find((event) => event.type === 'world.started');
  return (started?.address as { readonly folder: string }).folder;
}
