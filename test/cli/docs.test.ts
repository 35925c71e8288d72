import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { drillbook, temporaryFolder } from '../rig/drillbook.ts';

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
