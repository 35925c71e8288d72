import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { StepFinished } from '../../engine/model/event.ts';
import { drillbook, startDrillbook, temporaryFolder } from '../rig/drillbook.ts';
import { runIdOf, writePastRuns } from '../rig/past-runs.ts';

const AT = '2026-03-02T10:00:00Z';
const RUN = runIdOf({ at: AT });

const SCHEDULE = `
version: 1
name: Mine
entries:
  quarterly:
    { title: The drill, playbook: mine, environment: staging, rule: FREQ=MONTHLY;INTERVAL=3, from: 2026-01-01, within: 7d }
`;

const CHECKED: StepFinished = {
  ...{ type: 'step.finished', key: 'check', title: 'The orders are there' },
  ...{ conclusion: 'ok', outcome: 'succeeded', output: {} },
};

const PLAYBOOK = `
version: 1
id: mine
title: The database is lost
summary: It is restored.
reviewed: 2026-01-01
needs: [databases.main]
objectives: { rto: { target: 30m, from: declared, to: verified } }
rehearsals:
  gone:
    title: Somebody has dropped the table of the orders
    environments: [staging]
    fault: { steps: [{ uses: wait, with: { for: 1s } }] }
    injects:
      - { after: stop, message: The second engineer is unreachable }
      - { at: 0s, message: The page says that all is well }
steps:
  - { id: stop, title: Stop what writes, uses: manual, by: dba, with: { instructions: Turn the switch. } }
  - id: look
    title: Look at the orders
    uses: sql.query
    with: { database: '\${{ env.databases.main }}', query: select count(*) as rows from orders }
  - id: restore
    title: Put the orders back
    when: steps.look.output.rows[0].rows == 0
    uses: sql.execute
    with: { database: '\${{ env.databases.main }}', statement: insert into orders select * from kept }
    effect: destructive
    touches: \${{ env.databases.main }}
    expect: 4m
  - id: check
    title: The orders are there
    uses: sql.query
    with: { database: '\${{ env.databases.main }}', query: select count(*) as rows from orders }
    assert: [{ that: 'output.rows[0].rows > 0' }]
    mark: verified
`;

/** Of the backup that a run has looked at last. */
const MONITORS = `
version: 1
environment: staging
backups:
  looked:
    title: What the last run saw
    uses: recall
    with: { playbook: mine, step: check }
    found: "output.found ? [{'at': output.at}] : []"
alerts:
  none:
    { title: Nobody has looked, of: looked, when: { olderThan: 9999d }, severity: warning, channels: [ops] }
`;

/** Nothing listens there, and the secret is nowhere: whoever asked anything would fail. */
const ENVIRONMENT = `
version: 1
name: production
kind: production
databases:
  main: { name: orders-main, url: { env: NOWHERE_TO_BE_FOUND } }
roles: { dba: Ada Example }
channels: { ops: { console: true } }
`;

function writeFiles(cwd: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), text);
  }
}

const folder = (): string => {
  const cwd = temporaryFolder();
  writeFiles(cwd, {
    'playbooks/mine.yaml': PLAYBOOK,
    'playbooks/environments/production.yaml': ENVIRONMENT,
    'answers.yaml': "'*': go\nlook: { answer: otherwise, reason: the provider first }\nrestore/when: true\n",
  });
  return cwd;
};

const TABLE = ['drill', 'mine', '--tabletop', '--store', 'store', '--unattended', '--operator', 'ada'];

describe('drill --tabletop', () => {
  it('goes through a playbook on production, whose database is out of reach, and says what was said', async () => {
    const cwd = folder();
    const run = await drillbook([...TABLE, '--answers', 'answers.yaml', '--reason', 'a new colleague'], {
      cwd,
    });
    expect(run.stderr).toBe('The situation: Somebody has dropped the table of the orders\n');
    expect(run.stdout).toContain('Put the orders back');
    expect(run.exitCode).toBe(0);
    const report = async (...more: readonly string[]) =>
      (await drillbook(['report', '--store', 'store', ...more], { cwd })).stdout;
    const text = await report();
    expect(text).toMatch(/Run +\S+ · tabletop · mine/);
    expect(text).toContain('talked through to its end');
    expect(text).toContain('Tabletop: nothing was measured');
    expect(text).toContain('the provider first');
    expect(text).toContain('Told: The second engineer is unreachable');
    expect(text).not.toMatch(/RTA|unproven|missed/);
    for (const format of ['html', 'md']) {
      const page = await report('--format', format);
      expect(page).toContain('tabletop of mine, rehearsal gone');
      expect(page).toContain('nothing was measured');
      expect(page).toContain('the provider first');
    }
    const json = JSON.parse(await report('--format', 'json')) as object;
    expect(json).toMatchObject({ run: { mode: 'tabletop', exitCode: 0 }, objectives: {} });
    const { stdout: audit } = await drillbook(['audit', '--store', 'store'], { cwd });
    expect(audit).toMatch(/Tabletop: The database is lost +production +a new colleague/);
    const { stdout: runs } = await drillbook(['runs', '--store', 'store'], { cwd });
    expect(runs).toMatch(/succeeded +mine +tabletop +production +–/);
  });

  it('is gone on with after kill -9, and asks nothing twice', async () => {
    const cwd = folder();
    const run = startDrillbook([...TABLE, '--json', '--yes'], { cwd });
    await run.line(/"type":"step.finished","key":"stop"/);
    run.process.kill('SIGKILL');
    await run.finished;
    const resumed = await drillbook(
      ['resume', '--store', 'store', '--unattended', '--operator', 'ada', '--answers', 'answers.yaml'],
      { cwd },
    );
    expect([resumed.exitCode, resumed.stderr]).toEqual([0, expect.stringMatching(/^The situation: .*\n$/)]);
    const { stdout } = await drillbook(['report', '--store', 'store', '--format', 'json'], { cwd });
    const { steps, injects, gates } = JSON.parse(stdout) as Readonly<
      Record<'steps' | 'injects' | 'gates', readonly { key: string; number: number; answer?: string }[]>
    >;
    expect(steps.map(({ key }) => key)).toEqual(['stop', 'look', 'restore', 'check']);
    expect(injects.map(({ number }) => number).toSorted()).toEqual([1, 2]);
    expect(gates.filter(({ key, answer }) => key === 'stop' && answer !== undefined)).toHaveLength(1);
  });

  it('names init in a folder that has no environment yet', async () => {
    const { exitCode, stderr } = await drillbook(TABLE, { cwd: temporaryFolder() });
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/ init makes a first one/)]);
  });

  it.each([
    [['--blind'], 'Leave out --blind, or --tabletop'],
    [['--world', 'peakops'], 'Leave out --world, or --tabletop'],
  ])('is no drill that breaks something: %j', async (more, hint) => {
    const { exitCode, stderr } = await drillbook([...TABLE, ...more], { cwd: folder() });
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(hint)]);
  });
});

describe('a tabletop counts as no drill', () => {
  /** The same run in a store of its own: once as a drill, which each of them shows, once as a tabletop. */
  const stored = async (mode: 'drill' | 'tabletop'): Promise<string> => {
    const cwd = folder();
    writeFiles(cwd, {
      'playbooks/schedule.yaml': SCHEDULE,
      'playbooks/environments/staging.yaml': staging(),
      'playbooks/monitors.yaml': MONITORS,
    });
    const environment = { name: 'staging', kind: 'staging' } as const;
    const steps = [CHECKED];
    await writePastRuns(join(cwd, 'store'), [
      { at: AT, playbook: 'mine', mode, environment, rtaMinutes: 10, steps },
    ]);
    return cwd;
  };
  const staging = (): string => ENVIRONMENT.replaceAll('production', 'staging');

  it.each([
    ['list', ['list', '--json'], /"lastDrill"/],
    ['list, as text', ['list'], /10 ?m|2026-03-02/],
    ['history', ['history', '--json'], /"lastMs"|"rtaMs"/],
    ['history, as text', ['history'], /2026-03-02/],
    ['schedule', ['schedule', '--json'], new RegExp(RUN)],
    ['report', ['report', '--format', 'json'], /"rto"/],
    ['what it proposes', ['report', '--format', 'json'], /"reviewed"/],
    ['audit', ['audit', '--format', 'json'], /"type": ?"drill"/],
    ['runs', ['runs', '--json'], /"rto"/],
    ['junit', ['report', '--format', 'junit'], /name="RTO"/],
    ['metrics', ['history', '--openmetrics'], /drillbook_(rta|last)\S*\{[^}]*playbook="mine"/],
    ['the monitor', ['monitor'], /quiet .*the last good backup is/],
  ])('in %s', async (_, command, shows) => {
    const look = async (mode: 'drill' | 'tabletop') =>
      (await drillbook([...command, '--store', 'store'], { cwd: await stored(mode) })).stdout;
    expect(await look('drill')).toMatch(shows);
    expect(await look('tabletop')).not.toMatch(shows);
  });

  it('in the page of what was measured', async () => {
    const page = async (mode: 'drill' | 'tabletop') => {
      const cwd = await stored(mode);
      const { stderr } = await drillbook(['docs', '--measured', 'page.md', '--store', 'store'], { cwd });
      return existsSync(join(cwd, 'page.md')) ? readFileSync(join(cwd, 'page.md'), 'utf8') : stderr;
    };
    expect(await page('drill')).toMatch(/RTA 10m/);
    expect(await page('tabletop')).toMatch(/no run has ended/);
  });

  it('in what improve changes: what people would do otherwise is remarked, and no time is taken for a step', async () => {
    const cwd = folder();
    await drillbook([...TABLE, '--answers', 'answers.yaml'], { cwd });
    const { stdout } = await drillbook(['improve', '--store', 'store'], { cwd });
    const added = stdout.split('\n').filter((line) => /^\+(?!\+)/.test(line));
    expect(added).toEqual([expect.stringContaining('the provider first')]);
  });
});
