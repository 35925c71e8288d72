// @module-tag needs/python3
// @module-tag needs/zsh
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { MAIN, temporaryFolder } from '../../rig/drillbook.ts';
import { startProgramOnTerminal } from '../../rig/pseudo-terminal.ts';
import type { OnTerminal } from '../../rig/pseudo-terminal.ts';

/** What a shell starts with that has read nobody's settings. */
const SHELLS = {
  bash: { command: ['bash', '--norc', '--noprofile', '-i'], lists: '\t\t' },
  zsh: { command: ['zsh', '-f', '-i'], lists: '\t' },
} as const;

const PLAYBOOK =
  'version: 1\nid: disk-full\ntitle: Disk full\nsummary: Full.\nrehearsals:\n  half: { title: Half }\nsteps: [';

/** A shell in a folder with a playbook, an environment and a run, that has read the script as docs/commands.md says. */
async function shell(name: keyof typeof SHELLS): Promise<OnTerminal> {
  const cwd = temporaryFolder();
  const bin = join(cwd, 'bin');
  for (const each of ['bin', 'playbooks/environments', '.drillbook/runs/20261101-0312-k3fq']) {
    mkdirSync(join(cwd, each), { recursive: true });
  }
  writeFileSync(join(cwd, 'playbooks/disk-full.yaml'), PLAYBOOK);
  writeFileSync(join(cwd, 'playbooks/environments/attic.yaml'), '');
  writeFileSync(join(bin, 'drillbook'), `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`);
  chmodSync(join(bin, 'drillbook'), 0o755);
  const env = {
    PATH: `${bin}:${process.env['PATH'] ?? ''}`,
    TERM: 'dumb',
    PS1: '$ ',
    HOME: cwd,
    PROMPT_SP: '',
  };
  const opened = startProgramOnTerminal(SHELLS[name].command, { cwd, env }, { columns: 200, rows: 30 });
  await opened.terminal.shows(/[$#%]$/);
  opened.type(`PS1="$ "; eval "$(drillbook completion ${name})"; echo re""ady\r`);
  await opened.terminal.shows(/^ready/m);
  return opened;
}

const COMPLETED = [
  ['abando', 'abandon'],
  ['drill di', 'drill disk-full'],
  ['drill disk-full --rehearsal h', 'drill disk-full --rehearsal half'],
  ['plan disk-full --env at', 'plan disk-full --env attic'],
  ['resume 2026', 'resume 20261101-0312-k3fq'],
  ['drill disk-full --tabl', 'drill disk-full --tabletop'],
] as const;

it.each(['bash', 'zsh'] as const)(
  'TAB in %s completes commands, playbooks, rehearsals, environments, runs and options',
  async (name) => {
    const opened = await shell(name);
    const { terminal } = opened;
    for (const [index, [typed, whole]] of COMPLETED.entries()) {
      opened.type(`drillbook ${typed}\t`);
      await terminal.shows(new RegExp(`drillbook ${whole}$`, 'm'));
      // Nothing of it is carried out.
      opened.type(`\u0015echo go""ne${String(index)}\r`);
      await terminal.shows(new RegExp(`^gone${String(index)}$`, 'm'));
    }
    opened.type(`drillbook plan disk-full --env ${SHELLS[name].lists}`);
    await terminal.shows(/attic\s+sandbox|sandbox\s+attic/);
    expect(terminal.text).not.toMatch(/not found|error/i);
  },
);
