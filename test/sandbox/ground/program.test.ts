import { existsSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { endStarted } from '../../../engine/sandbox/ground/started.ts';
import { Program } from '../../../engine/sandbox/ground/program.ts';
import { temporaryFolder } from '../../rig/drillbook.ts';

const programIn = (worldFolder: string, command: readonly string[], env = {}): Program =>
  new Program({ command, cwd: '/', env, worldFolder, log: join(temporaryFolder(), 'log') });

test('a program is itself: its number, its arguments as they are, no input', async () => {
  const folder = temporaryFolder();
  const script = 'echo "$$ $1"; cat';
  const program = programIn(folder, ['sh', '-c', script, 'sh', `it's "$HOME"`]);
  await program.start();
  await program.succeeds(10_000);
  expect(await program.lastLines()).toBe(`${String(program.pid)} it's "$HOME"`);
});

test('one that cannot be noted never begins: a world that is killed in between would leave it behind', async () => {
  const folder = temporaryFolder();
  const [notAFolder, begun] = [join(folder, 'file'), join(folder, 'begun')];
  writeFileSync(notAFolder, '');
  const program = programIn(notAFolder, ['touch', begun]);
  await expect(program.start()).rejects.toThrow(/ENOTDIR/);
  await program.succeeds(10_000).catch(() => undefined);
  expect(program.running).toBe(false);
  expect(existsSync(begun)).toBe(false);
});

test('one that runs is ended by its note alone, whatever has become of its environment', async () => {
  const folder = temporaryFolder();
  const program = programIn(folder, ['env', '--ignore-environment', 'sleep', '600']);
  await program.start();
  await endStarted(folder);
  await expect(program.succeeds(10_000)).rejects.toThrow('it was ended by SIGKILL');
});

test('a program that is not there is told', async () => {
  const program = programIn(temporaryFolder(), ['no-such-program']);
  await expect(program.start()).rejects.toThrow('there is no program no-such-program here');
  expect(program.ending).toBe('there is no program no-such-program here');
});

test('it is looked for where its own environment says', async () => {
  const folder = temporaryFolder();
  const bin = join(folder, 'bin');
  await mkdir(bin);
  writeFileSync(join(bin, 'mine'), '#!/bin/sh\necho found\n', { mode: 0o755 });
  const program = programIn(folder, ['mine'], { PATH: `${bin}:/usr/bin:/bin` });
  await program.start();
  await program.succeeds(10_000);
  expect(await program.lastLines()).toBe('found');
});

test('a folder to work in that is not there is told', async () => {
  const log = join(temporaryFolder(), 'log');
  const program = new Program({ command: ['true'], cwd: '/no/such', env: {}, worldFolder: '/tmp', log });
  await expect(program.start()).rejects.toThrow(/true cannot be started in \/no\/such/);
});
