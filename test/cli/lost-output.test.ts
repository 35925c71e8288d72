import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MAIN, drillbook, startDrillbook, temporaryFolder } from '../rig/drillbook.ts';

const PLAYBOOK = `version: 1
id: waiting
title: Waits for two files
summary: For a test.
steps:
  - id: first
    title: Wait for the first sign
    uses: file.list
    with: { path: . }
    until: { that: "output.files.exists(f, f.name == 'first')", every: 100ms }
  - id: second
    title: Wait for the second sign
    uses: file.list
    with: { path: . }
    until: { that: "output.files.exists(f, f.name == 'second')", every: 100ms }
    mark: verified
`;

async function folder(): Promise<string> {
  const cwd = temporaryFolder();
  await mkdir(join(cwd, 'playbooks/environments'), { recursive: true });
  await writeFile(join(cwd, 'playbooks/waiting.yaml'), PLAYBOOK);
  await writeFile(join(cwd, 'playbooks/environments/test.yaml'), 'version: 1\nname: test\nkind: staging\n');
  return cwd;
}

describe('a reader that ends before drillbook does', () => {
  it('ends a command that only tells something as ever, without a word', async () => {
    const command = startDrillbook(['list'], { cwd: await folder() });
    command.process.stdout?.destroy();
    expect(await command.finished).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('pauses a run at the next thing it has to say: nobody sees any more what it does', async () => {
    const cwd = await folder();
    const run = startDrillbook(['drill', 'waiting', '--env', 'test', '--json'], { cwd });
    await run.line(/"step\.started"/);
    const { stdout: reader } = run.process;
    if (reader) await once(reader.destroy(), 'close');
    await writeFile(join(cwd, 'first'), '');
    const { exitCode, stderr } = await run.finished;
    expect(exitCode).toBe(130);
    expect(stderr).toMatch(/^Pausing at the next safe point[^\n]*\n$/);
    const { stdout } = await drillbook(['runs'], { cwd });
    expect(stdout).toMatch(/ paused +waiting +drill +test /);
  });
});

describe.runIf(process.platform === 'linux')('a full disk under standard output', () => {
  it('is said, and is a failure', async () => {
    const child = spawn(process.execPath, [MAIN, 'list'], {
      cwd: await folder(),
      stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
    });
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    expect((await once(child, 'close'))[0]).toBe(3);
    expect(said).toMatch(/^error: standard output is not complete: ENOSPC/);
  });
});
