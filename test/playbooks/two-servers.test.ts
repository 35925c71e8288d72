import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Json, JsonObject } from '../../engine/base/json.ts';
import { startWorld } from '../../engine/sandbox/world.ts';
import type { World } from '../../engine/sandbox/world.ts';
import { shippedWorld } from '../rig/shop.ts';
import { drillbook, temporaryFolder } from '../rig/drillbook.ts';
import type { Finished } from '../rig/drillbook.ts';
import { query } from '../rig/postgres.ts';
import { DRILL_MS } from '../rig/rehearsal.ts';
import type { Report } from '../rig/rehearsal.ts';

/** Production and staging: two environments, each with PostgreSQL servers, buckets and services of its own. */
interface Pair {
  readonly production: Side;
  readonly staging: Side;
  run(...args: readonly string[]): Promise<Finished>;
}

interface Side {
  readonly world: World;
  readonly environment: Record<string, JsonObject>;
}

/** The program of a world, as it ships. */
const WORLD = new URL('../../dist/sandbox/main.js', import.meta.url);

/** Takes the database that staging only reads for its own. */
const CARELESS = `
version: 1
id: careless
title: Tidy up
summary: It empties a table.
steps:
  - uses: sql.execute
    with: { database: "\${{ env.sources.production.databases.main }}", statement: delete from users }
    effect: destructive
    touches: \${{ env.sources.production.databases.main }}
    onFailure: abort
`;

async function twoServers(): Promise<Pair> {
  const cwd = temporaryFolder();
  const folder = join(cwd, 'playbooks', 'environments');
  mkdirSync(folder, { recursive: true });
  const [production, staging] = await Promise.all([side(cwd), side(cwd)]);
  const files = {
    production: { ...production.environment, kind: 'production' },
    staging: {
      ...staging.environment,
      kind: 'staging',
      sources: {
        production: {
          read: [
            'databases.main',
            'buckets.dumps',
            'buckets.videos',
            'buckets.videosReplica',
            'values.dumps',
            'values.canary',
          ],
        },
      },
    },
  };
  for (const [name, environment] of Object.entries(files)) {
    writeFileSync(join(folder, `${name}.yaml`), stringify({ ...environment, name }));
  }
  // Not among playbooks of the folder's own: those that are shipped count there.
  writeFileSync(join(cwd, 'careless.yaml'), CARELESS);
  return { production, staging, run: (...args) => drillbook(args, { cwd }) };
}

async function side(owner: string): Promise<Side> {
  const world = await startWorld({ owner, entry: WORLD, plan: shippedWorld() });
  onTestFinished(() => world.stop());
  await world.baseline();
  return { world, environment: parse(await world.environmentText()) as Record<string, JsonObject> };
}

const at = (json: Json | undefined, ...path: readonly string[]): Json | undefined =>
  path.reduce<Json | undefined>((value, key) => (value as JsonObject | undefined)?.[key], json);

/** A figure that is there: one that is not would be equal to itself before and after. */
function countAt(json: Json | undefined, ...path: readonly string[]): number {
  const count = at(json, ...path);
  if (typeof count !== 'number') throw new Error(`there is no number at ${path.join('.')}`);
  return count;
}

const textAt = (json: Json | undefined, ...path: readonly string[]): string => at(json, ...path) as string;

async function render({ environment }: Side, method: string, path: string): Promise<JsonObject> {
  const key = readFileSync(textAt(environment['render'], 'key', 'file'), 'utf8').trim();
  const response = await fetch(`${textAt(environment['render'], 'api')}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}` },
  });
  const body = await response.text();
  return body === '' ? {} : (JSON.parse(body) as JsonObject);
}

/** Where its main database is, and that database as whoever owns it. */
async function mainOf(pair: Side): Promise<string> {
  const id = textAt(pair.environment['databases'], 'main', 'renderId');
  return textAt(await render(pair, 'GET', `/postgres/${id}/connection-info`), 'externalConnectionString');
}

/** Lets the application rest, so that whatever is counted from then on was written by somebody else. */
async function silence(pair: Side, url: string): Promise<void> {
  for (const service of ['api', 'worker']) {
    await render(pair, 'POST', `/services/${textAt(pair.environment['services'], service, 'renderId')}/suspend`);
  }
  const others = `select count(*)::int as sessions from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`;
  await expect
    .poll(async () => (await query<{ sessions: number }>(url, others))[0]?.sessions)
    .toBe(0);
}

/** Rows that were ever written on a server, definitions of tables, and requests that were to change something. */
async function writesAt({ world }: Side, url: string): Promise<JsonObject> {
  const [rows] = await query<{ rows: string; objects: string }>(
    url,
    `select (select sum(tup_inserted + tup_updated + tup_deleted) from pg_stat_database where datname = current_database())::text as rows,
            (select md5(string_agg(oid || ':' || relname || ':' || relfilenode, ',' order by oid)) from pg_class) as objects`,
  );
  const state = await world.state();
  return {
    ...rows,
    render: countAt(state, 'parts', 'cloud', 'requests', 'writes'),
    storage: countAt(state, 'parts', 'files', 'writes'),
  };
}

test(
  'the quarterly drill of staging runs on the dump of production, and writes nothing there',
  { timeout: 2 * DRILL_MS },
  async () => {
    const pair = await twoServers();
    const { production, staging } = pair;
    const databases = at(await staging.world.state(), 'parts', 'cloud', 'databases');
    expect(databases).toEqual(expect.arrayContaining([expect.anything()]));

    // A row of long ago whose file never arrived: it is in every dump, and no loss of any replica.
    const url = await mainOf(production);
    await query(
      url,
      `insert into videos (inspection_id, key, created_at)
       select min(id), 'uploads/never-arrived.mp4', now() - interval '40 days' from inspections`,
    );

    // As from cron: nobody is asked, there is no terminal.
    const backup = await pair.run('recover', 'backup-database', '--env', 'production', '--reason', 'daily');
    expect(backup.exitCode, backup.stderr + backup.stdout).toBe(0);

    await silence(production, url);
    const before = await writesAt(production, url);

    const answers = join(temporaryFolder(), 'answers.json');
    writeFileSync(answers, JSON.stringify({ findings: [], participants: ['one', 'two'], '*': 'go' }));
    const drill = await pair.run('drill', 'quarterly-drill', '--env', 'staging', '--answers', answers);
    expect(drill.exitCode, drill.stderr + drill.stdout).toBe(0);

    const { runs } = JSON.parse((await pair.run('runs', '--json')).stdout) as {
      runs: readonly Record<string, string>[];
    };
    const drilled = runs.find(({ playbook }) => playbook === 'quarterly-drill')?.['run'] ?? '';
    const report = JSON.parse((await pair.run('report', drilled, '--format', 'json')).stdout) as Report;
    const outcomes = Object.fromEntries(report.steps.map(({ key, outcome }) => [key, outcome]));
    expect(outcomes).toMatchObject({
      'restore/facts': 'succeeded',
      'restore/mask': 'succeeded',
      'restore/canary': 'succeeded',
      canary: 'succeeded',
      database: 'succeeded',
      filesMeasured: 'succeeded',
    });
    expect(report.recorded).toContainEqual(expect.objectContaining({ name: 'videosMissingBefore', value: 1 }));
    expect(report.objectives).toMatchObject({ rto: { verdict: 'met' }, rpo: { verdict: 'met' } });
    // Nothing of production's is left in staging.
    expect(report.debts.filter(({ how }) => how !== 'paid')).toEqual([]);
    expect(at(await staging.world.state(), 'parts', 'cloud', 'databases')).toEqual(databases);

    // And whoever would write there is refused, in a drill and in a recovery.
    for (const command of ['drill', 'recover']) {
      const refused = await pair.run(command, 'careless.yaml', '--env', 'staging');
      expect(refused.exitCode, refused.stderr + refused.stdout).not.toBe(0);
      expect(refused.stderr + refused.stdout).toContain('is of another environment, which is only read');
    }

    expect(await writesAt(production, url)).toEqual(before);
  },
);
