import { describe, expect, it } from 'vitest';
import type { Event } from '../../../engine/model/event.ts';
import { drillbook, startDrillbook, temporaryFolder } from '../../rig/drillbook.ts';
import { DRILL_MS } from '../../rig/rehearsal.ts';
import { SHOP } from '../../rig/shop.ts';

const DRILL = [
  'drill',
  'shop-table-lost',
  '--playbooks',
  SHOP,
  '--world',
  'shop',
  '--store',
  'store',
  '--blind',
];

/** What would tell which of the two rehearsals of the shop it is: their names, titles, faults and what these say. */
const TELLING =
  /droppedTable|deletedRows|migration drops|clean-up deletes|drop-table|delete-rows|Dropped|Deleted/i;

describe('a blind drill', () => {
  it.each([[[]], [['--json']]])(
    'does not tell which rehearsal it is before it has ended, and does so then (%j)',
    { timeout: DRILL_MS },
    async (more) => {
      const cwd = temporaryFolder();
      const run = startDrillbook([...DRILL, '--unattended', ...more], { cwd });
      await run.line(/Broken on purpose|"type":"fault.injected"/);
      run.process.kill('SIGINT');
      const { exitCode, stdout } = await run.finished;
      expect(exitCode).toBe(130);
      expect(withoutSources(stdout)).not.toMatch(TELLING);
      for (const look of [['runs'], ['report'], ['report', '--format', 'json'], ['audit']]) {
        const looked = await drillbook([...look, '--store', 'store'], { cwd });
        expect(looked.stdout).not.toBe('');
        expect(looked.stdout).not.toMatch(TELLING);
      }
      const resumed = await drillbook(['resume', '--store', 'store', '--unattended'], { cwd });
      expect(resumed.exitCode).toBe(0);
      const { stdout: report } = await drillbook(['report', '--store', 'store'], { cwd });
      expect(report).toMatch(/Rehearsal +(droppedTable|deletedRows)/);
    },
  );

  it('is no drill of a certain rehearsal', async () => {
    const place = { cwd: temporaryFolder() };
    const { exitCode, stderr } = await drillbook([...DRILL, '--rehearsal', 'droppedTable'], place);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('Leave out --rehearsal, or --blind')]);
  });
});

/** The whole playbook is in the first event, with all rehearsals that there are. */
const withoutSources = (stdout: string): string =>
  stdout
    .split('\n')
    .map((line) => {
      if (!line.startsWith('{')) return line;
      const event = JSON.parse(line) as Event;
      return event.type === 'run.started' ? JSON.stringify({ ...event, sources: [] }) : line;
    })
    .join('\n');
