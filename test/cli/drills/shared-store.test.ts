import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { initStore } from '../../../engine/journal/postgres/init.ts';
import { plainDatabase } from '../../../engine/kinds/postgres/client/plain.ts';
import { drillbook, temporaryFolder } from '../../rig/drillbook.ts';
import type { Finished } from '../../rig/drillbook.ts';
import { violations } from '../../rig/output-schema.ts';
import type { PostgresRig } from '../../rig/postgres.ts';
import { startPostgres } from '../../rig/postgres.ts';

let postgres: PostgresRig;
let address: string;

beforeAll(async () => {
  postgres = await startPostgres();
  address = postgres.server.url('peakops');
  await initStore(plainDatabase(address));
});

afterAll(() => postgres.close());

const ENVIRONMENT = `version: 1
name: lab
kind: staging
policy: { allowScripts: true }
channels: { ops: { slack: { url: { env: NOBODY_SET_THIS } } } }
`;
const SCHEDULE = `version: 1
name: Drills
entries:
  yearly: { title: Each year, playbook: greet, environment: lab, rule: FREQ=YEARLY, from: 2026-01-01, within: 30d }
`;
const MONITORS = `version: 1
environment: lab
backups:
  dumps: { title: Dumps, uses: file.list, with: { path: FOLDER }, found: "[{'at': now, 'ok': true}]" }
alerts:
  failed: { title: A dump failed, of: dumps, when: { failed: true }, severity: critical, channels: [ops] }
`;
const PLAYBOOK = `version: 1
id: greet
title: Greet
summary: Writes a greeting and has it read.
steps:
  - id: hello
    title: Write a greeting
    uses: file.write
    with: { path: "\${{ run.folder }}/hello.txt", text: hello }
    attach: hello.txt
  - id: look
    title: Look at it by hand
    uses: manual
    with: { instructions: Read it }
`;

/** A folder with a playbook of two steps, the second of which is a person's. */
function project(more = ''): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'playbooks', 'environments'), { recursive: true });
  writeFileSync(join(folder, 'playbooks', 'environments', 'lab.yaml'), ENVIRONMENT + more);
  writeFileSync(join(folder, 'playbooks', 'greet.yaml'), PLAYBOOK);
  writeFileSync(join(folder, 'playbooks', 'schedule.yaml'), SCHEDULE);
  writeFileSync(join(folder, 'playbooks', 'monitors.yaml'), MONITORS.replace('FOLDER', folder));
  writeFileSync(join(folder, 'answers.yaml'), 'look: done\n');
  return folder;
}

const run = (args: readonly string[], cwd: string, store = address): Promise<Finished> =>
  drillbook(args, { cwd, env: { DRILLBOOK_STORE: store } });

const on = (does: string, ...rest: string[]): Promise<Finished> =>
  run(['store', does, ...rest], temporaryFolder());

/** A recovery to its end. */
const GREET = ['recover', 'greet', '--env', 'lab', '--unattended', '--answers', 'answers.yaml'];

describe('a store in PostgreSQL', () => {
  it('takes a run to its end over two machines, and says the same of it as a folder', async () => {
    const [here, there] = [project(), project()];
    const begun = await run(['recover', 'greet', '--env', 'lab', '--unattended'], here);
    expect(begun.exitCode).toBe(4);
    const resumed = await run(['resume', '--answers', 'answers.yaml', '--unattended'], there);
    expect(resumed).toMatchObject({ exitCode: 0, stderr: expect.not.stringContaining('fault') as string });
    const folder = temporaryFolder();
    const exported = await on('export', folder);
    expect(exported.stdout).toContain('1 run and 1 file copied');
    for (const command of COMMANDS) {
      const both = await Promise.all([run(command, there), run(command, there, folder)]);
      const [shared, alone] = both.map(({ stdout, exitCode }) => ({ exitCode, stdout: withoutAges(stdout) }));
      expect(shared, command.join(' ')).toEqual(alone);
    }
  });

  it('takes back what was exported, and refuses a run that is another one', async () => {
    const folder = temporaryFolder();
    await on('export', folder);
    expect((await on('import', folder)).stdout).toContain('0 runs and 0 files copied');
  });

  it('is named by the environment, and the commands that are said name it too', async () => {
    const folder = project('store: { env: LAB_STORE }\n');
    const env = { DRILLBOOK_STORE: undefined, LAB_STORE: address };
    const begun = await drillbook(['recover', 'greet', '--env', 'lab', '--unattended'], { cwd: folder, env });
    expect(begun).toMatchObject({ exitCode: 4 });
    const [, id = ''] = /run (\d{8}-\d{4}-\w+)/.exec(begun.stdout + begun.stderr) ?? [];
    expect(await run(['abandon', id], folder)).toMatchObject({ exitCode: 0 });
  });

  it('must not be on the server of a database that it records the recoveries of', async () => {
    const fingerprint = `{ systemIdentifier: "${postgres.systemIdentifier}", host: db.example, database: shop }`;
    const folder = project(`databases: { main: { url: { env: NO_SUCH }, fingerprint: ${fingerprint} } }\n`);
    const refused = await run(['recover', 'greet', '--env', 'lab', '--unattended'], folder);
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain('the store is on the server of databases.main');
    const doctor = await run(['doctor', '--env', 'lab'], folder);
    expect(doctor.stdout).toContain('it is on the server of databases.main');
  });

  it('that cannot be reached keeps no recovery from going on, and takes it in later', async () => {
    const folder = project();
    const begun = await run(
      ['recover', 'greet', '--env', 'lab', '--unattended', '--answers', 'answers.yaml'],
      folder,
      'postgresql://ada@127.0.0.1:1/x',
    );
    expect(begun).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('goes on in the folder') as string,
    });
    const imported = await run(['store', 'import', '.drillbook'], folder);
    expect(imported.stdout).toContain('1 run and 1 file copied');
    expect(await run(['audit', '--verify'], folder)).toMatchObject({ exitCode: 0 });
  });

  it('keeps what was found, tells it to the next run from another machine, and takes it along', async () => {
    const [here, there] = [project(), project()];
    await run(GREET, here);
    const runs = JSON.parse((await run(['runs', '--json'], here)).stdout) as { runs: { run: string }[] };
    const note = [
      'finding',
      runs.runs[0]?.run ?? '',
      'Nobody knew the way',
      '--owner',
      'bob',
      '--due',
      '2030-01-01',
    ];
    expect(await run(note, here)).toMatchObject({ exitCode: 0 });
    const begun = await run(GREET, there);
    expect(begun.stdout).toContain('Last time: Nobody knew the way (bob, due 2030-01-01');
    const folder = temporaryFolder();
    await on('export', folder);
    const both = await Promise.all(
      [address, folder].map((store) => run(['findings', '--json'], there, store)),
    );
    expect(both[0]?.stdout).toContain('Nobody knew the way');
    expect(both[1]?.stdout).toBe(both[0]?.stdout);
    expect(await run(['finding', '--done', '1', '--reason', 'it is written down'], there)).toMatchObject({
      exitCode: 0,
    });
    const again = await run(GREET, here);
    expect(again.stdout).not.toContain('Last time');
  });

  it('says what is in it, and keeps its password to itself', async () => {
    const status = await on('status');
    expect(status.stdout).toMatch(/^runs {5}[1-9]\d*, 0 of them not sealed/m);
    expect(status.stdout).toContain(`system identifier ${postgres.systemIdentifier}`);
    const printed = JSON.parse((await on('status', '--json')).stdout) as unknown;
    expect(violations('store')(printed)).toEqual([]);
    const refused = await run(['runs', '--store', 'postgresql://ada:hunter2@127.0.0.1/x'], temporaryFolder());
    expect(refused).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('DRILLBOOK_STORE') as string,
    });
    const unreachable = await run(['runs'], temporaryFolder(), 'postgresql://ada:hunter2@127.0.0.1:1/x');
    expect(unreachable).toMatchObject({ exitCode: 5, stdout: '' });
    for (const { stdout, stderr } of [status, refused, unreachable])
      expect(stdout + stderr).not.toContain('hunter2');
  });
});

/** What looks into a store: on both it must say the same. */
const COMMANDS: readonly (readonly string[])[] = [
  ['runs', '--json'],
  ['report', '--format', 'json'],
  ['history', '--json'],
  ['audit', '--verify', '--format', 'json'],
  ['improve'],
  ['list', '--json'],
  ['schedule', '--json'],
  ['monitor', '--json'],
  ['plan', 'greet', '--env', 'lab', '--json'],
  ['resume'],
  ['abandon', 'no-such-run'],
];

/** They were asked one after the other. */
const withoutAges = (text: string): string =>
  text.replaceAll(/"(?:at|since|madeAt)":\s*"[^"]*"|backup of \S+/g, '');
