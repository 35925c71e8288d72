import { chmod, chown, readFile, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { join } from 'node:path';
import { Instant } from '../../../base/instant.ts';
import { runAs } from '../../postgres/account.ts';
import { copyTree } from '../../postgres/files.ts';
import type { PostgresServer } from '../../postgres/server.ts';
import { SEGMENT, newestHeld } from './gap.ts';

/** How long PostgreSQL may replay WAL before the copy is given up. */
const RECOVERY_MS = 6 * 60 * 60 * 1000;

/** A base backup as it lies there. */
export interface BaseBackup {
  readonly path: string;
  readonly bytes: number;
  /** When it was begun, as its label says; else when its folder was changed last. */
  readonly takenAt: Instant;
  /** Major version of the server that it was taken of. */
  readonly major: number;
  /** How many there are to choose from. */
  readonly count: number;
}

/** The newest base backup of a folder, or the one that the folder is. Throws, in words, where there is none. */
export async function findBaseBackup(path: string): Promise<BaseBackup> {
  const names = await readdir(path).catch(() => {
    throw new Error(`there is no folder ${path} that could be read`);
  });
  const places = names.includes('PG_VERSION') ? [path] : names.map((name) => join(path, name));
  const found = (await Promise.all(places.map(lookAt))).filter((backup) => backup !== undefined);
  const [newest] = found.toSorted((one, other) => other.takenAt.epochMicros - one.takenAt.epochMicros);
  if (newest === undefined) {
    throw new Error(`there is no base backup in ${path}: none of its folders holds a PG_VERSION`);
  }
  return { ...newest, bytes: await sizeOf(newest.path), count: found.length };
}

async function lookAt(path: string): Promise<Omit<BaseBackup, 'bytes' | 'count'> | undefined> {
  const version = await readFile(join(path, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (version === undefined) return undefined;
  const label = await readFile(join(path, 'backup_label'), 'utf8').catch(() => '');
  const said = /^START TIME: (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) (?:UTC|GMT)$/m.exec(label);
  const started = said === null ? undefined : Instant.parse(`${said[1] ?? ''}T${said[2] ?? ''}Z`);
  return {
    path,
    takenAt: started ?? Instant.fromMillis((await stat(path)).mtimeMs),
    major: Number.parseInt(version, 10),
  };
}

async function sizeOf(path: string): Promise<number> {
  const entries = await readdir(path, { withFileTypes: true });
  const sizes = await Promise.all(
    entries.map(async (entry) => {
      const inside = join(path, entry.name);
      if (entry.isDirectory()) return sizeOf(inside);
      return entry.isFile() ? (await stat(inside)).size : 0;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/**
 * Starts a server on a copy of a base backup, and has it replay the WAL of an archive to its end. Nothing of the
 * configuration of the server that it was taken of counts: it names that server's archive, and its other servers.
 * Gives the newest WAL that lay in the copy itself.
 */
export async function startOnBaseBackup(
  server: PostgresServer,
  backup: BaseBackup,
  { wal, command }: { readonly wal: string | undefined; readonly command: string | undefined },
): Promise<string | undefined> {
  const restoreCommand = wal === undefined ? command : `cp ${quoted(wal)}/%f %p`;
  const { account, binaries } = server.installation;
  if (backup.major !== binaries.version) {
    throw new Error(
      `the base backup is of PostgreSQL ${String(backup.major)}, and the server of this machine is ${binaries.fullVersion}`,
    );
  }
  if ((await readdir(join(backup.path, 'pg_tblspc'))).length > 0) {
    throw new Error(
      'the base backup has tablespaces, whose folders are those of the server that it was taken of',
    );
  }
  // What a program has fetched lies there already.
  if (backup.path !== server.data) {
    await server.prepare();
    await copyTree(backup.path, server.data, { account });
  }
  // PostgreSQL starts in no folder that others may read, and whoever copied a backup may have opened it.
  await chmod(server.data, 0o700);
  for (const name of ['postmaster.pid', 'postmaster.opts', 'standby.signal', 'recovery.signal']) {
    await rm(join(server.data, name), { force: true });
  }
  await truncate(join(server.data, 'postgresql.auto.conf')).catch(() => undefined);
  const own = async (name: string, content: string): Promise<string> => {
    const path = join(server.folder, name);
    await writeFile(path, content, { mode: 0o600 });
    if (account !== undefined) await chown(path, account.uid, account.gid);
    return path;
  };
  if (restoreCommand !== undefined) {
    const signal = join(server.data, 'recovery.signal');
    await writeFile(signal, '', { mode: 0o600 });
    if (account !== undefined) await chown(signal, account.uid, account.gid);
  }
  const held = await newestHeld(server.data);
  await server.start(
    {
      config_file: await own('postgresql.conf', ''),
      // The folder of the socket is the server's own: nobody else comes in without a password.
      hba_file: await own('pg_hba.conf', 'local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n'),
      ident_file: await own('pg_ident.conf', ''),
      unix_socket_directories: server.folder,
      ...(restoreCommand !== undefined && {
        restore_command: restoreCommand,
        recovery_target_action: 'promote',
        recovery_target_timeline: 'latest',
      }),
    },
    RECOVERY_MS,
  );
  return held;
}

/** For the shell that PostgreSQL gives the command to; a `%` would be read by PostgreSQL itself. */
const quoted = (path: string): string => `'${path.replaceAll("'", String.raw`'\''`).replaceAll('%', '%%')}'`;

/**
 * Whether the account of the servers may read the archive. PostgreSQL takes a file that it cannot have for the end of
 * the archive, and says nothing.
 */
export async function demandReadable(server: PostgresServer, wal: string): Promise<void> {
  const { account } = server.installation;
  const newest = (await readdir(wal))
    .filter((name) => SEGMENT.test(name))
    .sort()
    .at(-1);
  if (newest === undefined) throw new Error(`there is no WAL in ${wal}`);
  try {
    await promisify(execFile)('head', ['-c', '1', join(wal, newest)], { ...runAs(account), cwd: '/' });
  } catch (cause) {
    const who = account === undefined ? 'you' : `the account ${account.name}, as which the server runs,`;
    throw new Error(`${who} may not read ${join(wal, newest)}`, { cause });
  }
}
