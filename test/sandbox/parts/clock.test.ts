/** @module-tag needs/libfaketime */
import { existsSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { World } from '../../../engine/sandbox/world.ts';
import { desk, environmentOf, open, planOf } from '../parts-rig.ts';

const HOUR_MS = 3_600_000;

/** A program that tells the time, in milliseconds, with the clock of the machine and with its own. */
const clocks = (): Promise<World> =>
  open(
    planOf(
      `
parts:
  plain: { uses: process, with: { command: [node, tells.js, "\${{ port }}"] } }
  app: { uses: process, with: { command: [node, tells.js, "\${{ port }}"], ownClock: true } }
environment:
  publicUrl: "\${{ parts.app.url }}"
  values: { desk: { app: "\${{ parts.app.control }}", token: "\${{ desk.token }}" } }
`,
      {
        'tells.js': `require('node:http').createServer((_, answer) => answer.end(String(Date.now())))
          .listen(Number(process.argv[2]), '127.0.0.1');`,
      },
    ),
  );

/** How many hours it is ahead of us. */
async function hoursAhead(world: World): Promise<number> {
  const { publicUrl } = await environmentOf<{ readonly publicUrl: string }>(world);
  const told = Number(await (await fetch(publicUrl)).text());
  // Never -0.
  return Math.round((told - Date.now()) / HOUR_MS) + 0;
}

test('clock.skew sets the clock of a program while it runs, until it is set right', async () => {
  const world = await clocks();
  expect(await hoursAhead(world)).toBe(0);
  const { description, output } = await world.inject('clock.skew', { by: '3h' }, 'app');
  expect(description).toBe('the clock of app is 3h ahead');
  expect(output).toMatchObject({ direction: 'ahead' });
  expect(await hoursAhead(world)).toBe(3);
  expect((await desk(world, 'app')).body).toMatchObject({ running: true, clock: '3h ahead' });
  await world.inject('clock.skew', { by: '48h', direction: 'behind' }, 'app');
  expect(await hoursAhead(world)).toBe(-48);
  await desk(world, 'app', '/restart');
  expect(await hoursAhead(world)).toBe(-48);
  for (let time = 1; time <= 2; time += 1) {
    expect((await desk(world, 'app', '/set-clock')).body).not.toHaveProperty('clock');
    expect(await hoursAhead(world)).toBe(0);
  }
});

test('breaks nothing where a program has the clock of this machine', async () => {
  const world = await clocks();
  await expect(world.inject('clock.skew', { by: '3h' }, 'plain')).rejects.toThrow(
    'clock.skew: the part plain can be broken so when its with has ownClock',
  );
});

test('nothing of libfaketime stays in shared memory when the world has ended', async () => {
  const world = await clocks();
  await world.stop();
  // Others may be about to end one of their own.
  const left = (): readonly string[] =>
    readdirSync('/dev/shm')
      .flatMap((name) => /faketime_\w+_(\d+)$/.exec(name)?.[1] ?? [])
      .filter((id) => !existsSync(`/proc/${id}`));
  await expect.poll(left).toEqual([]);
});
