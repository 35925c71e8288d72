// @module-tag needs/sshd
// @module-tag needs/ssh
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Json } from '../../../engine/base/json.ts';
import type { ValueMap } from '../../../engine/base/value.ts';
import type { BackgroundProcess } from '../../../engine/model/kind.ts';
import type { SshdRig } from '../../rig/sshd.ts';
import { serveSsh } from '../../rig/sshd.ts';
import { failureOf, kindOf, stepRig } from '../../rig/step.ts';
import type { StepRig } from '../../rig/step.ts';

const kind = await kindOf('shell');
const started: BackgroundProcess[] = [];
/** Processes say who they are to it, and it notices when they are gone. */
const guests = createServer();
let sshd: SshdRig;
let folder: string;

beforeAll(async () => {
  sshd = await serveSsh();
  folder = await mkdtemp(join(tmpdir(), 'drillbook-background-'));
  await new Promise<void>((listening) => guests.listen(0, '127.0.0.1', listening));
});
afterEach(() => Promise.all(started.splice(0).map((process) => process.end())));
afterAll(async () => {
  guests.close();
  await sshd.close();
  await rm(folder, { recursive: true });
});

/** Holds a connection open as long as it lives, and a child that would rather stay. */
const guest = (): string => {
  const { port } = guests.address() as AddressInfo;
  return `exec 9<>/dev/tcp/127.0.0.1/${String(port)}; echo $$ >&9; (trap '' TERM; sleep 300) & wait`;
};

async function arrival(): Promise<{ readonly pid: number; readonly gone: Promise<unknown> }> {
  const [socket] = (await once(guests, 'connection')) as [Socket];
  const gone = once(socket, 'close');
  const [line] = (await once(socket, 'data')) as [Buffer];
  return { pid: Number(line.toString()), gone };
}

async function begin(args: ValueMap, rig: StepRig = stepRig()): Promise<BackgroundProcess> {
  const process = await kind.begin?.(args, rig.context);
  if (process === undefined) throw new Error('shell knows no background');
  started.push(process);
  return process;
}

const places = [
  ['here', () => ({}), () => stepRig()],
  [
    'on a host',
    () => ({ host: sshd.target }),
    () => stepRig({ environment: { hosts: { db1: sshd.target } } }),
  ],
] as const;

describe.each(places)('a process in the background, %s', (_, place, rig) => {
  test('lives until it is told to end, with all that it started', async () => {
    const arrived = arrival();
    const process = await begin({ script: guest(), ...place() }, rig());
    const { gone } = await arrived;
    await process.end();
    await gone;
  });

  test('that ends is lost, with its last words as the reason', async () => {
    const { lost } = await begin({ script: 'echo no route >&2; exit 3', ...place() }, rig());
    expect(await lost).toBe('it ended with exit code 3: no route');
  });

  test('gets variables, its standard input and its folder like any other', async () => {
    const rigged = rig();
    const args = { script: 'echo "$A $(cat) $PWD"', env: { A: 'a' }, stdin: 'in', cwd: '/tmp', ...place() };
    await (
      await begin(args, rigged)
    ).lost;
    expect(rigged.logs).toContain('a in /tmp');
  });
});

describe('the process of a life that was killed', () => {
  let rig: StepRig;
  beforeEach(() => {
    rig = stepRig();
  });

  test('is ended before the next one begins: there are never two', async () => {
    const first = arrival();
    await begin({ script: guest() }, rig);
    const { pid, gone } = await first;
    const [checkpoint] = rig.checkpoints;
    expect(checkpoint).toMatchObject({ process: { pid } });
    const second = arrival();
    await begin({ script: guest() }, stepRig({ checkpoint: checkpoint as Json }));
    await gone;
    expect((await second).pid).not.toBe(pid);
  });

  test('is left alone when its number is another process by now', async () => {
    const arrived = arrival();
    const process = await begin({ script: guest() }, rig);
    const { gone } = await arrived;
    const { process: identity } = rig.checkpoints[0] as { process: { [member: string]: Json } };
    const other = { process: { ...identity, started: '1' } };
    await (
      await begin({ script: 'true' }, stepRig({ checkpoint: other }))
    ).lost;
    expect(await Promise.race([gone.then(() => 'gone'), sleep(100, 'there')])).toBe('there');
    await process.end();
  });

  test('never began when the journal did not get to know it', async () => {
    const file = join(folder, 'began');
    const refusing = { ...rig.context, saveCheckpoint: () => Promise.reject(new Error('the disk is full')) };
    await expect(kind.begin?.({ script: 'echo yes > "$F"', env: { F: file } }, refusing)).rejects.toThrow(
      'the disk is full',
    );
    await expect(readFile(file)).rejects.toThrow('ENOENT');
  });
});

test('on a host, the one whose connection broke unnoticed is ended by the next', async () => {
  const rig = (): StepRig => stepRig({ environment: { hosts: { db1: sshd.target } } });
  const first = arrival();
  await begin({ script: guest(), host: sshd.target }, rig());
  const { gone } = await first;
  const second = arrival();
  await begin({ script: guest(), host: sshd.target }, rig());
  await gone;
  await second;
});

test('a host that does not let anybody in is told as such', async () => {
  const host = { ...sshd.target, user: 'nobody' };
  const failed = await failureOf(
    begin({ script: 'true', host }, stepRig({ environment: { hosts: { db1: host } } })),
  );
  expect(failed.code).toBe('auth');
});

test('a job is refused: it goes on by itself', async () => {
  expect((await failureOf(begin({ script: 'true', job: true, host: sshd.target }))).code).toBe('usage');
});
