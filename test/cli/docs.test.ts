import { appendFile, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { drillbook, temporaryFolder } from '../rig/drillbook.ts';
import { writePastRuns } from '../rig/past-runs.ts';

const PLAYBOOK = `version: 1
id: example
title: Example
summary: An example.
steps:
  - { title: Have a rest, uses: wait, with: { for: 1s } }
`;

async function folder(): Promise<string> {
  const cwd = temporaryFolder();
  await mkdir(join(cwd, 'playbooks'));
  await writeFile(join(cwd, 'playbooks', 'example.yaml'), PLAYBOOK);
  return cwd;
}

describe('drillbook docs', () => {
  it('writes a page for each playbook and an index, once', async () => {
    const cwd = await folder();
    const first = await drillbook(['docs'], { cwd });
    expect(first.stdout).toMatch(/2 written, 0 unchanged/);
    expect(await readFile(join(cwd, 'docs/playbooks/example.md'), 'utf8')).toMatch(/1 Have a rest/);
    expect((await drillbook(['docs'], { cwd })).stdout).toMatch(/0 written, 2 unchanged/);
    expect((await drillbook(['docs', '--check'], { cwd })).exitCode).toBe(0);
  });

  it('--check names the stale page, its line and the command that mends it, and ends with 1', async () => {
    const cwd = await folder();
    await drillbook(['docs'], { cwd });
    const path = join(cwd, 'playbooks/example.yaml');
    await writeFile(path, PLAYBOOK.replace('Have a rest', 'Have a break'));
    const { exitCode, stderr } = await drillbook(['docs', '--check'], { cwd });
    expect(stderr).toMatch(/docs\/playbooks\/example\.md:\d+:1 - error DB090/);
    expect(stderr).toMatch(/hint: .* docs mends it/);
    expect(exitCode).toBe(1);
    expect(await readFile(join(cwd, 'docs/playbooks/example.md'), 'utf8')).toMatch(/Have a rest/);
  });

  it('--check misses a page, and names the options that mend it', async () => {
    const cwd = await folder();
    const { exitCode, stderr } = await drillbook(['docs', '--check', '--out', 'wiki'], { cwd });
    expect(stderr).toMatch(/DB090.*The page wiki\/example\.md is missing/);
    expect(stderr).toMatch(/hint: .* docs --out wiki mends it/);
    expect(exitCode).toBe(1);
  });

  it('removes the page of a playbook that is gone, and nothing that a person wrote', async () => {
    const cwd = await folder();
    await writeFile(join(cwd, 'playbooks/other.yaml'), PLAYBOOK.replace('id: example', 'id: other'));
    await drillbook(['docs'], { cwd });
    await writeFile(join(cwd, 'docs/playbooks/notes.md'), '# Notes\n');
    await rm(join(cwd, 'playbooks/other.yaml'));
    expect((await drillbook(['docs', '--check'], { cwd })).stderr).toMatch(/DB091.*other\.md/);
    expect((await drillbook(['docs'], { cwd })).stdout).toMatch(/removed +docs\/playbooks\/other\.md/);
    expect(await readFile(join(cwd, 'docs/playbooks/notes.md'), 'utf8')).toBe('# Notes\n');
  });

  it('writes nothing when a playbook has errors', async () => {
    const cwd = await folder();
    await appendFile(join(cwd, 'playbooks/example.yaml'), 'onwer: me\n');
    const { exitCode, stderr } = await drillbook(['docs'], { cwd });
    expect(stderr).toMatch(/Did you mean "owner"/);
    expect(exitCode).toBe(2);
    await expect(readFile(join(cwd, 'docs/playbooks/example.md'))).rejects.toThrow();
  });

  it('finds the pages and the step reference of this repository up to date', async () => {
    const { exitCode, stderr } = await drillbook(['docs', '--check'], { cwd: resolve('.') });
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
  });
});

describe('drillbook docs --measured', () => {
  const past = [
    { at: '2026-04-06T09:00:00Z', rehearsal: 'wholeDatabase', rtaMinutes: 34 },
    { at: '2026-07-06T09:00:00Z', rehearsal: 'wholeDatabase', rtaMinutes: 12, rpaSeconds: 90_000 },
    {
      at: '2026-08-11T02:10:00Z',
      mode: 'recover',
      environment: { name: 'production', kind: 'production' },
    },
  ] as const;

  it('writes what drills and real runs showed of the objectives, each apart, and only that page', async () => {
    const cwd = temporaryFolder();
    await writePastRuns(join(cwd, '.drillbook'), past);
    expect((await drillbook(['docs', '--measured'], { cwd })).stdout).toMatch(/docs\/measured\.md: written/);
    const page = await readFile(join(cwd, 'docs/measured.md'), 'utf8');
    expect(page).toContain(
      '| Database corruption | critical | 30m | 1d | 2026-07-06 in sandbox, rehearsal wholeDatabase, attended: RTA 12m 00s met, RPA 1d 01h missed | 2026-08-11 in production, attended: RTA 10m 00s met, RPA 5.0s met |',
    );
    expect(page).toMatch(/^\| A file is lost .*\| never \| never \|$/m);
    expect(page).toContain(
      '| database-corruption | in sandbox, rehearsal wholeDatabase, attended | 2 drills | 2026-07-06, `20260706-0900-past` | 12m 00s met | 1 of 2 | 1d 01h missed | 1 of 2 |',
    );
    expect(await readdir(join(cwd, 'docs'))).toEqual(['measured.md']);
    expect((await drillbook(['docs', '--measured'], { cwd })).stdout).toMatch(/unchanged/);
  });

  it('writes into another file, from another store', async () => {
    const cwd = temporaryFolder();
    await writePastRuns(join(cwd, 'runs'), past);
    await drillbook(['docs', '--measured', 'wiki/values.md', '--store', 'runs'], { cwd });
    expect(await readFile(join(cwd, 'wiki/values.md'), 'utf8')).toMatch(/^# Measured values$/m);
  });

  it('writes nothing over the page where the store has no run that ended', async () => {
    const cwd = temporaryFolder();
    await mkdir(join(cwd, 'docs'));
    await writeFile(join(cwd, 'docs/measured.md'), 'values\n');
    const { exitCode, stderr } = await drillbook(['docs', '--measured'], { cwd });
    expect(stderr).toMatch(/no run has ended in the store \.drillbook: docs\/measured\.md was not written/);
    expect(exitCode).toBe(2);
    expect(await readFile(join(cwd, 'docs/measured.md'), 'utf8')).toBe('values\n');
  });

  it('writes over no page that a person wrote', async () => {
    const cwd = temporaryFolder();
    await writePastRuns(join(cwd, '.drillbook'), past);
    await writeFile(join(cwd, 'README.md'), '# Ours\n');
    const { exitCode, stderr } = await drillbook(['docs', '--measured', 'README.md'], { cwd });
    expect(stderr).toMatch(/README\.md is there already/);
    expect(exitCode).toBe(2);
    expect(await readFile(join(cwd, 'README.md'), 'utf8')).toBe('# Ours\n');
  });

  it('is not checked: nothing but a store could say what is right', async () => {
    const { exitCode, stderr } = await drillbook(['docs', '--measured', '--check'], { cwd: await folder() });
    expect(stderr).toMatch(/'--measured \[file\]' cannot be used with option '--check'/);
    expect(exitCode).toBe(2);
  });
});
