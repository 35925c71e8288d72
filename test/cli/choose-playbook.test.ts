// @module-tag needs/python3
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { drillbook, temporaryFolder } from '../rig/drillbook.ts';
import { startOnTerminal } from '../rig/pseudo-terminal.ts';

/** Has an error, which is told once it was chosen: no sandbox is started for this test. */
const playbook = (id: string, rehearsals: string): string =>
  `version: 1\nid: ${id}\ntitle: About ${id}\nsummary: For a test.\nrehearsals: { ${rehearsals} }\nsteps: 7\n`;

function folder(...files: readonly (readonly [id: string, rehearsals: string])[]): string {
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, 'playbooks'));
  for (const [id, rehearsals] of files) {
    writeFileSync(join(cwd, 'playbooks', `${id}.yaml`), playbook(id, rehearsals));
  }
  return cwd;
}

const ONE = 'half: { title: Half of it }';
const TWO = 'half: { title: Half of it }, whole: { title: All of it }';

it('a drill without a playbook asks for it and for its rehearsal, on a terminal', async () => {
  const cwd = folder(['disk-full', TWO], ['power-gone', ONE]);
  const drill = startOnTerminal(['drill'], { cwd });
  await drill.terminal.shows(/Which playbook is to be drilled\?[^]*disk-full +About disk-full/);
  drill.type('\r');
  await drill.terminal.shows(/Which rehearsal\?[^]*whole +All of it/);
  drill.type('\r');
  expect(await drill.finished).toBe(2);
  expect(drill.terminal.text).toContain('disk-full.yaml');
});

it('asks nothing where there is one', async () => {
  const { exitCode, stderr } = await drillbook(['drill'], { cwd: folder(['disk-full', ONE]) });
  expect(exitCode).toBe(2);
  expect(stderr).toContain('disk-full.yaml');
});

it.each([[[]], [['--unattended']], [['--json']]])(
  'says what there is without a terminal (%j)',
  async (options) => {
    const cwd = folder(['disk-full', TWO], ['power-gone', ONE]);
    const { exitCode, stderr } = await drillbook(['drill', ...options], { cwd });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/was not said:\n {2}disk-full +About disk-full\n {2}power-gone/);
    expect(stderr).toMatch(/drill PLAYBOOK/);
  },
);
