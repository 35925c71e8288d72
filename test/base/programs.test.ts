import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PROGRAMS, findProgram, howToInstall, postgresFolders } from '../../engine/base/programs.ts';
import type { ProgramName } from '../../engine/base/programs.ts';

let machine: string;

beforeEach(async () => {
  machine = await mkdtemp(join(tmpdir(), 'drillbook-test-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(machine, { recursive: true, force: true });
});

/** A folder with a program of that name, and what it is allowed. */
async function installed(folder: string, name: string, mode = 0o755): Promise<string> {
  const file = join(machine, folder, name);
  await mkdir(join(machine, folder), { recursive: true });
  await writeFile(file, '#!/bin/sh\n');
  await chmod(file, mode);
  return file;
}

describe('a program', () => {
  it('is the first on the path that can be started', async () => {
    await installed('a', 'openssl', 0o644);
    const file = await installed('b', 'openssl');
    await installed('c', 'openssl');
    vi.stubEnv('PATH', ['a', 'b', 'c'].map((folder) => join(machine, folder)).join(delimiter));
    expect(await findProgram('openssl')).toBe(file);
  });

  it('is not there when no folder has it', async () => {
    vi.stubEnv('PATH', join(machine, 'nothing'));
    expect(await findProgram('python3')).toBeUndefined();
  });

  it('of PostgreSQL is taken from PG_BINDIR first', async () => {
    const file = await installed('chosen', 'pg_dump');
    vi.stubEnv('PATH', join(await installed('path', 'pg_dump'), '..'));
    vi.stubEnv('PG_BINDIR', join(machine, 'chosen'));
    expect(await findProgram('pg_dump')).toBe(file);
    expect((await postgresFolders()).slice(0, 2)).toEqual([join(machine, 'chosen'), join(machine, 'path')]);
  });
});

describe('how to install it', () => {
  it.each(Object.keys(PROGRAMS) as ProgramName[])('is said of %s by its package', (name) => {
    expect(howToInstall(name)).toContain(`"apt install ${PROGRAMS[name].debian}" on Debian`);
  });

  it('names Homebrew where macOS does not bring it', () => {
    expect(howToInstall('pg_restore')).toContain('"brew install libpq" on macOS');
  });

  it('is not known of a program of somebody else', () => {
    expect(howToInstall('restic')).toBeUndefined();
  });
});
