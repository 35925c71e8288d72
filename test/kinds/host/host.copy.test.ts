// @module-tag needs/sshd
// @module-tag needs/ssh
import { fork } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import { compileChild } from '../../rig/compile-child.ts';
import type { SshdRig } from '../../rig/sshd.ts';
import { serveSsh } from '../../rig/sshd.ts';
import { failureOf, kindOf, stepRig } from '../../rig/step.ts';
import type { StepNews, StepOrder } from '../../rig/step-child.ts';

const kind = await kindOf('host.copy');
let sshd: SshdRig;
/** The run's folder, and a folder that stands for the host's own. */
let here: string;
let there: string;

beforeAll(async () => {
  sshd = await serveSsh();
});
afterAll(() => sshd.close());
beforeEach(async () => {
  here = await realpath(await mkdtemp(join(tmpdir(), 'drillbook-here-')));
  there = await mkdtemp(join(sshd.home, 'there-'));
});
afterEach(async () => {
  await rm(here, { recursive: true });
  await rm(there, { recursive: true });
});

const run = (args: ValueMap): Promise<ValueMap> => {
  const { context } = stepRig({ environment: { hosts: { db1: sshd.target } } });
  return kind.run(args, { ...context, run: { ...context.run, folder: here } });
};
const sha256 = /^[0-9a-f]{64}$/;

/** A folder as they come: empty files and folders, links, names that a shell stumbles over, bytes of every value. */
async function makeFolder(at: string): Promise<void> {
  await mkdir(join(at, 'a b', 'empty'), { recursive: true });
  await writeFile(
    join(at, "it's $HOME"),
    Buffer.from(Array.from({ length: 4096 }, (_, index) => index % 256)),
  );
  await writeFile(join(at, 'a b', 'two\nlines'), 'x');
  await writeFile(join(at, 'none'), '');
  await writeFile(join(at, 'a b', 'run.sh'), 'true');
  await chmod(join(at, 'a b', 'run.sh'), 0o755);
  await symlink('../none', join(at, 'a b', 'link'));
}

describe('a file', () => {
  test('goes to a host, and comes from one', async () => {
    await writeFile(join(here, 'dump'), 'content');
    const to = join(there, 'dump');
    const sent = await run({ from: 'dump', to, toHost: sshd.target });
    expect(sent).toMatchObject({ path: to, kind: 'file', files: 1, bytes: 7, already: false });
    expect(sent['sha256']).toMatch(sha256);
    expect(await readFile(to, 'utf8')).toBe('content');
    const back = await run({ from: to, fromHost: sshd.target, to: 'back/again' });
    expect(back).toMatchObject({ path: join(here, 'back/again'), sha256: sent['sha256'] });
    expect(await readFile(join(here, 'back/again'), 'utf8')).toBe('content');
    expect(await readdir(there)).toEqual(['dump']);
    expect((await readdir(here)).sort()).toEqual(['back', 'dump']);
  });

  test('that is there already is not copied, one with another content not written over', async () => {
    await writeFile(join(here, 'dump'), 'new');
    const to = join(there, 'dump');
    await writeFile(to, 'old');
    const args = { from: 'dump', to, toHost: sshd.target };
    expect(await failureOf(run(args))).toMatchObject({ code: 'exists', changed: 'nothing' });
    expect(await readFile(to, 'utf8')).toBe('old');
    expect(await run({ ...args, overwrite: true })).toMatchObject({ already: false });
    expect(await readFile(to, 'utf8')).toBe('new');
    expect(await run(args)).toMatchObject({ already: true });
    expect(await readdir(there)).toEqual(['dump']);
  });

  test('is not touched by a greeting of the shell there', async () => {
    const greeting = join(sshd.home, '.bashrc');
    await writeFile(greeting, 'echo Welcome; printf "no end" >&2');
    await writeFile(join(there, 'dump'), 'content');
    await run({ from: join(there, 'dump'), fromHost: sshd.target, to: 'dump' });
    await rm(greeting);
    expect(await readFile(join(here, 'dump'), 'utf8')).toBe('content');
  });

  test('outside of the run is a write that a person sees first', () => {
    const args = { from: 'x', fromHost: sshd.target };
    expect(kind.writesElsewhere?.({ ...args, to: '/srv/x' }, here)).toBe('/srv/x');
    expect(kind.writesElsewhere?.({ ...args, to: 'x' }, here)).toBeUndefined();
    expect(kind.effect({ ...args, to: 'x' })).toBe('read');
    expect(kind.effect({ from: 'x', to: 'x', toHost: sshd.target })).toBe('write');
    expect(kind.effect({ from: 'x', to: 'x', toHost: sshd.target, overwrite: true })).toBe('destructive');
  });
});

describe('a folder', () => {
  test('goes from one host to another with all that is in it', async () => {
    await makeFolder(join(there, 'tree'));
    const to = join(there, 'copy');
    const other = { ...sshd.target, name: 'db2', $target: 'hosts.db2' };
    const copied = await run({ from: join(there, 'tree'), fromHost: sshd.target, to, toHost: other });
    expect(copied).toMatchObject({ kind: 'folder', files: 4, already: false });
    expect((await readdir(to, { recursive: true })).sort()).toEqual(
      (await readdir(join(there, 'tree'), { recursive: true })).sort(),
    );
    expect((await stat(join(to, 'a b', 'run.sh'))).mode & 0o777).toBe(0o755);
    expect(await run({ from: join(there, 'tree'), fromHost: sshd.target, to, toHost: other })).toMatchObject({
      already: true,
    });
  });

  test('takes the place of another only where that is said, and never of a file', async () => {
    await makeFolder(join(here, 'tree'));
    const to = join(there, 'tree');
    await mkdir(to);
    await writeFile(join(to, 'mine'), '');
    const args = { from: 'tree', to, toHost: sshd.target };
    expect(await failureOf(run(args))).toMatchObject({ code: 'exists', changed: 'nothing' });
    expect(await readdir(to)).toEqual(['mine']);
    await run({ ...args, overwrite: true });
    expect(await readdir(to)).not.toContain('mine');
    await writeFile(join(there, 'file'), 'x');
    const overFile = { ...args, to: join(there, 'file'), overwrite: true };
    expect(await failureOf(run(overFile))).toMatchObject({ code: 'exists', changed: 'nothing' });
    expect((await readdir(there)).sort()).toEqual(['file', 'tree']);
  });
});

describe('what went wrong is said, and nothing has a name before it is whole', () => {
  test('nothing to copy, no folder to put it in, no host, no name', async () => {
    const to = join(there, 'x');
    expect(await failureOf(run({ from: 'x', to, toHost: sshd.target }))).toMatchObject({
      code: 'noSuchFile',
    });
    await writeFile(join(here, 'x'), '');
    const nowhere = { from: 'x', to: join(there, 'no', 'x'), toHost: sshd.target };
    expect(await failureOf(run(nowhere))).toMatchObject({ code: 'noSuchFile', changed: 'nothing' });
    expect(await failureOf(run({ from: 'x', to }))).toMatchObject({ code: 'usage' });
    for (const path of ['/', '..', 'a/..', '~/x', '-x']) {
      expect(await failureOf(run({ from: 'x', to: path, toHost: sshd.target }))).toMatchObject({
        code: 'usage',
      });
    }
  });

  test('a pipe or a socket among what is to be copied', async () => {
    await mkdir(join(there, 'tree'));
    const { exitCode } = await (
      await kindOf('shell')
    ).run(
      { host: sshd.target, script: `mkfifo ${join(there, 'tree', 'pipe')}` },
      stepRig({ environment: { hosts: { db1: sshd.target } } }).context,
    );
    expect(exitCode).toBe(0);
    const error = await failureOf(run({ from: join(there, 'tree'), fromHost: sshd.target, to: 'tree' }));
    expect(error).toMatchObject({ code: 'notAFile', changed: 'nothing' });
    expect(error.message).toContain('./pipe');
  });

  test('a device', async () => {
    const error = await failureOf(run({ from: '/dev/null', to: join(there, 'x'), toHost: sshd.target }));
    expect(error).toMatchObject({ code: 'notAFile', changed: 'nothing' });
  });

  test('a life that was killed leaves nothing in part with the name, and the next one does it whole', async () => {
    const program = await compileChild(
      new URL('../../rig/step-child.ts', import.meta.url),
      join(here, 'child'),
    );
    const gate = join(there, 'from');
    await mkdir(gate);
    await writeFile(join(gate, 'big'), Buffer.alloc(64 * 1024 * 1024, 7));
    const args: ValueMap = { from: gate, fromHost: sshd.target, to: join(there, 'to'), toHost: sshd.target };
    const life = fork(program, { execArgv: [] });
    life.send({
      ...{ kind: 'host.copy', args, environment: { hosts: { db1: sshd.target } }, folder: here },
    } satisfies StepOrder);
    await new Promise<void>((resolve) => {
      life.on('message', (news: StepNews) => {
        if (news.type === 'log' && news.line.startsWith('sending')) resolve();
      });
    });
    life.kill('SIGKILL');
    await once(life, 'exit');
    const size = 64 * 1024 * 1024;
    if ((await readdir(there)).includes('to')) expect((await stat(join(there, 'to', 'big'))).size).toBe(size);
    expect(await run(args)).toMatchObject({ kind: 'folder', bytes: size });
    expect((await readdir(there)).sort()).toEqual(['from', 'to']);
  });
});

test('what is there whole after a crash has happened, what is not has not', async () => {
  const { context } = stepRig({ environment: { hosts: { db1: sshd.target } } });
  const inRun = { ...context, run: { ...context.run, folder: here } };
  await writeFile(join(here, 'dump'), 'content');
  const args = { from: 'dump', to: join(there, 'dump'), toHost: sshd.target };
  expect(await kind.reconcile?.(args, inRun)).toEqual({ verdict: 'notHappened' });
  await run(args);
  expect(await kind.reconcile?.(args, inRun)).toMatchObject({ verdict: 'happened', output: { bytes: 7 } });
});

test('says what it would do, and how to do it by hand', () => {
  const args = { from: 'a b', to: '/srv/x', toHost: sshd.target };
  expect(kind.describe(args)).toBe('Copy a b to /srv/x on db1');
  expect(kind.byHand?.(args, stepRig().context.environment)).toMatch(
    /^scp -rp -o .*KnownHostsCommand='\/bin\/echo %H .* -P \d+ 'a b' '?\w+@127\.0\.0\.1:\/srv\/x'?$/,
  );
  expect(kind.targets({ ...args, fromHost: sshd.target })).toMatchObject([
    { group: 'hosts', effect: 'read' },
    { group: 'hosts', effect: 'write' },
  ]);
});
