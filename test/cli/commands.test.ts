import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { drillbook, temporaryFolder } from '../rig/drillbook.ts';

/** The shipped folder itself: there its environments are those of the folder. */
const SHIPPED = ['--playbooks', resolve('playbooks')];

const PRODUCTION = { RENDER_API_KEY: '', PROBE_PASSWORD: '' };

async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const cwd = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    const path = join(cwd, 'playbooks', name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  return cwd;
}

const WRONG =
  'version: 1\nid: wrong\ntitle: Wrong\nsummary: Wrong.\nonwer: DevOps\nsteps:\n  - uses: wiat\n    with: { for: 1s }\n';

describe('drillbook --version', () => {
  it('says the version of the package', async () => {
    const { version } = JSON.parse(await readFile(resolve('package.json'), 'utf8')) as {
      readonly version: string;
    };
    const { exitCode, stdout } = await drillbook(['--version'], { cwd: temporaryFolder() });
    expect([exitCode, stdout]).toEqual([0, `${version}\n`]);
  });
});

describe('a world that drillbook brings', () => {
  it("is none of a folder of one's own: two of a name would be mistaken for each other", async () => {
    const world = await readFile(resolve('playbooks/worlds/peakops-django.yaml'), 'utf8');
    const cwd = await folderWith({
      'worlds/peakops-django.yaml': world
        .replaceAll('./peakops-django', '.')
        .replace('./rows.sql', './r.sql'),
      'worlds/r.sql': 'select 1;',
    });
    const args = ['drill', 'verify-application', '--rehearsal', 'soundWorld', '--world', 'peakops-django'];
    const { exitCode, stderr } = await drillbook(args, { cwd });
    expect(stderr).toMatch(/there are two worlds "peakops-django"/);
    expect(exitCode).toBe(2);
  });
});

describe('drillbook, used wrongly', () => {
  it.each(['store', 'playbooks', 'env', 'operator', 'rehearsal', 'answers', 'reason'])(
    '--%s that is empty is refused, and nothing is written',
    async (option) => {
      const cwd = temporaryFolder();
      const { exitCode, stderr } = await drillbook(['drill', 'database-corruption', `--${option}`, ''], {
        cwd,
      });
      expect(stderr).toContain(`--${option} is empty; nothing was changed`);
      expect(exitCode).toBe(2);
      expect(readdirSync(cwd)).toEqual([]);
    },
  );

  it.each([
    [['frobnicate'], /unknown command 'frobnicate'/],
    [['chekc'], /Did you mean check\?/],
    [
      ['drill'],
      /which playbook is to be drilled was not said:\n {2}\w[^]*database-corruption +Database corruption/,
    ],
    [['plan', 'database-corruption'], /required option '--env/],
    [['check', '--format', 'xml'], /Allowed choices are pretty, json, sarif, github/],
    [['plan', 'database-corruption', '--env', 'nowhere'], /there is no environment "nowhere"/],
    [['plan', 'database-corruption', '--env', 'sandbox'], /makes its environment when a drill starts it/],
    [['drill', 'no-such-playbook'], /there is no playbook "no-such-playbook"/],
    [['drill', 'database-corruption', '--rehearsal', 'wholeDatabse'], /Did you mean "wholeDatabase"\?/],
    [['drill', 'database-corruption', '--world', 'peakops-plian'], /Did you mean "peakops-plain"\?/],
    [['drill', 'database-corruption', '--world', 'peakops', '--env', 'staging'], /a world is a sandbox/],
    [
      ['recover', 'database-corruption', '--env', 'production', '--yes', ...SHIPPED],
      /--yes is never taken on production/,
    ],
    [['drill', 'database-corruption', '--env', 'production', ...SHIPPED], /a drill never writes to one/],
    [['drill', 'database-corruption', '--answers', 'nowhere.yaml'], /nowhere\.yaml/],
    [['report', 'no-such-run'], /there is no run no-such-run/],
    [['report', '../../etc/passwd'], /passwd/],
    [['resume'], /there is no run to resume/],
  ])('%j is refused with exit code 2, and nothing is written', async (args, message) => {
    const cwd = temporaryFolder();
    const { exitCode, stderr } = await drillbook(args, { cwd });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n {4}at /);
    expect(exitCode).toBe(2);
    expect(readdirSync(cwd)).toEqual([]);
  });
});

describe('drillbook check', () => {
  it('finds nothing wrong with what is shipped', async () => {
    const { exitCode, stdout } = await drillbook(['check'], { cwd: temporaryFolder() });
    expect(stdout).toMatch(/\d+ files checked: 0 errors, 0 warnings/);
    expect(exitCode).toBe(0);
  });

  it('tells all problems at once, for people', async () => {
    const cwd = await folderWith({ 'wrong.yaml': WRONG });
    const { exitCode, stdout } = await drillbook(['check'], { cwd });
    expect(stdout).toMatch(/Did you mean "owner"\?/);
    expect(stdout).toMatch(/Did you mean "wait"\?/);
    expect(stdout).toMatch(/1 file checked: 2 errors/);
    expect(exitCode).toBe(2);
  });

  it('tells them as JSON', async () => {
    const cwd = await folderWith({ 'wrong.yaml': WRONG });
    const { stdout } = await drillbook(['check', '--format', 'json'], { cwd });
    expect(JSON.parse(stdout)).toMatchObject({
      files: 1,
      diagnostics: [
        { severity: 'error', line: 5, column: 1, hint: 'Did you mean "owner"?' },
        { severity: 'error', line: 7, hint: 'Did you mean "wait"?' },
      ],
    });
  });

  it('tells them as SARIF 2.1.0', async () => {
    const cwd = await folderWith({ 'wrong.yaml': WRONG });
    const { stdout } = await drillbook(['check', '--format', 'sarif'], { cwd });
    expect(JSON.parse(stdout)).toMatchObject({
      version: '2.1.0',
      runs: [
        {
          results: [{ level: 'error', locations: [{ physicalLocation: { region: { startLine: 5 } } }] }, {}],
        },
      ],
    });
  });

  it('tells them as commands to the GitHub runner', async () => {
    const cwd = await folderWith({ 'wrong.yaml': WRONG });
    const { stdout } = await drillbook(['check', '--format', 'github'], { cwd });
    expect(stdout).toMatch(/^::error file=.*wrong\.yaml,line=5,col=1,title=DB\d+::/m);
  });

  it('takes of two playbooks of one id the one that a run takes, whoever calls it', async () => {
    const head = (id: string): string => `version: 1\nid: ${id}\ntitle: One\nsummary: One.\n`;
    const cwd = await folderWith({
      'environments/staging.yaml': 'version: 1\nname: staging\nkind: staging\n',
      'inner.yaml': `${head('inner')}inputs: { a: { prompt: A?, type: text } }\nsteps: []\n`,
      'procedures/inner.yaml': `${head('inner')}inputs: { b: { prompt: B?, type: text } }\nsteps: []\n`,
      'procedures/outer.yaml': `${head('outer')}steps:\n  - { uses: playbook, with: { playbook: inner, inputs: { a: x } } }\n`,
    });
    const { stdout } = await drillbook(['check'], { cwd });
    expect(stdout).toMatch(/4 files checked: 0 errors/);
    const plan = await drillbook(['plan', 'outer', '--env', 'staging'], { cwd });
    expect(plan.exitCode).toBe(0);
  });

  it('holds playbooks against an environment', async () => {
    const { exitCode, stdout } = await drillbook(['check', '--env', 'production', ...SHIPPED], {
      cwd: temporaryFolder(),
    });
    expect(stdout).toMatch(/0 errors/);
    expect(exitCode).toBe(0);
  });
});

describe('drillbook list', () => {
  it('shows objectives, and that nothing was drilled yet', async () => {
    const { exitCode, stdout } = await drillbook(['list'], { cwd: temporaryFolder() });
    expect(stdout).toMatch(/database-corruption +critical +30m +– +1d +– +never/);
    expect(exitCode).toBe(0);
  });
});

describe('drillbook plan', () => {
  it('says what each step would do, by effect, and holds the forecast against the RTO', async () => {
    const args = ['plan', 'database-corruption', '--env', 'production', ...SHIPPED];
    const { exitCode, stdout } = await drillbook(args, { cwd: temporaryFolder(), env: PRODUCTION });
    expect(stdout).toMatch(/none +For each of api, worker, one after the other \(asks first/);
    expect(stdout).toMatch(/write +Suspend the service/);
    expect(stdout).toMatch(/\d+ read · \d+ write · \d+ destructive · 0 unknown/);
    expect(stdout).toMatch(/against an RTO of 30m/);
    expect(exitCode).toBe(0);
  });

  it('takes inputs from a file', async () => {
    const cwd = temporaryFolder();
    await writeFile(join(cwd, 'answers.yaml'), 'corruptedAt: 2026-11-01T03:12:00Z\n');
    const answers = ['--answers', 'answers.yaml'];
    const args = ['plan', 'database-corruption', '--env', 'production', ...answers, ...SHIPPED];
    expect((await drillbook(args, { cwd, env: PRODUCTION })).stdout).toMatch(
      /Recover peakops-main to 2026-11-01T03:11:59/,
    );
  });
});

describe('drillbook doctor', () => {
  it('finds what the sandbox needs', async () => {
    const { exitCode, stdout } = await drillbook(['doctor'], { cwd: temporaryFolder() });
    expect(stdout).toMatch(/ok +PostgreSQL for the sandbox: 15/);
    expect(exitCode).toBe(0);
  });

  it('finds the client tools that the steps would take', async () => {
    const bin = temporaryFolder();
    for (const program of ['pg_dump', 'pg_restore']) {
      await writeFile(join(bin, program), `#!/bin/sh\necho "${program} (PostgreSQL) 99.1"\n`, {
        mode: 0o755,
      });
    }
    const { stdout } = await drillbook(['doctor'], { cwd: bin, env: { PG_BINDIR: bin } });
    expect(stdout).toContain(`ok       PostgreSQL client tools for the sandbox: 99.1 (${bin})`);
  });

  it('names each secret that is missing, and ends with 1', async () => {
    const args = ['doctor', '--env', 'production', ...SHIPPED];
    const { exitCode, stdout } = await drillbook(args, { cwd: temporaryFolder(), env: PRODUCTION });
    expect(stdout).toMatch(/problem +render\.key: the environment variable RENDER_API_KEY is not set/);
    expect(exitCode).toBe(1);
  });
});

describe('drillbook recover, without a terminal', () => {
  it('pauses at the first question with exit code 4, and can be resumed', async () => {
    const cwd = temporaryFolder();
    const args = ['recover', 'database-corruption', '--env', 'production', '--operator', 'ada', ...SHIPPED];
    const recovery = await drillbook(args, { cwd, env: PRODUCTION });
    expect(recovery.exitCode).toBe(4);
    expect(recovery.stderr).toMatch(/an operator is needed: .*mark\/occurred/);

    const listed = await drillbook(['runs', '--json'], { cwd });
    expect(JSON.parse(listed.stdout)).toMatchObject({
      runs: [{ state: 'paused', resumable: true, mode: 'recover' }],
    });
    expect((await drillbook(['resume', '--operator', 'ben'], { cwd, env: PRODUCTION })).exitCode).toBe(4);
  });
});
