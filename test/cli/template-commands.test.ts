import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { drillbook, temporaryFolder } from '../rig/drillbook.ts';
import { serveHttp } from '../rig/http-server.ts';

// What there is no world for is proven as far as that goes: the commands of the template's steps are given to
// programs that stand in for those of the provider, and behave as those do where the steps depend on it.

/** A folder made by `drillbook init`, whose commands go to a stand-in that writes down what it is asked. */
async function folderOf(template: string, program: string, standIn: string) {
  const cwd = temporaryFolder();
  const bin = join(cwd, 'bin');
  const [log, state] = [join(cwd, 'asked'), join(cwd, 'state')];
  await mkdir(bin);
  await writeFile(join(bin, program), `#!/bin/bash\necho "$*" >>'${log}'\nstate='${state}'\n${standIn}\n`, {
    mode: 0o755,
  });
  expect((await drillbook(['init', '--template', template], { cwd })).exitCode).toBe(0);
  const service = await serveHttp((_request, response) => {
    response.writeHead(existsSync(state) ? 503 : 200).end();
  });
  onTestFinished(() => service.close());
  const environment = join(cwd, 'playbooks/environments/staging.yaml');
  const text = (await readFile(environment, 'utf8'))
    .replace(/url: http\S+(?= \})/, `url: ${service.url}`)
    .replaceAll('/srv/shop', cwd);
  await writeFile(environment, text);
  const drill = (playbook: string, more: readonly string[] = []) =>
    drillbook(['drill', playbook, '--env', 'staging', '--yes', '--unattended', ...more], {
      cwd,
      env: { PATH: `${bin}:${process.env['PATH'] ?? ''}` },
    });
  const asked = async (): Promise<readonly string[]> =>
    existsSync(log) ? (await readFile(log, 'utf8')).trimEnd().split('\n') : [];
  return { cwd, state, drill, asked };
}

it('kubectl: a release that does not start is taken back', async () => {
  const { drill, asked } = await folderOf(
    'kubernetes',
    'kubectl',
    `case "$*" in
      *"set image"*) touch "$state" ;;
      *"rollout undo"*) rm "$state" ;;
      *"rollout status"*) [ ! -e "$state" ] || { echo 'error: timed out waiting for the condition' >&2; exit 1; } ;;
      *"rollout history"*) printf 'REVISION\\n1\\n2\\n' ;;
    esac`,
  );
  const { exitCode, stdout } = await drill('bad-release');
  expect(stdout).toMatch(/RTO +15m 00s +\S+ +met/);
  expect(exitCode).toBe(0);
  const of = '--context staging -n shop';
  expect(await asked()).toEqual([
    `${of} set image deployment/app app=drillbook.invalid/none:0`,
    `${of} rollout status deployment/app --timeout=20s`,
    `${of} rollout history deployment/app`,
    `${of} rollout undo deployment/app`,
    `${of} rollout status deployment/app --timeout=10m`,
  ]);
});

it('docker compose: a database that was emptied is filled again out of the dump', async () => {
  const { cwd, drill, asked } = await folderOf(
    'compose',
    'docker',
    `case "$*" in
      *pg_dump*) echo 'a dump' ;;
      *"drop schema"*) touch "$state" ;;
      *pg_restore*) [ "$(cat)" = 'a dump' ] && rm "$state" ;;
    esac`,
  );
  await mkdir(join(cwd, 'backups'));
  const { exitCode, stdout } = await drill('database-lost');
  expect(stdout).toMatch(/RTO +30m 00s +\S+ +met/);
  expect(exitCode).toBe(0);
  const said = await asked();
  expect(said.every((line) => line.startsWith(`compose -f ${cwd}/compose.yaml `))).toBe(true);
  expect(said.map((line) => /exec -T db|stop app|start app/.exec(line)?.[0])).toEqual([
    'exec -T db',
    'exec -T db',
    'stop app',
    'exec -T db',
    'start app',
  ]);
  expect(said[3]).toContain('pg_restore --clean --if-exists --exit-on-error --single-transaction');
});

it('aws rds: a drill restores a copy beside, and leaves the swap to the real thing', async () => {
  const { cwd, drill, asked } = await folderOf(
    'rds',
    'aws',
    `[ "$AWS_PROFILE $AWS_REGION" = 'drillbook-staging us-east-1' ] || exit 1
    case "$*" in
      *describe-db-instances*) echo '{"DBInstances":[{"LatestRestorableTime":"2026-11-01T12:00:00Z"}]}' ;;
    esac`,
  );
  await writeFile(join(cwd, 'answers.yaml'), 'at: 2026-11-01T11:30:00Z\n');
  const { exitCode, stdout } = await drill('database-lost', ['--answers', 'answers.yaml']);
  expect(stdout).toMatch(/RTO +2h 00m +\S+ +met/);
  expect(exitCode).toBe(0);
  const said = await asked();
  expect(said.map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
    'rds describe-db-instances --db-instance-identifier',
    'rds restore-db-instance-to-point-in-time --source-db-instance-identifier',
    'rds wait db-instance-available',
  ]);
  expect(said[1]).toContain(
    'my-database-staging --target-db-instance-identifier my-database-staging-recovered --restore-time 2026-11-01T11:30:00.000Z',
  );
  // A moment that RDS cannot restore to yet is told before anything is made.
  await rm(join(cwd, 'asked'));
  await writeFile(join(cwd, 'answers.yaml'), 'at: 2026-11-01T12:30:00Z\n');
  const refused = await drill('database-lost', ['--answers', 'answers.yaml']);
  expect(refused.exitCode).not.toBe(0);
  expect(await asked()).toHaveLength(1);
});
