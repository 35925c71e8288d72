/** @module-tag needs/python3-psycopg2 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { drillbook, temporaryFolder } from '../../rig/drillbook.ts';
import { DRILL_MS, rehearse } from '../../rig/rehearsal.ts';

const PAGE = readFileSync(new URL('../../../docs/rehearse-your-own.md', import.meta.url), 'utf8');

/** What a newcomer types from the page: its blocks that have the name of a file. */
function typed(): string {
  const folder = temporaryFolder();
  for (const [, name = '', content = ''] of PAGE.matchAll(/^```\w+ (\S+)\n(.*?)^```$/gms)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  return folder;
}

it(
  'the page «Rehearse your own system» leads to a drill that is measured',
  { timeout: DRILL_MS },
  async () => {
    const playbooks = join(typed(), 'playbooks');
    const checked = await drillbook(['check', '--playbooks', playbooks], { cwd: temporaryFolder() });
    expect(checked.stdout).toMatch(/2 files/);
    expect(checked.exitCode).toBe(0);
    const { exitCode, report, counted, proofs, left } = await rehearse('orders-dropped', {
      args: ['--playbooks', playbooks, '--world', 'shop'],
    });
    expect(exitCode).toBe(0);
    expect(report.objectives.rto?.verdict).toBe('met');
    expect(proofs).toMatchObject({ sells: 'red' });
    expect(counted?.acknowledged).toBeGreaterThanOrEqual(10);
    expect(left).toEqual([]);
  },
);
