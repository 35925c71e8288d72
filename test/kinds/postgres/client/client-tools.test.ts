import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findClientTools } from '../../../../engine/kinds/postgres/client/client-tools.ts';
import { failureOf } from '../../../rig/step.ts';

let machine: string;

beforeEach(async () => {
  machine = await mkdtemp(join(tmpdir(), 'drillbook-test-'));
});
afterEach(async () => {
  delete process.env['PG_BINDIR'];
  await rm(machine, { recursive: true, force: true });
});

/** A folder with programs that say that they are of that version. */
async function installed(version: string, programs = ['pg_dump', 'pg_restore']): Promise<string> {
  const folder = join(machine, version);
  await mkdir(folder);
  for (const name of programs) {
    await writeFile(join(folder, name), `#!/bin/sh\necho "${name} (PostgreSQL) ${version}"\n`);
    await chmod(join(folder, name), 0o755);
  }
  return folder;
}

describe('the tools that are taken', () => {
  test('are the nearest that are not older than the server', async () => {
    const folders = [await installed('17.2'), await installed('14.9'), await installed('16.4')];
    expect(await findClientTools(15, 'peakops-main', folders)).toMatchObject({ version: '16.4', major: 16 });
    expect(await findClientTools(17, 'peakops-main', folders)).toMatchObject({ folder: folders[0] });
  });

  test('are those of PG_BINDIR, unless they are too old', async () => {
    const folders = [await installed('15.18')];
    process.env['PG_BINDIR'] = await installed('16.4');
    expect(await findClientTools(15, 'peakops-main', folders)).toMatchObject({ version: '16.4' });
    process.env['PG_BINDIR'] = await installed('13.2');
    expect(await findClientTools(15, 'peakops-main', folders)).toMatchObject({ version: '15.18' });
  });
});

describe('told before anything starts', () => {
  test('there are none, or half of them', async () => {
    const folders = [machine, await installed('15.18', ['pg_dump'])];
    const error = await failureOf(findClientTools(15, 'peakops-main', folders));
    expect(error).toMatchObject({ code: 'clientToolsMissing', changed: 'nothing' });
    expect(error.message).toMatch(/^there is no pg_dump and pg_restore on this machine: looked in PG_BINDIR/);
    expect(error.hint).toMatch(/"apt install postgresql-client-15" .* or set PG_BINDIR/);
  });

  test('all are older than the server', async () => {
    process.env['PG_BINDIR'] = await installed('12.4');
    const error = await failureOf(findClientTools(15, 'peakops-main', [await installed('14.9')]));
    expect(error).toMatchObject({ code: 'clientToolsTooOld', changed: 'nothing' });
    expect(error.message).toBe(
      'peakops-main needs pg_dump and pg_restore of PostgreSQL 15 or later; those here are of 12.4, 14.9',
    );
    expect(error.hint).toContain('apt install postgresql-client-15');
  });
});
