import { mkdtemp, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { serverAccount } from '../../engine/sandbox/postgres/account.ts';
import { findBinaries, findPostgres, usable } from '../../engine/sandbox/postgres/binaries.ts';
import { copyTree } from '../../engine/sandbox/postgres/files.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drillbook-test-programs-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a PostgreSQL that is new enough is found, and is the one that doctor tells of', async () => {
  const options = { account: await serverAccount(), copyTo: join(folder, 'copy') };
  const found = await findBinaries(options);
  expect(found.version).toBeGreaterThanOrEqual(15);
  expect((await findPostgres()).version).toBe(found.fullVersion);
});

test('programs in a private folder, without the links of their libraries, are copied and made whole', async () => {
  const account = await serverAccount();
  const original = await findBinaries({ account, copyTo: join(folder, 'unused') });
  const native = join(folder, 'private', 'native');
  // mkdtemp makes the folder private to its owner; the links are left out as npm does without install scripts.
  const source = join(original.postgres, '..', '..');
  const links = JSON.parse(await readFile(join(source, 'pg-symlinks.json'), 'utf8')) as { target: string }[];
  const targets = new Set(links.map(({ target }) => target.replace('native/', '')));
  await copyTree(source, native, { leaveOut: (path) => targets.has(path) });
  const copyTo = await mkdtemp(join(tmpdir(), 'drillbook-test-copy-'));
  try {
    const copy = await usable(native, { account, copyTo });
    expect(copy.fullVersion).toBe(original.fullVersion);
    expect(copy.postgres.startsWith(copyTo)).toBe(true);
    expect(await readlink(join(copyTo, 'lib', 'libpq.so.5'))).toMatch(/^libpq\.so\.5\.\d+$/);
  } finally {
    await rm(copyTo, { recursive: true, force: true });
  }
});
