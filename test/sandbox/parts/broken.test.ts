import { expect, test } from 'vitest';
import type { JsonObject } from '../../../engine/base/json.ts';
import type { World } from '../../../engine/sandbox/world.ts';
import { partSchema } from '../../../engine/load/stepschema.ts';
import { PART_KINDS } from '../../../engine/sandbox/part-kinds.ts';
import { shop } from '../../rig/shop.ts';
import { desk, environmentOf, open } from '../parts-rig.ts';
import { until } from '../rig.ts';

interface Breakage {
  readonly kind: string;
  readonly fault: string;
  /** In the world of the shop. */
  readonly part: 'app' | 'db';
  readonly args?: JsonObject;
  /** What it says of the damage. */
  readonly output: JsonObject;
  /** What the desk is asked to mend it. */
  readonly mend: readonly (readonly [part: 'app' | 'db', action: string])[];
  /** What would be asked first, and does not mend it. */
  readonly inVain?: readonly [part: 'app' | 'db', action: string];
}

const PID = { pid: expect.any(Number) as number };

const BREAKAGES: readonly Breakage[] = [
  { kind: 'process', fault: 'process.kill', part: 'app', output: PID, mend: [['app', '/start']] },
  {
    kind: 'process',
    fault: 'process.hang',
    part: 'app',
    output: PID,
    mend: [['app', '/restart']],
  },
  {
    kind: 'process',
    fault: 'process.deploy-bad',
    part: 'app',
    output: { ending: 'it ended with 1' },
    mend: [['app', '/roll-back']],
    inVain: ['app', '/restart'],
  },
  {
    kind: 'process',
    fault: 'network.partition',
    part: 'app',
    output: { to: ['db'] },
    mend: [['app', '/reconnect']],
    inVain: ['db', '/restart'],
  },
  {
    kind: 'process',
    fault: 'network.slow',
    part: 'app',
    args: { delay: '5s' },
    output: { to: ['db'] },
    mend: [['app', '/reconnect']],
  },
  {
    kind: 'postgres',
    fault: 'credential.revoked',
    part: 'db',
    output: { role: 'app', error: 'password authentication failed for user "app"' },
    mend: [['db', '/reset-password']],
  },
];

/** Whether the shop answers as it should. */
async function isWell(world: World): Promise<boolean> {
  const { publicUrl } = await environmentOf<{ readonly publicUrl: string }>(world);
  return await fetch(`${publicUrl}/health`, { signal: AbortSignal.timeout(1000) }).then(
    ({ ok }) => ok,
    () => false,
  );
}

const becomes = (world: World, well: boolean): Promise<boolean> =>
  until(
    well ? 'the shop is well' : 'the shop is broken',
    () => isWell(world),
    (is) => is === well,
  );

test.each(BREAKAGES)('$fault breaks a $kind for real, and what mends it mends it', async (breakage) => {
  const { fault, part, args = {}, output, mend, inVain } = breakage;
  const world = await open(shop());
  await becomes(world, true);
  const injection = await world.inject(fault, args, part);
  expect(injection.output).toMatchObject(output);
  expect(injection.output['at']).toBeDefined();
  await becomes(world, false);
  if (inVain !== undefined) {
    await desk(world, ...inVain);
    expect(await isWell(world)).toBe(false);
  }
  for (const ask of mend) expect(await desk(world, ...ask)).toMatchObject({ status: 200 });
  await becomes(world, true);
  // Nothing that was asked is lost by asking it once more.
  for (const ask of mend) expect(await desk(world, ...ask)).toMatchObject({ status: 200 });
  await becomes(world, true);
});

/** Faults that have tests of their own. */
const ELSEWHERE = /^(postgres|s3|render)\.|^network\.hang$/;

test('what breaks a process or a database, and nothing else, is tried here', () => {
  const tried = BREAKAGES.map(({ kind, fault }) => `${kind} ${fault}`);
  const offered = PART_KINDS.flatMap((kind) =>
    (partSchema(kind)?.faults ?? [])
      .filter((fault) => !ELSEWHERE.test(fault))
      .map((fault) => `${kind} ${fault}`),
  );
  const elsewhere = [
    'process clock.skew',
    'process disk.full',
    'postgres disk.full',
    'redis ',
    's3 ',
    'ssh-host ',
    'tls ',
  ];
  const here = offered.filter((each) => !elsewhere.some((kind) => each.startsWith(kind)));
  expect(here.sort()).toEqual([...tried].sort());
});

test('what does not run cannot be broken once more, and nothing is changed', async () => {
  const world = await open(shop());
  await world.inject('process.kill', {}, 'app');
  for (const fault of ['process.kill', 'process.hang', 'process.deploy-bad']) {
    await expect(world.inject(fault, {}, 'app')).rejects.toThrow(/app does not run: it was ended by SIGKILL/);
  }
});

test('a version that runs is none that was deployed badly: what ran before runs again', async () => {
  const world = await open(shop());
  await expect(world.inject('process.deploy-bad', { command: ['sleep', '600'] }, 'app')).rejects.toThrow(
    /what was deployed runs/,
  );
  await becomes(world, true);
});
