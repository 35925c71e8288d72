import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { TEMPLATES } from '../../engine/cli/templates.ts';
import { drillbook, temporaryFolder } from '../rig/drillbook.ts';
import { DRILL_MS, rehearse } from '../rig/rehearsal.ts';

const DRILLED = TEMPLATES.filter(({ environment }) => environment === 'sandbox');

it.each(DRILLED)(
  'what init makes for $name is drilled as it is, and meets its objectives',
  { timeout: DRILL_MS },
  async ({ name, id }) => {
    const cwd = temporaryFolder();
    await drillbook(['init', '--template', name], { cwd });
    const { exitCode, report, left } = await rehearse(id, { cwd });
    expect(exitCode).toBe(0);
    expect(report.objectives.rto?.verdict).toBe('met');
    if (report.objectives.rpo !== undefined) expect(report.objectives.rpo.verdict).toBe('met');
    expect(Object.values(report.checks).some(({ verdict }) => verdict === 'red')).toBe(true);
    expect(left).toEqual([]);
    const { stdout } = await drillbook(['schedule', '--json'], { cwd });
    const { entries } = JSON.parse(stdout) as { readonly entries: readonly { readonly state: string }[] };
    expect(entries.map(({ state }) => state)).not.toContain('overdue');
    expect(entries).toHaveLength(1);
  },
);

it('new makes a playbook of a template that is drilled as it is', { timeout: DRILL_MS }, async () => {
  const cwd = temporaryFolder();
  await drillbook(['new', 'orders-gone', '--template', 'machine'], { cwd });
  expect(readdirSync(join(cwd, 'playbooks')).sort()).toEqual(['orders-gone.yaml', 'worlds']);
  expect((await rehearse('orders-gone', { cwd })).exitCode).toBe(0);
});
