import { readdirSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Event } from '../../../engine/model/event.ts';
import { drillbook, startDrillbook, temporaryFolder } from '../../rig/drillbook.ts';
import { DRILL_MS } from '../../rig/rehearsal.ts';
import { processesOf } from '../../sandbox/rig.ts';

describe('drillbook drill database-corruption, without a terminal', () => {
  it(
    'breaks a real database, recovers it, ends with the objectives met, and leaves no process and no folder',
    { timeout: DRILL_MS },
    async () => {
      const cwd = temporaryFolder();
      const { exitCode, stdout, stderr } = await drillbook(['drill', 'database-corruption'], { cwd });
      expect(stderr).not.toMatch(/ {4}at /);
      expect(stdout).toMatch(/pages of the table inspections in databases\.main were overwritten/);
      expect(stdout).toMatch(
        /is red while the world is broken: inspections cannot be read to the last row: invalid page in block/,
      );
      expect(stdout).toMatch(/RTO .* met/);
      expect(stdout).toMatch(/RPO .* met/);
      expect(stdout).not.toMatch(/proves nothing/);
      expect(exitCode).toBe(0);
      const folder = await worldFolder(cwd);
      expect(await processesOf(folder)).toEqual([]);
      expect(readdirSync(tmpdir()).filter((name) => folder.endsWith(name))).toEqual([]);
    },
  );

  it(
    'says as JSON lines what it does, and goes on with drillbook resume after kill -9 in the middle of the recovery',
    { timeout: DRILL_MS },
    async () => {
      const cwd = temporaryFolder();
      const first = startDrillbook(['drill', 'database-corruption', '--json'], { cwd });
      await first.line(/"step\.checkpoint"/);
      first.process.kill('SIGKILL');
      const died = await first.finished;
      expect(died.signal).toBe('SIGKILL');
      const before = eventsOf(died.stdout);
      expect(before[0]?.type).toBe('run.started');

      const { exitCode, stdout } = await drillbook(['resume', '--json'], { cwd });
      expect(exitCode).toBe(0);
      const events = eventsOf(stdout);
      expect(events.at(-1)).toMatchObject({ type: 'run.finished', outcome: 'succeeded' });
      // One line for each event; what the first process had written and not yet told, the second does not tell.
      expect(before.map(({ seq }) => seq)).toEqual(before.map((_, index) => index + 1));
      const next = events[0]?.seq ?? 0;
      expect(next).toBeGreaterThan(before.length);
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => next + index));

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

/** Of whole lines: one that is killed may leave half of one. */
const eventsOf = (lines: string): readonly Event[] =>
  lines
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Event);

/** Where the world of the one run of the store was. */
async function worldFolder(cwd: string): Promise<string> {
  const runs = join(cwd, '.drillbook', 'runs');
  const [run = ''] = await readdir(runs);
  const journal = await readFile(join(runs, run, 'journal.jsonl'), 'utf8');
  return (
    /"type":"world\.started".*"folder":"([^"]+)"/.exec(journal)?.[1] ?? expect.fail('no world was started')
  );
}
