import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../engine/base/json.ts';
import { reservePort } from '../../../engine/sandbox/ground/port.ts';
import { drillbook, startDrillbook, temporaryFolder } from '../../rig/drillbook.ts';
import { startPostgres } from '../../rig/postgres.ts';
import type { PostgresRig } from '../../rig/postgres.ts';
import { SHOP } from '../../rig/shop.ts';

// Two servers that no sandbox made, a PostgreSQL and a program, and a rehearsal that breaks them by steps.
const PLAYBOOK = `version: 1
id: orders-lost
title: The orders are gone
summary: The table of the orders is put back from the copy that is kept of it.
needs: [publicUrl, databases.main]
objectives:
  rto: { target: 5m, from: detected, to: verified }
detect:
  - uses: http.request
    with: { url: '\${{ env.publicUrl }}/health' }
    that: output.status == 200
    else: The shop answers \${{ output.status }}
rehearsals:
  inTheSandbox:
    fault: { uses: postgres.drop-table, with: { table: orders } }
  dropped:
    title: A migration drops the table
    environments: [staging, second]
    fault:
      steps:
        - id: keep
          title: Keep a copy of the orders
          uses: sql.execute
          with: { database: '\${{ env.databases.main }}', statement: create table if not exists orders_kept as table orders }
          effect: write
          idempotent: true
          touches: \${{ env.databases.main }}
        - id: moment
          uses: sql.query
          with: { database: '\${{ env.databases.main }}', query: select clock_timestamp() as at }
        - id: drop
          title: Drop the table of the orders
          uses: sql.execute
          with: { database: '\${{ env.databases.main }}', statement: drop table if exists orders }
          effect: destructive
          idempotent: true
          touches: \${{ env.databases.main }}
          confirm: { message: Nobody can order from here on. }
      outputs: { at: '\${{ steps.moment.output.rows[0].at }}', from: orders_kept }
      always:
        - id: putBack
          title: Put the orders back, whatever became of the recovery
          uses: sql.execute
          with: { database: '\${{ env.databases.main }}', statement: 'create table if not exists orders as table orders_kept' }
          effect: write
          idempotent: true
          touches: \${{ env.databases.main }}
        - id: tidy
          title: Remove the copy
          uses: sql.execute
          with: { database: '\${{ env.databases.main }}', statement: drop table if exists orders_kept }
          effect: destructive
          idempotent: true
          touches: \${{ env.databases.main }}
    injects:
      - { after: restore, message: 'A customer calls, and has seen \${{ fault.from }}' }
      - { after: restore, answer: { callSecond: { answer: skip, reason: Nobody answers } } }
      - { at: 2h, message: Too late }
    answers: { copy: '\${{ fault.from }}', '*': go }
inputs:
  copy: { prompt: Which copy?, type: text }
steps:
  - id: restore
    title: Put the orders back from the copy
    uses: sql.execute
    with:
      database: \${{ env.databases.main }}
      statement: create table if not exists orders as table {copy}
      identifiers: { copy: '\${{ inputs.copy }}' }
    effect: write
    idempotent: true
    touches: \${{ env.databases.main }}
  - { id: callSecond, title: Call the second engineer, uses: manual, with: { instructions: Call. } }
  - phase: Verify
    steps:
      - id: healthy
        title: The shop can read its orders
        uses: http.request
        with: { url: '\${{ env.publicUrl }}/health' }
        until: { every: 200ms, timeout: 1m, that: output.status == 200 }
        assert: [{ that: output.json.orders == 3, else: 'It has \${{ output.json.orders }}' }]
        mark: verified
`;

let postgres: PostgresRig;
let program: ChildProcess;
let port: number;

beforeAll(async () => {
  postgres = await startPostgres();
  port = await reservePort();
  const command = [join(SHOP, 'worlds/app.js'), '--port', String(port)];
  program = spawn(process.execPath, command, {
    env: { ...process.env, DATABASE_URL: postgres.url() },
    stdio: 'ignore',
  });
});

afterAll(async () => {
  program.kill();
  await postgres.close();
});

beforeEach(async () => {
  await postgres.sql(`drop table if exists orders, orders_kept, tally;
    create table tally (step text); alter table tally owner to peakops_user;
    create table orders (note text); insert into orders values ('a'), ('b'), ('c');
    alter table orders owner to peakops_user`);
});

/** A folder with the playbook and what stands of the two servers in an environment. */
function folder(environment = 'staging'): string {
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, 'playbooks/environments'), { recursive: true });
  writeFileSync(join(cwd, 'playbooks/orders-lost.yaml'), PLAYBOOK);
  const text = `version: 1
name: ${environment}
kind: staging
policy: { typedNames: never, allowScripts: true }
publicUrl: http://127.0.0.1:${String(port)}
databases:
  main:
    name: main
    url: { env: DATABASE_URL }
    fingerprint: { systemIdentifier: "${postgres.systemIdentifier}", host: "127.0.0.1:${postgres.server.port}", database: peakops }
`;
  writeFileSync(join(cwd, `playbooks/environments/${environment}.yaml`), text);
  return cwd;
}

const drillIn = (cwd: string, ...args: readonly string[]) => ({
  args: ['drill', 'orders-lost', '--store', 'store', '--unattended', ...args],
  place: { cwd, env: { DATABASE_URL: postgres.url() } },
});

async function reportOf(cwd: string): Promise<JsonObject> {
  const { stdout } = await drillbook(['report', '--store', 'store', '--format', 'json'], { cwd });
  return JSON.parse(stdout) as JsonObject;
}

const tables = async (): Promise<readonly string[]> =>
  (
    await postgres.sql<{ name: string }>(
      "select relname as name from pg_class where relname like 'orders%' and relkind = 'r' order by 1",
    )
  ).map(({ name }) => name);

describe('a rehearsal outside of the sandbox', () => {
  it('breaks by its steps, is noticed, proves the checks, recovers, and puts right what it broke', async () => {
    const cwd = folder();
    const { args, place } = drillIn(cwd, '--env', 'staging');
    const { exitCode, stdout, stderr } = await drillbook(args, place);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Drop the table of the orders');
    const report = await reportOf(cwd);
    expect(report).toMatchObject({
      run: { rehearsal: 'dropped', environment: { name: 'staging' }, outcome: 'succeeded' },
      fault: { fault: 'steps', description: 'A migration drops the table' },
      objectives: { rto: { verdict: 'met' } },
      checks: [{ step: 'healthy', verdict: 'red' }],
      injects: [
        {
          what: 'message',
          text: 'Told: A customer calls, and has seen orders_kept',
          decided: expect.stringMatching(/^Call the second engineer: skip, by .*later$/) as unknown,
        },
        { what: 'answer', state: 'done' },
      ],
    });
    const keys = (report['steps'] as readonly { readonly key: string }[]).map(({ key }) => key);
    expect(keys).toEqual([
      '!fault/keep',
      '!fault/moment',
      '!fault/drop',
      'restore',
      'callSecond',
      'healthy',
      '!fault/always/putBack',
      '!fault/always/tidy',
    ]);
    const at = (mark: string): string =>
      (report['marks'] as readonly { readonly mark: string; readonly at: string }[]).find(
        (each) => each.mark === mark,
      )?.at ?? '';
    expect(Date.parse(at('occurred'))).toBeLessThan(Date.parse(at('detected')));
    expect(await tables()).toEqual(['orders']);
  });

  it.each([
    ['before a step has broken it', /"type":"step.started".*"key":"!fault\/drop"/],
    ['when it is broken', /"type":"fault.injected"/],
    ['while it is put right', /"type":"step.started".*"key":"!fault\/always\/tidy"/],
  ])('is resumed after it was killed %s, and leaves nothing broken', async (_, moment) => {
    const cwd = folder();
    await killedAndResumed(cwd, moment);
    expect(await tables()).toEqual(['orders']);
    const report = await reportOf(cwd);
    expect(report).toMatchObject({ run: { outcome: 'succeeded' }, faults: [{ fault: 'steps' }] });
    // None comes a second time.
    expect(report['injects']).toHaveLength(2);
  });

  it('is refused where its playbook does not name the environment', async () => {
    const cwd = folder('elsewhere');
    const { args, place } = drillIn(cwd, '--env', 'elsewhere', '--rehearsal', 'dropped');
    const { exitCode, stderr } = await drillbook(args, place);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('the rehearsal dropped may run in staging, second, and not in "elsewhere"');
    expect(await tables()).toEqual(['orders']);
  });

  it('is not carried out against a target that is another one than the environment names', async () => {
    const cwd = folder();
    const path = join(cwd, 'playbooks/environments/staging.yaml');
    writeFileSync(path, readFileSync(path, 'utf8').replace(postgres.systemIdentifier, '1'));
    const { args, place } = drillIn(cwd, '--env', 'staging');
    const { exitCode, stdout } = await drillbook(args, place);
    expect(exitCode).not.toBe(0);
    expect(stdout).toContain('is not the one that the environment names');
    expect(await tables()).toEqual(['orders']);
  });
});

/** Drills in staging, is killed once that line is printed, and resumed to a good end. */
async function killedAndResumed(cwd: string, moment: RegExp): Promise<void> {
  const { args, place } = drillIn(cwd, '--env', 'staging', '--json');
  const run = startDrillbook(args, place);
  await run.line(moment);
  run.process.kill('SIGKILL');
  await run.finished;
  const { exitCode, stderr } = await drillbook(['resume', '--store', 'store', '--unattended'], place);
  expect([exitCode, stderr]).toEqual([0, '']);
}

describe('an inject of steps', () => {
  const on = "database: '${{ env.databases.main }}'";
  const step = (id: string, statement: string, more: string): string =>
    `{ id: ${id}, uses: sql.execute, with: { ${on}, statement: "${statement}" }, touches: '\${{ env.databases.main }}', ${more} }`;
  /** Nobody can order any more, which is put right at the end. Each that is carried out is counted in the database itself. */
  const INJECT = `- after: restore
        fault:
          steps:
            - ${step('lock', 'create or replace rule closed as on insert to orders do instead nothing', 'effect: write, idempotent: true')}
            - ${step('tallyLock', "insert into tally values ('lock')", 'effect: write')}
          always:
            - ${step('unlock', 'drop rule if exists closed on orders', 'effect: write, idempotent: true')}
            - ${step('tallyUnlock', "insert into tally values ('unlock')", 'effect: write')}
      - { at: 2h, message: Too late }`;

  const surprised = (): string => {
    const cwd = folder();
    const text = PLAYBOOK.replace('- { at: 2h, message: Too late }', INJECT);
    writeFileSync(join(cwd, 'playbooks/orders-lost.yaml'), text);
    return cwd;
  };

  const expectOnce = async (cwd: string): Promise<void> => {
    expect(await postgres.sql('select step from tally order by 1')).toEqual([
      { step: 'lock' },
      { step: 'unlock' },
    ]);
    // What it broke is whole again.
    await postgres.sql("insert into orders values ('d')");
    expect(await postgres.sql("select note from orders where note = 'd'")).toHaveLength(1);
    const report = await reportOf(cwd);
    expect(report).toMatchObject({ run: { outcome: 'succeeded' } });
    const struck = report['injects'] as readonly JsonObject[];
    expect(struck.filter(({ what }) => what === 'fault')).toMatchObject([{ state: 'done' }]);
  };

  it('breaks servers in mid-run, once, and puts them right in the end', async () => {
    const cwd = surprised();
    const { args, place } = drillIn(cwd, '--env', 'staging', '--json');
    const { exitCode, stdout, stderr } = await drillbook(args, place);
    expect([exitCode, stderr]).toEqual([0, '']);
    const events = stdout.split('\n');
    const at = (pattern: RegExp): number => events.findIndex((line) => pattern.test(line));
    const order = [
      at(/"step.finished".*"key":"restore"/),
      at(/"step.finished".*"key":"!fault!inject3\/tallyLock"/),
      at(/"step.finished".*"key":"healthy"/),
      at(/"step.started".*"key":"!fault!inject3\/always\/unlock"/),
    ];
    expect(order).not.toContain(-1);
    expect(order.toSorted((left, right) => left - right)).toEqual(order);
    await expectOnce(cwd);
  });

  it.each([
    ['between two of its steps', /"step.finished".*"key":"!fault!inject3\/lock"/],
    ['when they have ended', /"step.finished".*"key":"!fault!inject3\/tallyLock"/],
    ['between its steps and its always', /"step.finished".*"key":"healthy"/],
    ['while it is put right', /"step.finished".*"key":"!fault!inject3\/always\/unlock"/],
  ])('does so too when drillbook is killed %s', async (_, moment) => {
    const cwd = surprised();
    await killedAndResumed(cwd, moment);
    await expectOnce(cwd);
  });
});
