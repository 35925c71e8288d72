import { appendFile, mkdir, readFile, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HTTP } from 'cloudevents';
import { describe, expect, it, onTestFinished } from 'vitest';
import { drillbook, startDrillbook, temporaryFolder } from '../rig/drillbook.ts';
import { serveHttp } from '../rig/http-server.ts';
import type { MailRig } from '../rig/mail-server.ts';
import { serveMail } from '../rig/mail-server.ts';
import type { SlackRig } from '../rig/slack.ts';
import { serveSlack } from '../rig/slack.ts';
import { until } from '../sandbox/rig.ts';

const OLD_H = 49;
const FRESH_H = 1;

interface Watched {
  readonly cwd: string;
  readonly mail: MailRig;
  readonly env: NodeJS.ProcessEnv;
  /** Puts a backup there that is so many hours old. */
  readonly backup: (ageHours: number) => Promise<void>;
  /** The exit code of one evaluation. */
  readonly look: () => Promise<number | null>;
  readonly subjects: () => readonly (string | undefined)[];
}

/** A folder of backups, and a team that is told by Slack and by mail when there is none for 48 hours. */
async function watchedFolder(slack: SlackRig): Promise<Watched> {
  const mail = await serveMail({ authOptional: true, disabledCommands: ['STARTTLS', 'AUTH'] });
  const cwd = temporaryFolder();
  const folder = join(cwd, 'backups');
  await mkdir(folder);
  await mkdir(join(cwd, 'playbooks', 'environments'), { recursive: true });
  await writeFile(
    join(cwd, 'playbooks', 'environments', 'here.yaml'),
    `version: 1
name: here
kind: staging
channels:
  ops:
    slack: { url: { env: SLACK_WEBHOOK } }
    smtp: { host: 127.0.0.1, port: ${mail.port}, tls: none, from: a@x.org, to: [ops@x.org] }
`,
  );
  await writeFile(
    join(cwd, 'playbooks', 'monitors.yaml'),
    `version: 1
environment: here
${await folderExample(folder)}
alerts:
  old: { title: No backup in 48 hours, of: dumps, when: { olderThan: 48h }, severity: critical, channels: [ops] }
`,
  );
  const env = { SLACK_WEBHOOK: slack.url };
  onTestFinished(async () => {
    await Promise.all([mail.close(), slack.close()]);
  });
  return {
    ...{ cwd, mail, env },
    async backup(ageHours) {
      const at = Date.now() / 1000 - ageHours * 3600;
      // In its place at once, and as old as that: a monitor that goes on would tell of what is between.
      await writeFile(join(cwd, 'main.dump'), 'x');
      await utimes(join(cwd, 'main.dump'), at, at);
      await rename(join(cwd, 'main.dump'), join(folder, 'main.dump'));
    },
    look: async () => (await drillbook(['monitor'], { cwd, env })).exitCode,
    subjects: () => mail.received.map(({ message }) => /^Subject: (.*)$/m.exec(message)?.[1]?.trim()),
  };
}

/** The example of docs/monitor.md, of another folder. */
async function folderExample(folder: string): Promise<string> {
  const page = await readFile('docs/monitor.md', 'utf8');
  const example = /^backups:\n(?: .*\n)*? .*uses: file\.list\n(?: .*\n)*/m.exec(page)?.[0] ?? '';
  return example.replace('/var/backups/postgres', folder);
}

const FIRED = expect.stringContaining('No backup in 48 hours (here)') as string;
const RESOLVED = expect.stringContaining('Resolved: No backup in 48 hours (here)') as string;

it('sends an alert that fires and one that is resolved as events, once, and again what was not taken', async () => {
  const answers = [503, 202];
  const events = await serveHttp((_request, response) => response.writeHead(answers.shift() ?? 202).end());
  const slack = await serveSlack();
  const { cwd, backup, look } = await watchedFolder(slack);
  onTestFinished(() => events.close());
  await backup(OLD_H);
  // Before there is an address nobody is to be told.
  expect(await look()).toBe(1);
  await appendFile(join(cwd, 'playbooks', 'environments', 'here.yaml'), `events: { url: ${events.url} }\n`);
  expect([await look(), events.received.length]).toEqual([1, 0]);
  await backup(FRESH_H);
  expect([await look(), events.received.length]).toEqual([3, 1]);
  expect([await look(), await look(), events.received.length]).toEqual([0, 0, 2]);
  await backup(OLD_H);
  expect([await look(), events.received.length]).toEqual([1, 3]);
  const told = events.received.flatMap(({ headers, body }) => HTTP.toEvent({ headers, body }));
  expect(new Set(told.map(({ id }) => id)).size).toBe(2);
  expect(told.map(({ type }) => type)).toEqual([
    ...['resolved', 'resolved', 'fired'].map((what) => `dev.drillbook.alert.${what}`),
  ]);
  expect(told[2]).toMatchObject({
    source: '/drillbook/here',
    subject: 'old',
    data: { severity: 'critical' },
  });
  expect(slack.texts).toEqual([FIRED, RESOLVED, FIRED]);
});

describe('drillbook monitor', () => {
  it('tells once when an alert fires and once when it is resolved, by whichever process', async () => {
    const slack = await serveSlack();
    const { backup, look, subjects } = await watchedFolder(slack);
    await backup(FRESH_H);
    expect([await look(), slack.texts.length]).toEqual([0, 0]);
    await backup(OLD_H);
    expect([await look(), await look(), slack.texts.length]).toEqual([1, 1, 1]);
    await backup(FRESH_H);
    expect([await look(), await look()]).toEqual([0, 0]);
    expect(slack.texts).toEqual([FIRED, RESOLVED]);
    expect(subjects()).toEqual([FIRED, RESOLVED]);
  });

  it('of a folder takes only what the example of the manual takes', async () => {
    const slack = await serveSlack();
    const { backup, look, cwd } = await watchedFolder(slack);
    await backup(OLD_H);
    await writeFile(join(cwd, 'backups', 'main.dump.part'), 'x');
    expect(await look()).toBe(1);
  });

  it('does not judge a list that was cut off before it came to a backup', async () => {
    const slack = await serveSlack();
    const { backup, cwd, env } = await watchedFolder(slack);
    await backup(FRESH_H);
    const monitors = join(cwd, 'playbooks', 'monitors.yaml');
    const text = (await readFile(monitors, 'utf8')).replace(/(with: \{ path: [^,}]+)[^}]*\}/, '$1, max: 2 }');
    expect(text).toContain('max: 2');
    await writeFile(monitors, text);
    for (const name of ['old.dump', 'older.dump']) {
      await writeFile(join(cwd, 'backups', name), 'x');
      await utimes(join(cwd, 'backups', name), 0, 0);
    }
    // The newest two of three tell what the newest is.
    expect((await drillbook(['monitor'], { cwd, env })).exitCode).toBe(0);
    for (const name of ['a.log', 'b.log']) await writeFile(join(cwd, 'backups', name), 'newer');
    const { stdout, exitCode } = await drillbook(['monitor'], { cwd, env });
    expect(stdout).toMatch(
      /^UNSEEN .*: could not be looked at: dumps saw only a part of what is there: raise "max"/m,
    );
    expect([exitCode, slack.texts]).toEqual([1, []]);
  });

  it('that is killed before it noted that somebody was told, tells again: that way, and no other', async () => {
    let kill: (() => Promise<void>) | undefined;
    const slack = await serveSlack(() => kill?.());
    const { backup, look, subjects, cwd, env } = await watchedFolder(slack);
    await backup(OLD_H);
    const monitor = startDrillbook(['monitor'], { cwd, env });
    kill = async () => {
      const ledger = join(cwd, '.drillbook', 'ledgers', 'alerts.jsonl');
      await until(
        'the mail is noted',
        () => readFile(ledger, 'utf8'),
        (text) => text.includes('"smtp"'),
      );
      monitor.process.kill('SIGKILL');
      await monitor.finished;
    };
    expect((await monitor.finished).signal).toBe('SIGKILL');
    kill = undefined;
    expect(slack.texts).toEqual([FIRED]);
    expect([await look(), await look()]).toEqual([1, 1]);
    expect(slack.texts).toEqual([FIRED, FIRED]);
    expect(subjects()).toEqual([FIRED]);
  });

  it('ends with 3 when somebody could not be told, and tells that way alone at the next evaluation', async () => {
    const slack = await serveSlack();
    const { backup, look, subjects, cwd } = await watchedFolder(slack);
    await backup(OLD_H);
    const blocked = await drillbook(['monitor'], { cwd, env: { SLACK_WEBHOOK: 'not-an-address' } });
    expect(blocked.stderr).toMatch(/The channel ops was not told, and will be at the next evaluation/);
    expect([blocked.exitCode, slack.texts.length]).toEqual([3, 0]);
    expect(await look()).toBe(1);
    expect([slack.texts, subjects()]).toEqual([[FIRED], [FIRED]]);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('--every goes on until %s', async (signal) => {
    const slack = await serveSlack();
    const { backup, look, cwd, env } = await watchedFolder(slack);
    await backup(FRESH_H);
    const monitor = startDrillbook(['monitor', '--every', '100ms'], { cwd, env });
    await monitor.line(/^quiet /);
    await backup(OLD_H);
    await monitor.line(/^FIRING .*just now/);
    await monitor.line(/^FIRING .*since/);
    await backup(FRESH_H);
    await monitor.line(/^quiet .*resolved just now/);
    monitor.process.kill(signal);
    expect(await monitor.finished).toMatchObject({ exitCode: 0, signal: null, stderr: '' });
    expect(slack.texts).toEqual([FIRED, RESOLVED]);
    expect(await look()).toBe(0);
  });

  it('--every goes on though another evaluation was in its way', async () => {
    let letGo: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const slack = await serveSlack(() => held);
    const { backup, cwd, env } = await watchedFolder(slack);
    await backup(OLD_H);
    const once = startDrillbook(['monitor'], { cwd, env });
    await until(
      'Slack is being told',
      () => slack.texts.length,
      (posted) => posted === 1,
    );
    const monitor = startDrillbook(['monitor', '--every', '100ms'], { cwd, env });
    let said = '';
    monitor.process.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await until(
      'it says what is in its way',
      () => said,
      (text) => /^Not evaluated, and tried again: the monitor goes on already: process \d+/m.test(text),
    );
    letGo();
    expect((await once.finished).exitCode).toBe(1);
    await monitor.line(/^FIRING .*since/);
    monitor.process.kill('SIGTERM');
    expect(await monitor.finished).toMatchObject({ exitCode: 1, signal: null });
    expect(slack.texts).toEqual([FIRED]);
  });

  it('that is killed while it goes on leaves nothing behind that the next one would wait for', async () => {
    const slack = await serveSlack();
    const { backup, look, cwd, env } = await watchedFolder(slack);
    await backup(OLD_H);
    const monitor = startDrillbook(['monitor', '--every', '1h'], { cwd, env });
    await monitor.line(/^FIRING .*just now/);
    monitor.process.kill('SIGKILL');
    await monitor.finished;
    await backup(FRESH_H);
    expect(await look()).toBe(0);
    expect(slack.texts).toEqual([FIRED, RESOLVED]);
  });
});
