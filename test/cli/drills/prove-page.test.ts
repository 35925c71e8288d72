import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { drillbook, temporaryFolder } from '../../rig/drillbook.ts';
import { startPostgres } from '../../rig/postgres.ts';

const PAGE = readFileSync(new URL('../../../docs/prove.md', import.meta.url), 'utf8');

/** What a newcomer has: an empty folder, and a dump of the shop of the page. */
async function newcomer(): Promise<string> {
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, 'dumps'));
  const postgres = await startPostgres();
  try {
    await postgres.sql('create database shop', 'postgres');
    await postgres.sql(
      `create table customers (id int primary key); insert into customers values (1);
       create table orders (id int primary key, customer int references customers, created_at timestamptz default now());
       insert into orders select n, 1 from generate_series(1, 1000) n;
       create table canary (id int primary key, content text); insert into canary values (1, 'still alive');`,
      'shop',
    );
    const file = join(cwd, 'dumps', 'shop-monday.dump');
    await promisify(execFile)('pg_dump', ['--format=custom', '--file', file, postgres.server.url('shop')]);
  } finally {
    await postgres.close();
  }
  return cwd;
}

test('the page on proving a backup works, read from its top to its end', { timeout: 600_000 }, async () => {
  const cwd = await newcomer();
  let proofs = 0;
  for (const [, info = '', body = ''] of PAGE.matchAll(/^```(yaml file=\S+|console)\n([\s\S]*?)^```$/gm)) {
    const file = info.split('file=')[1];
    if (file !== undefined) {
      mkdirSync(join(cwd, dirname(file)), { recursive: true });
      writeFileSync(join(cwd, file), body);
      const checked = await drillbook(['check'], { cwd });
      expect(checked.stdout).toMatch(/0 errors, 0 warnings/);
      continue;
    }
    for (const [, command = ''] of body.matchAll(/^\$ drillbook (.*)$/gm)) {
      const { exitCode, stdout, stderr } = await drillbook(command.split(' '), { cwd });
      expect(exitCode, `${command}\n${stdout}${stderr}`).toBe(0);
      expect(stdout, command).toMatch(/PROVEN|"proven": true/);
      proofs += 1;
    }
  }
  expect(proofs).toBe(4);
  const { stdout: due } = await drillbook(['schedule', '--json'], { cwd });
  expect(due).toMatch(/"state": "done"/);
  const monitors = /^```yaml\n(backups:\n[\s\S]*?)^```$/m.exec(PAGE)?.[1] ?? '';
  mkdirSync(join(cwd, 'playbooks', 'environments'));
  writeFileSync(
    join(cwd, 'playbooks', 'environments', 'staging.yaml'),
    'version: 1\nname: staging\nkind: staging\nchannels: { ops: { slack: { url: { env: NOBODY } } } }\n',
  );
  writeFileSync(join(cwd, 'playbooks', 'monitors.yaml'), `version: 1\nenvironment: staging\n${monitors}`);
  const monitored = await drillbook(['monitor', '--json'], { cwd });
  expect(monitored.exitCode, monitored.stdout + monitored.stderr).toBe(0);
});
