import { chown, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Instant } from '../../base/instant.ts';
import { micros, withConnection } from './client.ts';
import { copyTree } from './files.ts';
import type { PostgresServer } from './server.ts';

/** What PostgreSQL's manual says to leave out of a base backup, each a file or the content of a folder. */
const LEFT_OUT =
  /^(postmaster\.(pid|opts)|backup_label|tablespace_map|recovery\.signal|standby\.signal|.*pgsql_tmp.*|(pg_wal|pg_replslot|pg_dynshmem|pg_notify|pg_serial|pg_snapshots|pg_stat_tmp|pg_subtrans)\/.*)$/;

/**
 * Takes the base backup of a running server, as pg_basebackup does but with a file copy: the
 * embedded PostgreSQL has no other client programs. From its end on, by the server's clock,
 * a recovery can reach every moment.
 */
export async function takeBaseBackup(server: PostgresServer): Promise<void> {
  const { account } = server.installation;
  await rm(server.backup, { recursive: true, force: true });
  // One connection for both calls: the backup ends with the session that started it.
  await withConnection(server.url('postgres'), async (client) => {
    await client.query("select pg_backup_start('drillbook', true)");
    await copyTree(server.data, server.backup, {
      account,
      leaveOut: (path) => LEFT_OUT.test(path),
    });
    const stopped = await client.query<{ labelfile: string; at: string }>(
      `select labelfile, ${micros('clock_timestamp()')} as at from pg_backup_stop(false)`,
    );
    const row = stopped.rows[0];
    if (row === undefined) throw new Error('pg_backup_stop returned nothing');
    const label = join(server.backup, 'backup_label');
    await writeFile(label, row.labelfile, { mode: 0o600 });
    if (account !== undefined) await chown(label, account.uid, account.gid);
    server.recoverableFrom = new Instant(Number(row.at));
  });
}

/**
 * Sees to it that everything committed until now is in the archive, and one commit more: PostgreSQL
 * recovers to a moment only when it finds a commit after it.
 */
export async function archiveEverything(server: PostgresServer, signal: AbortSignal): Promise<void> {
  await withConnection(server.url('postgres'), async (client) => {
    await client.query('select txid_current()');
    const switched = await client.query<{ file: string }>('select pg_walfile_name(pg_switch_wal()) as file');
    const file = switched.rows[0]?.file ?? '';
    for (;;) {
      const archived = await client.query<{ done: boolean }>(
        'select coalesce(last_archived_wal >= $1, false) as done from pg_stat_archiver',
        [file],
      );
      if (archived.rows[0]?.done === true) return;
      if (signal.aborted) throw new Error(`the WAL file ${file} is not archived yet`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
}
