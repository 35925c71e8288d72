import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { serveMail } from '../rig/mail-server.ts';
import { drillbook, temporaryFolder } from '../rig/drillbook.ts';

it('an alert is told once when it fires and once when it is resolved, by whichever process', async () => {
  const mail = await serveMail({ authOptional: true, disabledCommands: ['STARTTLS', 'AUTH'] });
  const cwd = temporaryFolder();
  const backup = join(cwd, 'main.dump');
  await mkdir(join(cwd, 'playbooks', 'environments'), { recursive: true });
  await writeFile(
    join(cwd, 'playbooks', 'environments', 'here.yaml'),
    `version: 1
name: here
kind: staging
channels: { ops: { smtp: { host: 127.0.0.1, port: ${mail.port}, tls: none, from: a@x.org, to: [ops@x.org] } } }
`,
  );
  await writeFile(
    join(cwd, 'playbooks', 'monitors.yaml'),
    `version: 1
environment: here
backups:
  dump:
    title: The dump
    uses: file.read
    with: { path: ${backup} }
    found: "[{'at': output.modifiedAt, 'bytes': output.bytes}]"
alerts:
  old: { title: No backup for 48 hours, of: dump, when: { olderThan: 48h }, severity: critical, channels: [ops] }
`,
  );
  await writeFile(backup, 'x');
  const look = async (ageHours: number) => {
    const at = Date.now() / 1000 - ageHours * 3600;
    await utimes(backup, at, at);
    const { exitCode, stderr } = await drillbook(['monitor'], { cwd });
    return [exitCode, stderr, mail.received.length];
  };
  expect(await look(1)).toEqual([0, '', 0]);
  expect(await look(49)).toEqual([1, '', 1]);
  expect(await look(50)).toEqual([1, '', 1]);
  expect(await look(1)).toEqual([0, '', 2]);
  expect(await look(1)).toEqual([0, '', 2]);
  expect(mail.received.map(({ message }) => /^Subject: (.*)$/m.exec(message)?.[1]?.trim())).toEqual([
    expect.stringContaining('No backup for 48 hours (here)'),
    expect.stringContaining('Resolved: No backup for 48 hours (here)'),
  ]);
  await mail.close();
});
