import { execFile } from 'node:child_process';
import { chown, cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';
import { findProgram } from '../../engine/base/programs.ts';
import type { Account } from '../../engine/sandbox/postgres/account.ts';
import { runAs } from '../../engine/sandbox/postgres/account.ts';
import { archiveEverything } from '../../engine/sandbox/postgres/backup.ts';
import { startPostgres } from './postgres.ts';

/** A repository that Barman has made of a server with the database `shop`, and copies of it that went wrong. */
export interface BarmanRig {
  /** The command that restores the newest backup of a repository into `{data}`. */
  restore(repository: string): readonly string[];
  /** A copy from which a file of WAL is taken. `isKnown`: Barman's catalogue has it, as where a disk lost it; else it never came. */
  without(name: string, isKnown: boolean): Promise<string>;
}

const WHOLE = 'whole';

/** Has Barman back up a server: a base backup by the streaming protocol, then 20 000 rows in archived WAL. */
export async function makeBarmanRepository(folder: string): Promise<BarmanRig> {
  const postgres = await startPostgres();
  const { server } = postgres;
  const { account } = server.installation;
  const repository = new Repository(folder, server.url('postgres'), account);
  try {
    await repository.describe(WHOLE);
    // It makes its folders, and says that nothing is archived yet.
    await repository.barman(WHOLE, 'check', 'shop').catch(() => undefined);
    const incoming = join(folder, WHOLE, 'shop', 'incoming');
    await server.stop();
    await server.start({ max_wal_senders: '4', archive_command: `cp %p '${incoming}/%f'` });
    await postgres.sql('create database shop', 'postgres');
    await postgres.sql(
      'create table orders (id int primary key, created_at timestamptz default now())',
      'shop',
    );
    const archive = async (): Promise<void> => {
      await archiveEverything(server, AbortSignal.timeout(60_000));
      await repository.barman(WHOLE, 'archive-wal', 'shop');
    };
    await archive();
    await repository.barman(WHOLE, 'backup', 'shop');
    for (const first of [1, 5001, 10_001, 15_001]) {
      const last = String(first + 4999);
      await postgres.sql(`insert into orders select generate_series(${String(first)}, ${last})`, 'shop');
      await archive();
    }
  } finally {
    await postgres.close();
  }
  return repository;
}

class Repository implements BarmanRig {
  readonly #folder: string;
  readonly #conninfo: string;
  readonly #account: Account | undefined;

  constructor(folder: string, url: string, account: Account | undefined) {
    const { hostname, port, username, password } = new URL(url);
    this.#folder = folder;
    this.#conninfo = `host=${hostname} port=${port} user=${username} password=${password} dbname=postgres`;
    this.#account = account;
  }

  restore(repository: string): readonly string[] {
    return ['barman', '--config', this.#configOf(repository), 'recover', 'shop', 'latest', '{data}'];
  }

  async without(name: string, isKnown: boolean): Promise<string> {
    await cp(join(this.#folder, WHOLE), join(this.#folder, name), { recursive: true });
    await this.describe(name);
    const wals = join(this.#folder, name, 'shop', 'wals');
    const all = await readdir(wals, { recursive: true });
    const segments = all.filter((path) => /\/[0-9A-F]{24}$/.test(path)).sort();
    await rm(join(wals, segments.at(-2) ?? ''));
    // From the files that are there it makes its catalogue anew.
    if (!isKnown) await this.barman(name, 'rebuild-xlogdb', 'shop');
    await this.#own(name);
    return name;
  }

  async describe(name: string): Promise<void> {
    const home = join(this.#folder, name);
    await mkdir(home, { recursive: true });
    const programs = dirname((await findProgram('pg_basebackup')) ?? '');
    const settings = {
      ...{ barman_user: this.#account?.name ?? userInfo().username, barman_home: home },
      ...{ barman_lock_directory: home, log_file: join(home, 'barman.log') },
      ...{ backup_method: 'postgres', archiver: 'on', streaming_archiver: 'off', path_prefix: programs },
      ...{ conninfo: this.#conninfo, streaming_conninfo: this.#conninfo },
    };
    const lines = Object.entries(settings).map(([key, value]) => `${key} = ${value}`);
    const [general, own] = [lines.slice(0, 4), lines.slice(4)];
    const text = ['[barman]', ...general, '[shop]', 'description = "A shop"', ...own, ''].join('\n');
    await writeFile(this.#configOf(name), text);
    await this.#own(name);
  }

  /** As the account of the servers, to which the repository belongs. */
  async barman(name: string, ...args: readonly string[]): Promise<void> {
    const all = ['--config', this.#configOf(name), ...args];
    await promisify(execFile)('barman', all, { ...runAs(this.#account), cwd: this.#folder });
  }

  #configOf(name: string): string {
    return join(this.#folder, `${name}.conf`);
  }

  async #own(name: string): Promise<void> {
    if (this.#account === undefined) return;
    const { uid, gid } = this.#account;
    const home = join(this.#folder, name);
    const inside = await readdir(home, { recursive: true });
    for (const path of [home, this.#configOf(name), ...inside.map((each) => join(home, each))])
      await chown(path, uid, gid);
  }
}
