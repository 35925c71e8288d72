import { text } from '../../context/members.ts';
import { rowsOf } from '../client/server.ts';
import type { Session } from '../client/session.ts';

const MEBIBYTE = 1024 * 1024;

/**
 * For the sessions of pg_restore alone; every role may set it. Index builds want memory: all jobs together get
 * as much as the server keeps for its buffers, which is a quarter of the machine where somebody has thought of it.
 * None of their commits, one for each table, index and key, waits for the disk: they are durable with the first commit
 * of the step's own session after them, which has to wait for all WAL before it.
 */
export async function sessionTuning(session: Session, jobs: number): Promise<string> {
  const [row] = await rowsOf(
    session,
    `select pg_size_bytes(current_setting('shared_buffers')) as buffers,
       pg_size_bytes(current_setting('maintenance_work_mem')) as memory`,
  );
  const share = Math.min(1024 * MEBIBYTE, Number(row?.['buffers']) / jobs);
  const memory = Math.max(64 * MEBIBYTE, Number(row?.['memory']), share);
  return `-c maintenance_work_mem=${Math.floor(memory / 1024)}kB -c synchronous_commit=off`;
}

/** Dumps below that size are restored before the settings of a server would matter. */
export const WORTH_TUNING_BYTES = 64 * 1024 * 1024;

/**
 * Settings of the whole server, for a superuser: with the usual gigabyte of WAL between two checkpoints a bulk
 * load writes most pages twice. They change how much WAL is kept, and nothing of what is safe.
 */
const SERVER_TUNING: Readonly<Record<string, string>> = { max_wal_size: '4GB', checkpoint_timeout: '30min' };

export type SavedSettings = Readonly<Record<string, string | null>>;

/** What stands in the server's own file (`alter system`) for each setting that `tuneServer` would change. */
export async function savedSettings(session: Session): Promise<SavedSettings> {
  const rows = await rowsOf(
    session,
    `select distinct on (s.name) s.name, f.setting
     from pg_settings s left join pg_file_settings f
       on f.name = s.name and f.sourcefile like '%/postgresql.auto.conf'
     where s.name = any($1) and (s.name <> 'max_wal_size' or s.setting::bigint < 4096)
       and (s.name <> 'checkpoint_timeout' or s.setting::int < 1800)
     order by s.name, f.seqno desc`,
    [Object.keys(SERVER_TUNING)],
  );
  return Object.fromEntries(
    rows.map((row) => [text(row, 'name'), row['setting'] === null ? null : text(row, 'setting')]),
  );
}

export async function tuneServer(session: Session, saved: SavedSettings): Promise<void> {
  for (const name of Object.keys(saved)) {
    if (SERVER_TUNING[name] !== undefined) await alterSystem(session, name, SERVER_TUNING[name]);
  }
  await session.command('select pg_reload_conf()');
}

export async function restoreSettings(session: Session, saved: SavedSettings): Promise<void> {
  if (Object.keys(saved).length === 0) return;
  for (const [name, value] of Object.entries(saved)) {
    // The comment that they were kept in could have been written by anybody.
    if (SERVER_TUNING[name] !== undefined) await alterSystem(session, name, value);
  }
  await session.command('select pg_reload_conf()');
}

const alterSystem = (session: Session, name: string, value: string | null): Promise<void> =>
  session.command(
    value === null
      ? `alter system reset ${name}`
      : `alter system set ${name} = '${value.replaceAll("'", "''")}'`,
  );
