import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { drillbook, temporaryFolder } from '../rig/drillbook.ts';

const SCHEMA_LINE = /^# yaml-language-server: \$schema=(\S+)\n/;

/** What an editor would read: the address of the first line, from where the file is. */
async function schemaOf(yaml: string): Promise<{ readonly address: string; readonly title: unknown }> {
  const address = SCHEMA_LINE.exec(await readFile(yaml, 'utf8'))?.[1] ?? '';
  const path = address.startsWith('file:') ? fileURLToPath(address) : resolve(dirname(yaml), address);
  return { address, title: (JSON.parse(await readFile(path, 'utf8')) as { title: unknown }).title };
}

const INIT = ['init', '--template', 's3'];

/** A project in which drillbook is installed, as npm leaves it behind. */
async function project(): Promise<string> {
  const cwd = temporaryFolder();
  await mkdir(join(cwd, 'node_modules'));
  await symlink(resolve('.'), join(cwd, 'node_modules', 'drillbook'));
  return cwd;
}

describe('drillbook init', () => {
  it('makes a folder in which check, plan and docs work at once', async () => {
    const cwd = await project();
    const made = await drillbook(INIT, { cwd });
    expect(made.stdout).toMatch(/made +playbooks\/deleted-files\.yaml/);
    expect(made.stdout).toMatch(/main\.cjs drill deleted-files/);
    expect(await readFile(join(cwd, '.gitignore'), 'utf8')).toBe('.drillbook/\n');
    const checked = await drillbook(['check', '--env', 'staging'], { cwd });
    expect(checked.stdout).toMatch(/3 files checked: 0 errors, 0 warnings/);
    const planned = await drillbook(['plan', 'deleted-files', '--env', 'staging'], { cwd });
    expect(planned.stdout).toMatch(/write +Bring back the deleted objects of my-videos/);
    expect((await drillbook(['docs', '--env', 'staging'], { cwd })).exitCode).toBe(0);
  });

  it('names schemas that editors find in the installed package', async () => {
    const cwd = await project();
    await drillbook(INIT, { cwd });
    expect(await schemaOf(join(cwd, 'playbooks/deleted-files.yaml'))).toEqual({
      address: '../node_modules/drillbook/schemas/playbook.bundle.schema.json',
      title: 'Playbook',
    });
    expect(await schemaOf(join(cwd, 'playbooks/environments/staging.yaml'))).toEqual({
      address: '../../node_modules/drillbook/schemas/environment.schema.json',
      title: 'Environment',
    });
  });

  it('says so when the line holds for this machine only', async () => {
    const cwd = temporaryFolder();
    const { stdout } = await drillbook(INIT, { cwd });
    expect(stdout).toMatch(/not installed in this project/);
    const { address, title } = await schemaOf(join(cwd, 'playbooks/deleted-files.yaml'));
    expect([address.slice(0, 8), title]).toEqual(['file:///', 'Playbook']);
  });

  it('writes over nothing, and adds to .gitignore what is missing there', async () => {
    const cwd = await project();
    await writeFile(join(cwd, '.gitignore'), 'dist');
    await drillbook(INIT, { cwd });
    expect(await readFile(join(cwd, '.gitignore'), 'utf8')).toBe('dist\n.drillbook/\n');
    const again = await drillbook(INIT, { cwd });
    expect(again.stderr).toMatch(
      /playbooks\/deleted-files\.yaml, .*staging\.yaml, .*drillbook\.yml are there already/,
    );
    expect(again.stderr).toMatch(/Nothing was changed/);
    expect(again.exitCode).toBe(2);
  });

  it.each(['playbooks/schedule.yaml', '.github/workflows/drillbook.yml'])(
    'makes nothing at all where %s is there already',
    async (taken) => {
      const cwd = temporaryFolder();
      await mkdir(dirname(join(cwd, taken)), { recursive: true });
      await writeFile(join(cwd, taken), 'mine');
      const { exitCode, stderr } = await drillbook(INIT, { cwd });
      expect(stderr).toContain(`${taken} is there already`);
      expect(exitCode).toBe(2);
      expect(await readFile(join(cwd, taken), 'utf8')).toBe('mine');
      expect(readdirSync(cwd)).toEqual([taken.split('/')[0]]);
      expect(readdirSync(dirname(join(cwd, taken)))).toHaveLength(1);
    },
  );
});

describe.each([['init'], ['new', 'api-down']])('drillbook %s %s', (...args) => {
  it('writes nothing where nobody can be asked what it is to be about', async () => {
    const cwd = temporaryFolder();
    const { exitCode, stderr } = await drillbook(args, { cwd });
    expect(stderr).toMatch(/Nothing was written\. Say it with --template: machine, django-render, s3,/);
    expect(exitCode).toBe(4);
    expect(readdirSync(cwd)).toEqual([]);
  });

  it('knows no template of another name', async () => {
    const cwd = temporaryFolder();
    const { exitCode, stderr } = await drillbook([...args, '--template', 'kubernets'], { cwd });
    expect(stderr).toMatch(/Did you mean "kubernetes"\?/);
    expect(exitCode).toBe(2);
    expect(readdirSync(cwd)).toEqual([]);
  });
});

describe('drillbook new', () => {
  it('makes a playbook that is in order, with the title as it was given', async () => {
    const cwd = await project();
    const { stdout } = await drillbook(
      ['new', 'api-down', '--template', 's3', '--title', 'The API: "down"'],
      { cwd },
    );
    expect(stdout).toMatch(/made +playbooks\/api-down\.yaml/);
    expect((await drillbook(['check'], { cwd })).stdout).toMatch(/1 file checked: 0 errors, 0 warnings/);
    expect((await drillbook(['list', '--json'], { cwd })).stdout).toContain('"title": "The API: \\"down\\""');
  });

  it('writes for a lost database what is about a database', async () => {
    const cwd = await project();
    await drillbook(['new', 'database-lost', '--template', 'machine'], { cwd });
    const text = await readFile(join(cwd, 'playbooks/database-lost.yaml'), 'utf8');
    expect(text).toMatch(/uses: postgres\.drop-table/);
    expect(text).not.toMatch(/s3|bucket/i);
  });

  it.each(['Api Down', 'api_down', '9lives', 'api--down', '../api'])(
    'refuses %j as a name, with one that would do',
    async (id) => {
      const cwd = temporaryFolder();
      const { exitCode, stderr } = await drillbook(['new', id], { cwd });
      expect(stderr).toMatch(/is no name for a playbook.*\n +Such as [a-z-]+\./);
      expect(exitCode).toBe(2);
      expect(readdirSync(cwd)).toEqual([]);
    },
  );

  it('does not write over a playbook, wherever it lies', async () => {
    const cwd = await project();
    await mkdir(join(cwd, 'playbooks/procedures'), { recursive: true });
    await writeFile(join(cwd, 'playbooks/procedures/api-down.yaml'), 'mine');
    const { exitCode, stderr } = await drillbook(['new', 'api-down'], { cwd });
    expect(stderr).toMatch(/playbooks\/procedures\/api-down\.yaml is there already/);
    expect(exitCode).toBe(2);
    expect(existsSync(join(cwd, 'playbooks/api-down.yaml'))).toBe(false);
  });
});
