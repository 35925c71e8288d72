import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { lackOfDisk } from '../../../engine/base/own-disk.ts';
import type { World } from '../../../engine/sandbox/world.ts';
import { desk, environmentOf, folderOf, open, planOf, secretIn, stateOf } from '../parts-rig.ts';
import { query, until } from '../rig.ts';

/** A program that keeps a file of each size it is asked for, and a database; each on a disk of its own. */
const keeper = (): Promise<World> =>
  open(
    planOf(
      `
parts:
  db: { uses: postgres, with: { seed: seed.sql, disk: 200MB } }
  app: { uses: process, with: { command: [node, keeps.js, "\${{ port }}"], env: { FILES: "\${{ disk }}" }, disk: 8MB } }
  plain: { uses: process, with: { command: [node, keeps.js, "\${{ port }}"] } }
environment:
  publicUrl: "\${{ parts.app.url }}"
  databases: { main: "\${{ parts.db }}" }
  values:
    disk: "\${{ parts.app.disk }}"
    desk:
      { app: "\${{ parts.app.control }}", db: "\${{ parts.db.control }}", plain: "\${{ parts.plain.control }}", token: "\${{ desk.token }}" }
`,
      {
        'seed.sql': 'create table notes (text text)',
        'keeps.js': `
          const { writeFileSync } = require('node:fs');
          require('node:http').createServer((request, answer) => {
            try {
              writeFileSync(process.env.FILES + request.url, 'x'.repeat(100000));
              answer.end('kept');
            } catch ({ code }) {
              answer.writeHead(507).end(code);
            }
          }).listen(Number(process.argv[2]), '127.0.0.1');`,
      },
    ),
  );

interface Environment {
  readonly publicUrl: string;
  readonly databases: { readonly main: { readonly url: { readonly file: string } } };
  readonly values: { readonly disk: string };
}

async function keep(world: World, name: string): Promise<string> {
  const { publicUrl } = await environmentOf<Environment>(world);
  return await (await fetch(`${publicUrl}/${name}`)).text();
}

/** More than fits into the pages that the table has. */
async function write(world: World): Promise<unknown> {
  const { databases } = await environmentOf<Environment>(world);
  const text = "insert into notes select repeat('x', 1000) from generate_series(1, 5000)";
  return await query(secretIn(databases.main.url), text);
}

const mountedIn = (folder: string): readonly string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(folder));

describe.runIf(lackOfDisk() === undefined)('a part with a disk of its own', () => {
  test('can write no more when it is full, and again when room is made at the desk or by a step', async () => {
    const world = await keeper();
    expect(await keep(world, 'first')).toBe('kept');
    expect(await stateOf(world, 'app')).toMatchObject({ disk: { megabytes: 8 } });

    const { description, output } = await world.inject('disk.full', {}, 'app');
    expect(description).toBe('the disk of app, 8 MB, is full');
    expect(await keep(world, 'second')).toBe('ENOSPC');
    expect((await desk(world, 'app')).body).toMatchObject({ disk: { megabytes: 8, freeBytes: 0 } });
    await desk(world, 'app', '/restart');
    expect(await keep(world, 'third')).toBe('ENOSPC');
    expect((await desk(world, 'app', '/free-space')).body).not.toMatchObject({ disk: { freeBytes: 0 } });
    expect(await keep(world, 'fourth')).toBe('kept');

    await world.inject('disk.full', {}, 'app');
    expect(await keep(world, 'fifth')).toBe('ENOSPC');
    await rm(output['file'] as string);
    expect(await keep(world, 'sixth')).toBe('kept');
  });

  test('is a database that says so to whoever writes, and goes on when room is made', async () => {
    const world = await keeper();
    await world.inject('disk.full', {}, 'db');
    await expect(write(world)).rejects.toThrow('No space left on device');
    await desk(world, 'db', '/free-space');
    // Its server may have ended meanwhile, as it does where it can write no WAL.
    await desk(world, 'db', '/start');
    await until(
      'rows are kept again',
      () =>
        write(world).then(
          () => true,
          () => false,
        ),
      Boolean,
    );
  });

  test('is needed by the fault', async () => {
    const world = await keeper();
    await expect(world.inject('disk.full', {}, 'plain')).rejects.toThrow(
      'disk.full: the part plain can be broken so when its with has disk',
    );
    expect((await desk(world, 'plain', '/free-space')).body).toMatchObject({
      message: "plain has no disk of its own: give it one in the world's file, disk: 200MB",
    });
  });

  test.each(['stopped', 'killed'])('leaves nothing mounted when its world is %s', async (how) => {
    const world = await keeper();
    const folder = folderOf(world);
    expect(mountedIn(folder)).toHaveLength(2);
    await world.inject('disk.full', {}, 'app');
    if (how === 'stopped') await world.stop();
    else process.kill(Number(world.address['pid']), 'SIGKILL');
    await until(
      'nothing is mounted',
      () => mountedIn(folder),
      ({ length }) => length === 0,
    );
    await until(
      'the folder is gone',
      () => existsSync(folder),
      (there) => !there,
    );
  });
});
