import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { shadowedIds } from '../../engine/cli/folder.ts';
import { writeNewFiles } from '../../engine/cli/new-files.ts';
import { takeOverFiles } from '../../engine/cli/take-over.ts';
import { folderLibrary, idsIn } from '../../engine/load/library.ts';
import { loadPlaybook } from '../../engine/load/playbook.ts';
import { drillbook, temporaryFolder } from '../rig/drillbook.ts';
import { writePastRuns } from '../rig/past-runs.ts';

const SHIPPED = idsIn([resolve('playbooks')]);

const playbook = (id: string): string => `version: 1
id: ${id}
title: The shop is closed
summary: Nobody can buy anything.
steps:
  - { id: rest, title: Have a rest, uses: wait, with: { for: 1ms } }
`;

async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const cwd = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(cwd, name)), { recursive: true });
    await writeFile(join(cwd, name), text);
  }
  return cwd;
}

const STAGING =
  'version: 1\nname: staging\nkind: staging\nservices: { shop: { url: http://127.0.0.1:9/ } }\n';

const SCHEDULE = `version: 1
name: The shop's drills
entries:
  monthly: { playbook: shop-closed, rule: FREQ=MONTHLY, from: 2099-01-01, environment: staging }
`;

/** A team's own folder: a playbook, an environment, a schedule; nothing of what drillbook ships. */
const shop = (more: Readonly<Record<string, string>> = {}): Promise<string> =>
  folderWith({
    'playbooks/shop-closed.yaml': playbook('shop-closed'),
    'playbooks/environments/staging.yaml': STAGING,
    'playbooks/schedule.yaml': SCHEDULE,
    ...more,
  });

/** Names of what is shipped, in a text: ids of playbooks, and who uses them. Where the checkout lies says nothing. */
function shippedIn(printed: string): readonly string[] {
  const text = printed.replaceAll(resolve('.'), '');
  return [
    ...SHIPPED.filter((id) => new RegExp(`(?<![\\w-])${id}(?![\\w-])`).test(text)),
    ...(/peakops/i.test(text) ? ['PeakOps'] : []),
  ];
}

/** Every command, and how it goes over playbooks or names one. What it is given stands in the folder of the shop. */
const COMMANDS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  list: [['list'], ['list', '--json']],
  check: [['check'], ['check', '--env', 'staging']],
  plan: [['plan', 'shop-closed', '--env', 'staging']],
  drill: [['drill', 'shop-closed', '--env', 'staging', '--json']],
  recover: [['recover', 'shop-closed', '--env', 'staging', '--yes', '--unattended']],
  history: [['history'], ['history', '--json']],
  docs: [['docs'], ['docs', '--check', '--out', 'elsewhere'], ['docs', '--measured', 'measured.md']],
  schedule: [['schedule'], ['schedule', '--json'], ['schedule', '--ics']],
  monitor: [['monitor']],
  doctor: [['doctor', '--env', 'staging']],
  schema: [['schema']],
  new: [['new', 'shop-broken', '--from', 'no-such-example']],
  init: [],
  prove: [],
  completion: [],
  // These go over runs and not over playbooks.
  resume: [['resume']],
  abandon: [['abandon', 'no-such-run']],
  runs: [['runs']],
  report: [['report']],
  audit: [['audit']],
  improve: [['improve']],
};

describe('in a folder with playbooks of its own', () => {
  it('each command is looked at here', async () => {
    const { stdout } = await drillbook(['--help'], { cwd: temporaryFolder() });
    const [, commands = ''] = stdout.split('Commands:');
    const names = [...commands.matchAll(/^ {2}([a-z]+)\b/gm)].map(([, name = '']) => name);
    expect(names.filter((name) => name !== 'help' && !(name in COMMANDS))).toEqual([]);
  });

  it.each(Object.values(COMMANDS).flat())(
    'drillbook %s %s %s %s says nothing of the shipped ones',
    async (...args) => {
      const cwd = await shop();
      await writePastRuns(join(cwd, '.drillbook'), [{ at: '2026-01-05T09:00:00Z', playbook: 'shop-closed' }]);
      const { stdout, stderr } = await drillbook(args, { cwd });
      expect(shippedIn(stdout + stderr)).toEqual([]);
      const pages = existsSync(join(cwd, 'docs')) ? readdirSync(join(cwd, 'docs/playbooks')) : [];
      expect(pages).toEqual(args.length === 1 && args[0] === 'docs' ? ['README.md', 'shop-closed.md'] : []);
      const measured = join(cwd, 'measured.md');
      if (args.includes('--measured')) expect(shippedIn(readFileSync(measured, 'utf8'))).toEqual([]);
    },
  );

  it.each([['plan'], ['drill'], ['recover']])(
    '%s takes no shipped playbook by its name, and says how it is taken over',
    async (command) => {
      const cwd = await shop();
      const { exitCode, stderr } = await drillbook([command, 'complete-outage', '--env', 'staging'], { cwd });
      expect(stderr).toMatch(/there is no playbook "complete-outage" in playbooks/);
      expect(stderr).toMatch(
        /ships a playbook of that name as an example: .* new complete-outage --from complete-outage/,
      );
      expect(exitCode).toBe(2);
      expect(readdirSync(cwd)).toEqual(['playbooks']);
    },
  );

  it('a schedule may not name a shipped playbook', async () => {
    const cwd = await shop({
      'playbooks/schedule.yaml': SCHEDULE.replace('playbook: shop-closed', 'playbook: quarterly-drill'),
    });
    const { exitCode, stderr } = await drillbook(['schedule'], { cwd });
    expect(stderr).toMatch(/DB061.*"quarterly-drill" is none of this folder/);
    expect(stderr).toMatch(/new quarterly-drill --from quarterly-drill/);
    expect(exitCode).toBe(2);
  });

  it('without a schedule nothing is due, and without monitors nothing can be looked at', async () => {
    const cwd = await folderWith({ 'playbooks/shop-closed.yaml': playbook('shop-closed') });
    const schedule = await drillbook(['schedule'], { cwd });
    expect(schedule.stdout).toMatch(/Nothing is due: there is no schedule\.yaml in playbooks/);
    expect(schedule.exitCode).toBe(0);
    const { exitCode, stderr } = await drillbook(['monitor'], { cwd });
    expect(stderr).toMatch(/there is no monitors\.yaml in playbooks/);
    expect(exitCode).toBe(2);
  });

  it('where there is no folder at all, a schedule is missing', async () => {
    const { exitCode, stderr } = await drillbook(['schedule'], { cwd: temporaryFolder() });
    expect(stderr).toMatch(/there is no schedule\.yaml in playbooks/);
    expect(exitCode).toBe(2);
  });
});

describe('an environment of the examples', () => {
  const NAMED: readonly (readonly string[])[] = [
    ['plan', 'shop-closed'],
    ['drill', 'shop-closed'],
    ['recover', 'shop-closed'],
    ['check'],
    ['doctor'],
    ['docs'],
  ];

  it.each(NAMED)('is not taken by its name: %s %s', async (...args) => {
    const cwd = await shop();
    const { exitCode, stderr, stdout } = await drillbook([...args, '--env', 'production'], { cwd });
    expect(stderr).toMatch(/there is no environment "production"/);
    expect(stderr).toMatch(/Nothing was touched: there is no playbooks\/environments\/production\.yaml/);
    expect(stdout).toBe('');
    expect(exitCode).toBe(2);
    expect(readdirSync(cwd)).toEqual(['playbooks']);
  });

  it('nor by monitors that name it', async () => {
    const cwd = await shop({
      'playbooks/monitors.yaml': 'version: 1\nenvironment: production\nbackups: {}\nalerts: {}\n',
    });
    const { exitCode, stderr } = await drillbook(['monitor'], { cwd });
    expect(stderr).toMatch(/There is no environment "production"/);
    expect(exitCode).toBe(2);
  });

  it('nor in a folder that has nothing at all, though the examples are shown there', async () => {
    const cwd = temporaryFolder();
    const { exitCode, stderr } = await drillbook(['plan', 'database-corruption', '--env', 'production'], {
      cwd,
    });
    expect(stderr).toMatch(/there is no environment "production"/);
    expect(exitCode).toBe(2);
  });
});

describe('the examples', () => {
  it('are shown by list --shipped, with what stands in their place', async () => {
    const cwd = await shop({ 'playbooks/complete-outage.yaml': playbook('complete-outage') });
    const { stdout } = await drillbook(['list', '--shipped'], { cwd });
    expect(SHIPPED.filter((id) => !stdout.includes(id))).toEqual([]);
    expect(stdout).not.toMatch(/shop-closed/);
    expect(stdout).toMatch(/new ID --from EXAMPLE takes one over into playbooks/);
    expect(stdout).toMatch(/in place of the shipped ones of these names: complete-outage\.$/m);
    const own = await drillbook(['list'], { cwd });
    expect(own.stdout).toMatch(/in place of the shipped ones of these names: complete-outage\.$/m);
    const { playbooks } = JSON.parse((await drillbook(['list', '--json'], { cwd })).stdout) as {
      playbooks: unknown[];
    };
    expect(playbooks).toMatchObject([{ id: 'complete-outage', shadows: true }, { id: 'shop-closed' }]);
    expect(playbooks[1]).not.toHaveProperty('shadows');
  });

  it('are what an empty folder shows, and it says that they are examples', async () => {
    const { stdout } = await drillbook(['list'], { cwd: temporaryFolder() });
    expect(stdout).toMatch(/database-corruption[^]*These are examples that drillbook ships\./);
  });

  it('do not stand in for a folder that was mistyped', async () => {
    for (const command of ['list', 'check', 'docs', 'history']) {
      const { exitCode, stderr } = await drillbook([command, '--playbooks', 'plabooks'], {
        cwd: await shop(),
      });
      expect(stderr).toMatch(/there is no folder plabooks/);
      expect(exitCode).toBe(2);
    }
  });
});

it('a service with an address alone is no problem of doctor’s', async () => {
  const { exitCode, stdout } = await drillbook(['doctor', '--env', 'staging'], { cwd: await shop() });
  expect(stdout).toMatch(/ok +services\.shop: known by its address alone/);
  expect(exitCode).toBe(0);
});

describe('drillbook new --from', () => {
  it('takes an example over with what it calls, and says what it asks of the environment', async () => {
    const cwd = await shop();
    const { exitCode, stdout } = await drillbook(
      ['new', 'shop-corrupted', '--from', 'database-corruption', '--title', 'The shop: "corrupted"'],
      { cwd },
    );
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /made +playbooks\/shop-corrupted\.yaml\nmade +playbooks\/procedures\/tell-users\.yaml/,
    );
    expect(stdout).toMatch(
      /It asks of the environment: services\.api, databases\.main, application, channels\.ops/,
    );
    const checked = await drillbook(['check'], { cwd });
    expect(checked.stdout).toMatch(/0 errors, 0 warnings/);
    const listed = await drillbook(['list', '--json'], { cwd });
    expect((JSON.parse(listed.stdout) as { playbooks: unknown[] }).playbooks).toContainEqual(
      expect.objectContaining({ id: 'shop-corrupted', title: 'The shop: "corrupted"', valid: true }),
    );
  });

  it('says that what it took over stands in place of the example from now on', async () => {
    const { exitCode, stdout } = await drillbook(['new', 'tell-users', '--from', 'tell-users'], {
      cwd: temporaryFolder(),
    });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('It stands in place of the shipped tell-users from now on.');
  });

  // Without a process for each: that takes longer than all of them here.
  it.each(SHIPPED)('takes %s over, whole and in order', async (id) => {
    const playbooks = join(temporaryFolder(), 'playbooks');
    writeNewFiles((await takeOverFiles({ from: id, id, title: undefined, playbooks })).files);
    expect(shadowedIds(playbooks)).toContain(id);
    // All that it calls lies beside it: it stays as it is when drillbook is brought up to date.
    const alone = folderLibrary([playbooks]);
    const file = await alone.find(id);
    expect(file).toBeDefined();
    if (file !== undefined) expect((await loadPlaybook(file, alone)).diagnostics).toEqual([]);
  });

  it('leaves a procedure that is there as it is, and says that it is called', async () => {
    const cwd = await shop();
    await drillbook(['new', 'one', '--from', 'database-corruption'], { cwd });
    const { exitCode, stdout } = await drillbook(['new', 'two', '--from', 'database-corruption'], { cwd });
    expect(stdout).toMatch(/It calls .*tell-users.* of playbooks: your own, which were left as they are/);
    expect(exitCode).toBe(0);
  });

  it.each([
    [['one', '--from', 'database-coruption'], /Did you mean "database-corruption"\?/],
    // What it calls would be itself.
    [['tell-users', '--from', 'database-corruption'], /DB060/],
    [['shop-closed', '--from', 'database-corruption'], /shop-closed\.yaml is there already/],
  ])('%j changes nothing', async (args, message) => {
    const cwd = await shop();
    const { exitCode, stderr } = await drillbook(['new', ...args], { cwd });
    expect(stderr).toMatch(message);
    expect(exitCode).toBe(2);
    expect(readdirSync(join(cwd, 'playbooks')).sort()).toEqual([
      'environments',
      'schedule.yaml',
      'shop-closed.yaml',
    ]);
  });
});
