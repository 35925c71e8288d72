import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { drillbook, startDrillbook, temporaryFolder } from '../rig/drillbook.ts';
import { serveHttp } from '../rig/http-server.ts';

interface Told {
  readonly id: string;
  readonly text: string;
}

/** Takes what people are told, and tells a test when so much of it has come. */
async function ears() {
  const told: Told[] = [];
  const waiting = new Map<number, () => void>();
  const server = await serveHttp((_request, response) => {
    told.push(JSON.parse(server.received.at(-1)?.body ?? '') as Told);
    response.writeHead(204).end();
    waiting.get(told.length)?.();
  });
  onTestFinished(() => server.close());
  const heard = (count: number): Promise<void> =>
    told.length >= count ? Promise.resolve() : new Promise((resolve) => void waiting.set(count, resolve));
  return { url: server.url, told, heard };
}

async function place(channels: string, playbook?: string) {
  const cwd = temporaryFolder();
  await mkdir(join(cwd, 'playbooks', 'environments'), { recursive: true });
  await writeFile(
    join(cwd, 'playbooks', 'environments', 'own.yaml'),
    `version: 1\nname: own\nkind: staging\nvalues: { none: 0 }\n${channels}`,
  );
  if (playbook !== undefined) await writeFile(join(cwd, 'playbooks', 'long.yaml'), playbook);
  return cwd;
}

const LONG = `version: 1
id: long
title: Long
summary: For a test.
steps:
  - id: tell
    uses: notify
    with: { channel: "\${{ env.channels.users }}", text: Away. }
    remind: { every: 1s, until: verified, with: { text: Still away. } }
  - id: work
    uses: wait
    with: { for: 1h }
`;

test('a run that was killed reminds people again when it goes on, and of nothing twice', async () => {
  const { url, told, heard } = await ears();
  const cwd = await place('channels: { users: { webhook: { url: { env: HOOK } } } }\n', LONG);
  const env = { HOOK: url };
  const first = startDrillbook(['recover', 'long', '--env', 'own', '--unattended'], { cwd, env });
  await heard(3);
  first.process.kill('SIGKILL');
  await first.finished;
  const before = told.length;
  const second = startDrillbook(['resume', '--unattended'], { cwd, env });
  await heard(before + 2);
  second.process.kill('SIGINT');
  await second.finished;
  expect(told.map(({ text }) => text)).toEqual(['Away.', ...told.slice(1).map(() => 'Still away.')]);
  expect(new Set(told.map(({ id }) => id)).size).toBe(told.length);
});

test('users are told by the procedure; the all-clear says no more than is verified', async () => {
  const { url, told } = await ears();
  const cwd = await place('channels: { users: { webhook: { url: { env: HOOK } } } }\n');
  const env = { HOOK: url };
  const run = async (playbook: string) =>
    (await drillbook(['recover', playbook, '--env', 'own', '--unattended'], { cwd, env })).exitCode;
  expect(await run('tell-users')).toBe(0);
  expect(await run('all-clear')).toBe(0);
  expect(told[0]?.text).toMatch(
    /^PeakOps is unavailable from \d\d:\d\d UTC on \d{4}-\d\d-\d\d, and we cannot say/,
  );
  expect(told[1]?.text).toMatch(
    /^The work on PeakOps has stopped for now, and we have not been able to verify/,
  );
});

test('where nobody can be told the recovery goes on, and its report says so', async () => {
  const cwd = await place('');
  const { exitCode } = await drillbook(['recover', 'tell-users', '--env', 'own', '--unattended'], { cwd });
  expect(exitCode).toBe(0);
  const { stdout } = await drillbook(['report'], { cwd });
  expect(stdout).toContain('Nobody told the users');
});
