// @module-tag needs/sshd
// @module-tag needs/ssh
// @module-tag needs/ps
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { findProgram } from '../../../../engine/base/programs.ts';
import type { ValueMap } from '../../../../engine/base/value.ts';
import { compileChild } from '../../../rig/compile-child.ts';
import type { RelayRig } from '../../../rig/relay.ts';
import { serveRelay } from '../../../rig/relay.ts';
import type { SshdRig } from '../../../rig/sshd.ts';
import { serveSsh } from '../../../rig/sshd.ts';
import { failureOf, kindOf, stepRig } from '../../../rig/step.ts';
import type { StepNews, StepOrder } from '../../../rig/step-child.ts';

const kind = await kindOf('shell');
let folder: string;
let program: string;
let sshd: SshdRig;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drillbook-held-'));
  program = await compileChild(new URL('../../../rig/step-child.ts', import.meta.url), join(folder, 'child'));
  sshd = await serveSsh();
});
afterAll(async () => {
  await sshd.close();
  await rm(folder, { recursive: true, force: true });
});

describe('drillbook is killed while it holds a connection', () => {
  /** Ends once a life has held a connection, and was killed while that command ran. */
  async function killedWhile(script: string, temporary: string): Promise<void> {
    const life = fork(program, { execArgv: [], env: { ...process.env, TMPDIR: temporary } });
    const ended = once(life, 'exit');
    life.send({
      ...{ kind: 'shell', args: { host: sshd.target, script } },
      ...{ environment: { hosts: { db1: sshd.target } }, folder },
    } satisfies StepOrder);
    await new Promise<void>((resolve, reject) => {
      life.on('message', (news: StepNews) => {
        if (news.type === 'log' && news.line === 'begun') resolve();
        if (news.type === 'end') reject(new Error(news.error?.message ?? 'it ended first'));
      });
    });
    expect(await sshd.sessions()).not.toEqual([]);
    life.kill('SIGKILL');
    await ended;
  }

  test('nobody is logged in once what ran is over, and its folder is gone', async () => {
    const temporary = await mkdtemp(join(folder, 'tmp-'));
    const gate = join(folder, 'go-on');
    await killedWhile(`echo begun; while [ ! -e ${gate} ]; do sleep 0.1; done`, temporary);
    await writeFile(gate, '');
    await expect.poll(() => sshd.sessions()).toEqual([]);
    await expect.poll(() => foldersIn(temporary)).toEqual([]);
  });

  test('the next start sweeps up what a kill of all of it has left', async () => {
    const temporary = await mkdtemp(join(folder, 'tmp-'));
    const left = join(temporary, 'drillbook-ssh-left');
    await mkdir(left);
    // As if the kill was some time ago.
    await utimes(left, 0, 0);
    vi.stubEnv('TMPDIR', temporary);
    await kind.run({ host: sshd.target, script: 'true' }, stepRig().context);
    vi.unstubAllEnvs();
    expect(await foldersIn(temporary)).toEqual([expect.not.stringMatching(left)]);
  });
});

const foldersIn = async (parent: string): Promise<readonly string[]> =>
  (await readdir(parent))
    .filter((name) => name.startsWith('drillbook-ssh-'))
    .map((name) => join(parent, name));

describe('a connection over which nothing comes any more', () => {
  let relay: RelayRig;
  let host: ValueMap;
  beforeAll(async () => {
    relay = await serveRelay(sshd.port);
    host = { ...sshd.target, port: relay.port };
    // ssh itself, which asks sooner whether the host is still there: what the command line says comes first.
    const programs = join(folder, 'bin');
    await mkdir(programs);
    const ssh = (await findProgram('ssh')) ?? '';
    const text = `#!/bin/sh\nexec ${ssh} -o ServerAliveInterval=2 "$@"\n`;
    await writeFile(join(programs, 'ssh'), text, { mode: 0o755 });
    vi.stubEnv('PATH', `${programs}:${process.env['PATH'] ?? ''}`);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await relay.close();
  });
  const run = (script: string, onLog: (line: string) => void = () => undefined): Promise<ValueMap> =>
    kind.run({ host, script }, stepRig({ environment: { hosts: { db1: host } }, onLog }).context);

  test('ends the step that waits for it, and the next one has a new connection', async () => {
    let pid = 0;
    const stalled = run('echo $$; exec sleep 4719', (line) => {
      pid = Number(line);
      relay.stall();
    });
    const error = await failureOf(stalled);
    process.kill(pid, 'SIGKILL');
    expect(error).toMatchObject({ code: 'connectionLost', changed: 'maybe' });
    expect(error.message).toBe('the connection to db1 broke while the command ran');
    const before = sshd.logins();
    expect(await run('echo again')).toMatchObject({ stdout: 'again\n' });
    expect(sshd.logins()).toBe(before + 1);
  });

  test('is found out by a step that begins, which is done over a new one', async () => {
    await run('true');
    const before = sshd.logins();
    relay.stall();
    expect(await run('echo once')).toMatchObject({ stdout: 'once\n' });
    expect(sshd.logins()).toBe(before + 1);
  });
});
