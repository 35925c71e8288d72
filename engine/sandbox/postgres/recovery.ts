import { chown, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Instant } from '../../base/instant.ts';
import { archiveEverything } from './backup.ts';
import { copyTree } from './files.ts';
import type { PostgresServer } from './server.ts';

const ARCHIVE_TIMEOUT_MS = 20_000;

/**
 * Point-in-time recovery by PostgreSQL itself, into a new server: a copy of the source's base
 * backup, then its archived WAL up to and including the last commit at the target. Resolves when
 * the new server is promoted and takes connections. The source runs on, untouched.
 */
export async function recoverInto(
  source: PostgresServer,
  server: PostgresServer,
  target: Instant,
): Promise<void> {
  await archiveEverything(source, AbortSignal.timeout(ARCHIVE_TIMEOUT_MS));
  await server.prepare();
  await replay(source, server, target);
}

/**
 * The same of a server itself, at its own address. What it held until then is kept beside it; when the recovery
 * fails, that is put back and runs again.
 */
export async function recoverInPlace(server: PostgresServer, target: Instant): Promise<void> {
  if (!server.running) await server.start();
  await archiveEverything(server, AbortSignal.timeout(ARCHIVE_TIMEOUT_MS));
  await server.stop();
  const before = `${server.data}-before-${String(Date.now())}`;
  await rename(server.data, before);
  try {
    await replay(server, server, target);
  } catch (error) {
    await server.stop();
    await rm(server.data, { recursive: true, force: true });
    await rename(before, server.data);
    await server.start();
    throw error;
  }
}

async function replay(source: PostgresServer, server: PostgresServer, target: Instant): Promise<void> {
  const { account } = source.installation;
  await copyTree(source.backup, server.data, { account });
  const signal = join(server.data, 'recovery.signal');
  await writeFile(signal, '', { mode: 0o600 });
  if (account !== undefined) await chown(signal, account.uid, account.gid);
  await server.start({
    // Relative to the data folder; the names of servers hold no character that a shell would read.
    restore_command: `cp ../../${basename(source.folder)}/archive/%f %p`,
    // Not with a Z: the names of time zones are not known yet when the server reads this.
    recovery_target_time: target.toString().replace('Z', '+00'),
    recovery_target_inclusive: 'on',
    recovery_target_action: 'promote',
  });
}
