import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { EXAMPLES } from '../../engine/cli/examples.ts';
import { main } from '../../engine/cli/program.ts';
import { drillbook, temporaryFolder } from '../rig/drillbook.ts';
import { needing } from '../rig/needed-programs.ts';

const PLAYBOOK =
  'version: 1\nid: disk-full\ntitle: Disk full\nsummary: Full.\nrehearsals:\n  half: { title: Half }\nsteps: [';

function folder(): string {
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, 'playbooks/environments'), { recursive: true });
  mkdirSync(join(cwd, '.drillbook/runs/20261101-0312-k3fq'), { recursive: true });
  writeFileSync(join(cwd, 'playbooks/disk-full.yaml'), PLAYBOOK);
  writeFileSync(join(cwd, 'playbooks/environments/attic.yaml'), '');
  return cwd;
}

/** What the shell is told of a line whose last word is unfinished: names, and a last line with a directive. */
async function offered(...words: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await drillbook(['complete', '--', ...words], { cwd: folder() });
  return stdout
    .trimEnd()
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t')[0] ?? '');
}

describe('completion', () => {
  it.each([
    ['a command', ['re'], ['recover', 'resume', 'report']],
    ['a playbook', ['drill', 'disk'], ['disk-full']],
    ['a rehearsal of a playbook that has errors still', ['drill', 'disk-full', '--rehearsal', ''], ['half']],
    ['an environment', ['plan', 'disk-full', '--env', ''], ['sandbox', 'attic']],
    ['a world', ['drill', 'disk-full', '--world', 'peak'], ['peakops', 'peakops-django', 'peakops-plain']],
    ['a run', ['report', ''], ['20261101-0312-k3fq']],
    ['one of a few words', ['report', '--format', 'j'], ['json', 'junit']],
    ['an option', ['abandon', '--rea'], ['--reason']],
  ])('offers %s', async (_, words, expected) => {
    expect(await offered(...words)).toEqual(expected);
  });

  it.each(['bash', 'zsh'] as const)('prints a script that %s reads', needing('zsh'), async (shell) => {
    const { exitCode, stdout } = await drillbook(['completion', shell], { cwd: folder() });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('drillbook complete --');
    execFileSync(shell, ['-n'], { input: stdout });
  });

  it('is told to no other shell', async () => {
    const { exitCode, stderr } = await drillbook(['completion', 'tcsh'], { cwd: folder() });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('Allowed choices are bash, zsh, fish');
  });
});

describe('help', () => {
  it('sorts the commands by what they are for', async () => {
    const { stdout } = await drillbook(['--help'], { cwd: folder() });
    const headings = stdout.match(/^\w+:$/gm) ?? [];
    expect(headings).toEqual(['Options:', 'Rehearse:', 'Recover:', 'Look:', 'Write:', 'Keep:']);
    const commands = [...stdout.matchAll(/^ {2}([a-z]+) (?:\[|<)/gm)].map(([, name]) => name);
    expect(commands.toSorted()).toEqual([...Object.keys(EXAMPLES), 'help'].toSorted());
  });

  it.each(Object.entries(EXAMPLES))('%s has examples that its options allow', async (command, examples) => {
    const printed: string[] = [];
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
    await main(['node', 'drillbook', command, '--help']);
    vi.restoreAllMocks();
    const help = printed.join('');
    for (const example of examples) {
      expect(help).toContain(`  drillbook ${example}\n`);
      expect(example.split(' ')[0]).toBe(command);
      for (const option of example.match(/--[a-z]+/g) ?? [])
        expect(help).toMatch(new RegExp(`^  (-\\w, )?${option}\\b`, 'm'));
    }
  });
});
