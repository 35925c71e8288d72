// @module-tag needs/python3
// @module-tag needs/curl
// @module-tag needs/pg_dump
// @module-tag needs/redis-server
// @module-tag needs/sshd
// @module-tag needs/aws
// @module-tag needs/jq
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../rig/drillbook.ts';
import { startOnTerminal } from '../../rig/pseudo-terminal.ts';
import type { OnTerminal } from '../../rig/pseudo-terminal.ts';
import { DRILL_MS } from '../../rig/rehearsal.ts';

const WORLD = `version: 1
name: small
title: A little of each
parts:
  db: { uses: postgres }
  files: { uses: s3, with: { buckets: { photos: {} } } }
  broker: { uses: redis }
  host: { uses: ssh-host, with: { units: { idle: { command: [sleep, '1000'] } } } }
  app: { uses: process, with: { command: [python3, -m, http.server, '\${{ port }}', --bind, 127.0.0.1] } }
  cloud: { uses: render, with: { services: { app: { process: '\${{ parts.app }}' } } } }
environment:
  publicUrl: \${{ parts.app.url }}
  databases: { main: '\${{ parts.db }}' }
  aws: \${{ parts.files.aws }}
  buckets: \${{ parts.files.buckets }}
  redis: { broker: '\${{ parts.broker }}' }
  hosts: { web: '\${{ parts.host }}' }
  render: \${{ parts.cloud.render }}
  services: \${{ parts.cloud.services }}
  values: { desk: { app: '\${{ parts.app.control }}', token: '\${{ desk.token }}' } }
`;

const MAIN = "database: '${{ env.databases.main }}'";

const PLAYBOOK = `version: 1
id: by-hand
title: All of it by hand
summary: What the gates show is done by hand.
rehearsals: { nothing: { title: Nothing breaks, fault: none } }
steps:
  - id: table
    title: Make a table
    uses: sql.execute
    with: { ${MAIN}, statement: create table notes (note text) }
    effect: write
    touches: \${{ env.databases.main }}
  - id: sql
    title: Gate of SQL
    uses: sql.execute
    with: { ${MAIN}, statement: 'insert into notes values ($1)', params: ["sql, it's \${{ run.mode }}"] }
    effect: write
    confirm: { message: Go. }
  - id: shell
    title: Gate of a script
    uses: shell
    with:
      script: psql "$URL" -c "insert into notes values ('$NOTE')"
      env: { URL: '\${{ env.databases.main.url }}', NOTE: 'costs 5$ a piece' }
    effect: write
    touches: \${{ env.databases.main }}
    confirm: { message: Go. }
  - id: dump
    title: Gate of a dump
    uses: postgres.dump
    with: { ${MAIN}, to: own.dump }
    confirm: { message: Go. }
  - id: put
    title: Gate of an upload
    uses: s3.put
    with: { bucket: '\${{ env.buckets.photos }}', path: own.dump, key: backups/own.dump }
    confirm: { message: Go. }
  - id: purge
    title: Gate of a queue
    uses: redis.purge
    with: { redis: '\${{ env.redis.broker }}', queue: celery, keep: kept.txt }
    confirm: { message: Go. }
  - id: host
    title: Gate of a host
    uses: shell
    with: { host: '\${{ env.hosts.web }}', script: 'printf %s "$TOKEN" > token', env: { TOKEN: '\${{ env.values.desk.token }}' } }
    effect: write
    confirm: { message: Go. }
  - id: desk
    title: Gate of a request
    uses: http.request
    with: { method: POST, url: '\${{ env.values.desk.app }}/restart', auth: { bearer: '\${{ env.values.desk.token }}' } }
    effect: write
    confirm: { message: Go. }
  - id: suspend
    title: Gate of Render
    uses: render.suspend
    with: { service: '\${{ env.services.app }}' }
    confirm: { message: Go. }
  - id: notes
    title: The notes are there
    uses: sql.query
    with: { ${MAIN}, query: select note from notes order by note }
    assert:
      - that: output.rows.map(row, row.note) == ["costs 5$ a piece", "sql, it's drill"]
        else: "There are \${{ output.rows }}"
  - id: uploaded
    title: The dump is there
    uses: s3.list
    with: { bucket: '\${{ env.buckets.photos }}', prefix: backups/ }
    assert: [{ that: output.count == 1, else: It is not }]
  - id: token
    title: The host has the token
    uses: shell
    with: { host: '\${{ env.hosts.web }}', script: 'test "$(cat token)" = "$TOKEN"', env: { TOKEN: '\${{ env.values.desk.token }}' } }
    effect: read
    assert: [{ that: output.exitCode == 0, else: It has not }]
  - id: suspended
    title: The service is suspended
    uses: render.service
    with: { service: '\${{ env.services.app }}' }
    assert: [{ that: output.suspended, else: It runs }]
`;

/** The command as it stands on the screen, from the first column on. */
function shownCommand(screen: string): string {
  const lines = screen.slice(screen.lastIndexOf('\nby hand') + 1).split('\n');
  const [first = '', ...rest] = lines.slice(0, lines.indexOf(''));
  return [first.replace(/^by hand\s*/, ''), ...rest].join('\n').trim();
}

async function byHand(drill: OnTerminal, gate: string): Promise<string> {
  await drill.terminal.shows(new RegExp(`gate {2}${gate}[^]*Go ahead\\?`));
  const command = shownCommand(drill.terminal.text);
  // As in any shell of a person: nothing of what drillbook knows is set there.
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'] };
  await promisify(execFile)('bash', ['-c', command], { env, cwd: '/' }).catch((error: unknown) => {
    throw new Error(`${gate}:\n${command}\n${String(error)}`);
  });
  await drill.answer(new RegExp(`gate {2}${gate}[^]*Go ahead\\?`), 'h');
  await drill.terminal.shows(/Why\?/);
  await say(drill);
  // Of some steps it is asked what they would have told.
  const isOver = new RegExp(`^(?![^]*gate {2}${gate})`);
  const next = new RegExp(`Its \\w+:\\n>$|${isOver.source}`);
  for (;;) {
    await drill.terminal.shows(next);
    if (isOver.test(drill.terminal.text)) return command;
    await say(drill);
  }
}

async function say(drill: OnTerminal): Promise<void> {
  drill.type('1');
  await drill.answer(/^> 1$/m, '\r');
}

const GATES = ['SQL', 'a script', 'a dump', 'an upload', 'a queue', 'a host', 'a request', 'Render'];

it('what a gate shows is done by hand as it stands there', { timeout: DRILL_MS }, async () => {
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, 'playbooks/worlds'), { recursive: true });
  writeFileSync(join(cwd, 'playbooks/by-hand.yaml'), PLAYBOOK);
  writeFileSync(join(cwd, 'playbooks/worlds/small.yaml'), WORLD);
  const place = { cwd, env: { DRILLBOOK_STORE: join(cwd, 'store') } };
  const size = { columns: 80, rows: 60 };
  const drill = startOnTerminal(['drill', 'by-hand', '--world', 'small'], place, size);
  const commands: string[] = [];
  for (const gate of GATES) commands.push(await byHand(drill, `Gate of ${gate}`));
  const whole = commands.join('\n').replaceAll('\\\n', '');
  const files = [...new Set(Array.from(whole.matchAll(/\$\(cat (\S+?)\)/g), ([, path = '']) => path))];
  expect(files.length).toBeGreaterThanOrEqual(5);
  const secrets = files.map((path) => {
    expect(statSync(path).mode & 0o077).toBe(0);
    return readFileSync(path, 'utf8');
  });
  expect(await drill.finished).toBe(0);
  for (const secret of secrets) expect(drill.terminal.text).not.toContain(secret);
  for (const path of files) expect(() => statSync(path)).toThrow('no such file');
  // A script and a statement call the same database by the same name.
  expect(commands[1]).toContain(/psql ("\$\(cat [^)]+\)")/.exec(commands[0] ?? '')?.[1]);
});
