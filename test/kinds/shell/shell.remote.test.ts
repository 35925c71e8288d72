// @module-tag needs/sshd
// @module-tag needs/ssh
// @module-tag needs/ps
import { execFile, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Json } from '../../../engine/base/json.ts';
import type { ValueMap } from '../../../engine/base/value.ts';
import { identify } from '../../../engine/kinds/environment/identity.ts';
import { compileChild } from '../../rig/compile-child.ts';
import type { SshdRig } from '../../rig/sshd.ts';
import { serveSsh } from '../../rig/sshd.ts';
import { failureOf, kindOf, realClock, stepRig } from '../../rig/step.ts';
import type { StepNews, StepOrder } from '../../rig/step-child.ts';

const kind = await kindOf('shell');
const password = { $ref: 'env', name: 'DRILLBOOK_TEST_PASSWORD' };
let sshd: SshdRig;

beforeAll(async () => {
  process.env['DRILLBOOK_TEST_PASSWORD'] = "s3cret'$x";
  sshd = await serveSsh();
});
afterAll(() => sshd.close());

const rigWith = (more: Parameters<typeof stepRig>[0] = {}) =>
  stepRig({ environment: { hosts: { db1: sshd.target } }, ...more });
const run = (args: ValueMap, rig = rigWith()): Promise<ValueMap> =>
  kind.run({ host: sshd.target, ...args }, rig.context);
const processes = async (): Promise<string> =>
  (await promisify(execFile)('ps', ['-ww', '-eo', 'args='])).stdout;

describe('on a host', () => {
  test('a script gives its output, its end and each line as it comes', async () => {
    const rig = rigWith();
    expect(await run({ script: 'echo one; echo two >&2; echo ~' }, rig)).toMatchObject({
      exitCode: 0,
      stdout: `one\n${sshd.home}\n`,
      stderr: 'two\n',
    });
    expect([...rig.logs].sort()).toEqual([sshd.home, 'one', 'two'].sort());
  });

  test('it stops at the first command that fails, as here', async () => {
    for (const script of ['false; echo on', 'echo $NOT_SET; echo on', 'false | cat; echo on']) {
      expect(await failureOf(run({ script }))).toMatchObject({
        code: 'exit',
        details: { exitCode: 1, stdout: '' },
      });
    }
    expect(await run({ script: 'exit 7', ok: [0, 7] })).toMatchObject({ exitCode: 7 });
  });

  test('one command with its arguments, in a folder', async () => {
    const output = await run({ command: ['printf', '%s|', 'a b', "it's", '$HOME'], cwd: '/tmp' });
    expect(output).toMatchObject({ stdout: "a b|it's|$HOME|" });
    expect(await run({ command: ['pwd'], cwd: '/tmp' })).toMatchObject({ stdout: '/tmp\n' });
  });

  test('secrets travel on the standard input: no list of processes shows them, here or there', async () => {
    const script = 'cat; echo; echo "$SECRET"; ps -ww -eo args=';
    const output = await run({ script, env: { SECRET: password }, stdin: password });
    const [stdin, variable, ...list] = (output['stdout'] as string).split('\n');
    expect([stdin, variable]).toEqual(["s3cret'$x", "s3cret'$x"]);
    expect(list.join('\n')).toContain('sshd');
    expect(list.join('\n')).not.toContain('s3cret');
  });

  test('it sees no variable of this machine but those it is given', async () => {
    expect(await run({ script: 'env | grep -c DRILLBOOK_TEST', ok: [0, 1] })).toMatchObject({
      stdout: '0\n',
    });
  });

  test('a command that the host does not have', async () => {
    const error = await failureOf(run({ command: ['no-such-command'] }));
    expect(error).toMatchObject({ code: 'exit', details: { exitCode: 127 } });
  });

  test('over another host', async () => {
    const jump = { ...sshd.target, name: 'jump' };
    const rig = rigWith({ environment: { hosts: { jump } } });
    expect(await run({ host: { ...sshd.target, via: 'jump' }, script: 'echo there' }, rig)).toMatchObject({
      stdout: 'there\n',
    });
  });

  test('with a key that is a secret of its own', async () => {
    const { identity } = sshd.target as { identity: { path: string } };
    process.env['DRILLBOOK_TEST_KEY'] = await readFile(identity.path, 'utf8');
    const host = { ...sshd.target, identity: { $ref: 'env', name: 'DRILLBOOK_TEST_KEY' } };
    expect(await run({ host, script: 'echo in' })).toMatchObject({ stdout: 'in\n' });
  });

  test('a step that is stopped ends what it started there', async () => {
    const rig = rigWith({
      onLog: (line) => {
        if (line === 'begun') rig.abort();
      },
    });
    const stopped: unknown = await run({ script: 'echo begun; sleep 4711; true' }, rig).catch(
      (error: unknown) => error,
    );
    expect(stopped).toMatchObject({ message: 'stopped', details: { stdout: 'begun\n' } });
    expect(await processes()).not.toContain('sleep 4711');
  });
});

describe('a process that a script on a host leaves running', () => {
  // Before that it has the name of the shell that became it.
  const onceItSleeps = 'until [ "$(ps -o comm= -p $!)" = sleep ]; do :; done';

  test('in its group is ended and named, and does not hold the step', async () => {
    const { stdout, left } = await run({ script: `sleep 4714 & ${onceItSleeps}; echo started` });
    expect(stdout).toBe('started\n');
    expect(left).toMatchObject([{ command: 'sleep 4714', ended: true }]);
    await expect.poll(processes).not.toContain('sleep 4714');
  });

  test('in its group is named once, however long it takes to be gone', async () => {
    const { left } = await run({ script: 'for n in {1..200}; do sleep 4716 & done' });
    const pids = (left as readonly { readonly pid: number }[]).map(({ pid }) => pid);
    expect(pids).toHaveLength(new Set(pids).size);
    expect(pids.length).toBeGreaterThanOrEqual(200);
  });

  test('outside of its group goes on and is named, whether it holds the output or not', async () => {
    for (const output of ['', '>/dev/null 2>&1 </dev/null']) {
      const { stdout, left } = await run({
        script: `setsid sleep 4715 ${output} & ${onceItSleeps}; echo $!`,
      });
      const pid = Number(stdout);
      expect(left).toEqual([{ pid, command: 'sleep 4715', ended: false }]);
      process.kill(pid, 'SIGKILL');
    }
  });
});

describe('only what the script says is its output', () => {
  const greeting = () => join(sshd.home, '.bashrc');
  afterEach(() => rm(greeting(), { force: true }));

  test('and not what the shell of the account says before, with or without an end of its line', async () => {
    await writeFile(
      greeting(),
      'echo Welcome; echo "Mind the step" >&2; printf "no end"; printf "no end" >&2',
    );
    expect(await run({ script: 'printf one; printf two >&2' })).toMatchObject({
      stdout: 'one',
      stderr: 'two',
    });
    expect(await run({ script: `echo '{"a": 1}'`, stdout: 'json' })).toMatchObject({ json: { a: 1 } });
    const rig = rigWith();
    await run({ script: 'echo it' }, rig);
    expect(rig.logs).toEqual(['it']);
  });

  test('and what the shell reads of the input before takes nothing from the script', async () => {
    await writeFile(greeting(), 'read -t 0.2 -r stolen');
    expect(await run({ script: 'cat', stdin: 'all of it' })).toMatchObject({ stdout: 'all of it' });
  });

  test('and its exit code is its own, whatever ssh ends with and whatever it says', async () => {
    const script = 'echo "Connection to db1 closed by remote host." >&2; exit 255';
    expect(await failureOf(run({ script }))).toMatchObject({ code: 'exit', details: { exitCode: 255 } });
  });
});

describe('one connection to a host', () => {
  test('is held for all that is done there', async () => {
    await run({ script: 'true' });
    const before = sshd.logins();
    await Promise.all([1, 2, 3].map((code) => run({ script: `exit ${String(code)}`, ok: [code] })));
    await run({ script: 'true' });
    expect(sshd.logins()).toBe(before);
  });

  test('is found dead and made anew', async () => {
    await run({ script: 'true' });
    const before = sshd.logins();
    await sshd.stop();
    await sshd.start();
    expect(await run({ script: 'echo again' })).toMatchObject({ stdout: 'again\n' });
    expect(sshd.logins()).toBe(before + 1);
  });

  test('lies behind a socket that nobody else can open', async () => {
    await run({ script: 'true' });
    const folders = (await readdir(tmpdir())).filter((name) => name.startsWith('drillbook-ssh-'));
    const modes = await Promise.all(folders.map((name) => stat(join(tmpdir(), name)).catch(() => undefined)));
    expect(modes.map((found) => (found?.mode ?? 0o700) & 0o777)).toEqual(folders.map(() => 0o700));
    expect(folders).not.toEqual([]);
  });

  test('more are made where the host lets one connection carry no more', async () => {
    const gate = join(sshd.home, 'all-there');
    const script = `echo here; while [ ! -e ${gate} ]; do sleep 0.1; done`;
    let here = 0;
    const onLog = (line: string): void => {
      if (line === 'here' && ++here === 12) void writeFile(gate, '');
    };
    await Promise.all(Array.from({ length: 12 }, () => run({ script }, rigWith({ onLog }))));
    expect(here).toBe(12);
  });
});

describe('what went wrong is said', () => {
  test('another host key: nothing is sent, nobody logs in', async () => {
    const host = { ...sshd.target, hostKey: sshd.otherKey };
    const error = await failureOf(run({ host, script: 'echo x', env: { SECRET: password } }));
    expect(error).toMatchObject({ code: 'hostKeyMismatch', changed: 'nothing' });
    expect(error.message).toContain('db1 (127.0.0.1:');
  });

  test('no host key in the environment: nobody is trusted at first sight', async () => {
    const { hostKey, ...host } = sshd.target as ValueMap & { hostKey: string };
    expect(hostKey).toContain('ssh-ed25519');
    expect(await failureOf(run({ host, script: 'true' }))).toMatchObject({ code: 'notConfigured' });
  });

  test('a key that is not let in', async () => {
    const host = { ...sshd.target, identity: { $ref: 'file', path: sshd.strangerKey } };
    const error = await failureOf(run({ host, script: 'true' }));
    expect(error).toMatchObject({ code: 'auth', changed: 'nothing' });
    expect(error.hint).toContain('"identity"');
  });

  test('a name that cannot be resolved', async () => {
    const host = { ...sshd.target, address: 'no-such-host.invalid' };
    expect(await failureOf(run({ host, script: 'true' }))).toMatchObject({ code: 'dns', retryable: true });
  });

  test('nobody there', async () => {
    const host = { ...sshd.target, port: 1 };
    const error = await failureOf(run({ host, script: 'true' }));
    expect(error).toMatchObject({ code: 'unreachable', changed: 'nothing', retryable: true });
  });

  test('a jump host that the environment does not know, and a circle', async () => {
    const host = { ...sshd.target, via: 'bastion' };
    expect(await failureOf(run({ host, script: 'true' }))).toMatchObject({ code: 'notConfigured' });
    const rig = rigWith({ environment: { hosts: { a: { ...sshd.target, via: 'a' } } } });
    const circle = run({ host: { ...sshd.target, via: 'a' }, script: 'true' }, rig);
    expect(await failureOf(circle)).toMatchObject({ code: 'notConfigured' });
  });

  test.skipIf(spawnSync('sudo', ['-n', '-u', 'nobody', 'true']).status !== 0)(
    'with sudo it begins in a folder that the other account may enter',
    async () => {
      const output = await run({ script: 'cd -- "$PWD"; id -un', sudo: 'nobody' });
      expect(output).toMatchObject({ stdout: 'nobody\n', stderr: '' });
    },
  );

  test('sudo without a rule, or without sudo', async () => {
    const error = await failureOf(run({ script: 'true', sudo: 'no-such-account' }));
    expect(error).toMatchObject({ code: 'sudo', changed: 'nothing' });
  });

  test('a connection that breaks while it runs', async () => {
    const rig = rigWith({
      onLog: (line) => {
        if (line === 'begun') void sshd.stop();
      },
    });
    const error = await failureOf(run({ script: 'echo begun; sleep 4712; true' }, rig));
    await sshd.start();
    expect(error).toMatchObject({ code: 'connectionLost', changed: 'maybe' });
    expect(error.hint).toContain('job: true');
    await run({ script: 'pkill -f "slee[p] 4712" || true' });
  });

  test('"sudo" and "job" without a host', async () => {
    expect(await failureOf(kind.run({ script: 'true', job: true }, rigWith().context))).toMatchObject({
      code: 'usage',
    });
  });
});

describe('a job', () => {
  const jobRig = (checkpoint?: Json, onLog?: (line: string) => void) =>
    rigWith({
      clock: realClock,
      ...(checkpoint !== undefined && { checkpoint }),
      ...(onLog !== undefined && { onLog }),
    });
  const folder = (name = '') =>
    join(sshd.home, '.drillbook', 'jobs', `drillbook-20251101-1200-abcd-thestep${name}`);

  test('outlives the step that started it, and is found again with its result', async () => {
    const gate = join(sshd.home, 'go-on');
    const script = `echo begun; cat; while [ ! -e ${gate} ]; do sleep 0.1; done; echo "$SECRET" | wc -c; echo done >&2; exit 3`;
    const args = { script, job: true, env: { SECRET: password }, stdin: 'given\n', ok: [3] };
    const first = jobRig(undefined, (line) => {
      if (line === 'given') first.abort();
    });
    await expect(run(args, first)).rejects.toMatchObject({
      message: 'stopped',
      details: { stdout: 'begun\ngiven\n' },
    });
    expect(first.checkpoints).toEqual([{ job: 0 }]);
    expect((await stat(folder())).mode & 0o777).toBe(0o700);
    expect(await readdir(join(sshd.home, '.drillbook', 'jobs'))).toHaveLength(1);

    const second = jobRig({ job: 0 }, (line) => {
      if (line.includes('started before')) void writeFile(gate, '');
    });
    expect(await run(args, second)).toMatchObject({
      exitCode: 3,
      stdout: 'begun\ngiven\n10\n',
      stderr: 'done\n',
    });
    expect(await run(args, jobRig({ job: 0 }))).toMatchObject({ exitCode: 3 });
    expect((await readFile(join(folder(), 'out'), 'utf8')).match(/begun/g)).toHaveLength(1);
  });

  test('goes on when drillbook itself is killed, and the next life finds it', async () => {
    const folderOfRun = await mkdtemp(join(tmpdir(), 'drillbook-test-'));
    const program = await compileChild(
      new URL('../../rig/step-child.ts', import.meta.url),
      join(folderOfRun, 'child'),
    );
    const gate = join(sshd.home, 'go-on-9');
    const script = `echo begun; while [ ! -e ${gate} ]; do sleep 0.1; done; echo ended`;
    const args: ValueMap = { host: sshd.target, script, job: true };
    const itsOwn = await mkdtemp(join(tmpdir(), 'drillbook-t-'));
    const life = fork(program, { execArgv: [], env: { ...process.env, TMPDIR: itsOwn } });
    life.send({
      ...{ kind: 'shell', args, environment: { hosts: { db1: sshd.target } } },
      ...{ folder: folderOfRun, checkpoint: { job: 9 } },
    } satisfies StepOrder);
    await new Promise<void>((resolve) => {
      life.on('message', (news: StepNews) => {
        if (news.type === 'log' && news.line === 'begun') resolve();
      });
    });
    life.kill('SIGKILL');
    await once(life, 'exit');
    const pid = Number(await readFile(join(folder('-9'), 'pid'), 'utf8'));
    expect(() => process.kill(pid, 0)).not.toThrow();

    const next = jobRig({ job: 9 }, (line) => {
      if (line.includes('started before')) void writeFile(gate, '');
    });
    expect(await run(args, next)).toMatchObject({ exitCode: 0, stdout: 'begun\nended\n' });
    expect(next.logs.filter((line) => line.startsWith('started on'))).toEqual([]);
    // Nobody has to come by for the folder of its connection, in which a private key may have been.
    const left = async (): Promise<readonly string[]> =>
      (await readdir(itsOwn)).filter((name) => name.startsWith('drillbook-ssh-'));
    await expect.poll(left).toEqual([]);
    await Promise.all([folderOfRun, itsOwn].map((path) => rm(path, { recursive: true })));
  });

  test('that failed is another job at the next try', async () => {
    const args = { script: 'echo "try $(ls ~/.drillbook/jobs | wc -l)"; exit 9', job: true };
    const first = jobRig({ job: 5 });
    expect(await failureOf(run(args, first))).toMatchObject({ code: 'exit', details: { exitCode: 9 } });
    const next = first.checkpoints.at(-1) ?? null;
    expect(next).toMatchObject({ job: 6 });
    await failureOf(run(args, jobRig(next)));
    await stat(folder('-6'));
  });

  test('that was killed is told apart from one that ended', async () => {
    const rig = jobRig({ job: 7 }, (line) => {
      if (line === 'begun') void kill();
    });
    const kill = async (): Promise<void> => {
      const pid = Number(await readFile(join(folder('-7'), 'pid'), 'utf8'));
      process.kill(-pid, 'SIGKILL');
    };
    const error = await failureOf(run({ script: 'echo begun; sleep 4713; true', job: true }, rig));
    expect(error).toMatchObject({ code: 'jobLost', changed: 'maybe' });
    expect(error.hint).toContain('.drillbook/jobs');
  });
});

describe('a host says who it is', () => {
  const ask = (target: ValueMap) => {
    const { environment, secrets, signal } = rigWith().context;
    return identify({ group: 'hosts', target, effect: 'write' }, environment, secrets, signal);
  };

  test('by its key', async () => {
    const { verdict, facts } = await ask(sshd.target);
    expect(verdict).toBe('match');
    expect(facts['host key']).toMatch(/^SHA256:/);
    expect(facts).toMatchObject({ address: `127.0.0.1:${sshd.port}`, user: userInfo().username });
  });

  test('and another key is another host', async () => {
    expect(await ask({ ...sshd.target, hostKey: sshd.otherKey })).toMatchObject({ verdict: 'mismatch' });
  });

  test('without a key there is nothing to hold it against', async () => {
    const { hostKey, ...host } = sshd.target as ValueMap & { hostKey: string };
    expect(await ask(host), hostKey).toMatchObject({ verdict: 'absent' });
  });

  test('a host that does not answer', async () => {
    expect(await ask({ ...sshd.target, port: 1 })).toMatchObject({ verdict: 'unreachable' });
  });
});

test('says what it would do, and how to do it by hand', () => {
  const args = {
    host: sshd.target,
    script: 'pg_ctl promote',
    sudo: 'postgres',
    env: { PGPASSWORD: password },
  };
  expect(kind.describe(args)).toBe('Run pg_ctl promote on db1 as postgres');
  expect(kind.describe({ ...args, sudo: true, job: true })).toContain('as root, as a job that outlives');
  expect(kind.byHand?.(args, rigWith().context.environment)).toContain(
    'sudo -u postgres bash -euo pipefail -s',
  );
  expect(kind.targets(args)).toMatchObject([{ group: 'hosts', path: 'hosts.db1' }]);
});
