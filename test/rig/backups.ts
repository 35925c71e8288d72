import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { stringify } from 'yaml';
import type { JsonObject } from '../../engine/base/json.ts';
import { archiveEverything, takeBaseBackup } from '../../engine/sandbox/postgres/backup.ts';
import { startPostgres } from './postgres.ts';

/** What the row of the canary holds: bytes that are no text. */
export const CANARY = Buffer.from([0, 255, 16, 13, 10]);

export const CANARY_SHA256 = createHash('sha256').update(CANARY).digest('hex');

const SHOP = `
  create table customers (id int primary key, name text not null);
  create table orders (id int primary key, customer int references customers, note text, created_at timestamptz not null default now());
  create table canary (id int primary key, content bytea not null);
  create function says() returns text language sql as $body$ select 'a; \\b' $body$;
  insert into customers select n, 'customer ' || n from generate_series(1, 100) n;
  insert into orders select n, 1 + n % 100, E'it''s \\\\ "\\n" ' || md5(n::text) from generate_series(1, 2000) n;
  insert into canary values (1, '\\x${CANARY.toString('hex')}');`;

/** Dumps of a shop that real programs made, and others that went wrong, each in a folder of its own. */
export async function makeDumps(folder: string): Promise<void> {
  const postgres = await startPostgres();
  const place = (name: string): string => {
    mkdirSync(join(folder, name));
    return join(folder, name);
  };
  const dump = async (
    name: string,
    database: string,
    format: 'custom' | 'directory' | 'tar' | 'plain',
    ...options: readonly string[]
  ): Promise<string> => {
    const path = join(place(name), 'shop');
    const url = postgres.server.url(database);
    await promisify(execFile)('pg_dump', ['--format', format, '--file', path, ...options, url]);
    return path;
  };
  try {
    for (const name of ['shop', 'other', 'hollow', 'smaller', 'unwatched']) {
      await postgres.sql(`create database ${name}`, 'postgres');
      if (name !== 'other') await postgres.sql(SHOP, name);
    }
    await postgres.sql('create table pages (id int); insert into pages values (1)', 'other');
    await postgres.sql('truncate customers, orders, canary', 'hollow');
    await postgres.sql('delete from orders where id > 1200', 'smaller');
    await postgres.sql("update canary set content = '\\x00'", 'unwatched');
    const custom = await dump('custom', 'shop', 'custom');
    const plain = await dump('plain', 'shop', 'plain');
    await dump('directory', 'shop', 'directory');
    await dump('tar', 'shop', 'tar');
    await dump('inserts', 'shop', 'plain', '--inserts', '--create');
    await dump('other', 'other', 'custom');
    await dump('otherPlain', 'other', 'plain');
    await dump('hollow', 'hollow', 'custom');
    await dump('smaller', 'smaller', 'plain');
    await dump('unwatched', 'unwatched', 'custom');
    const text = readFileSync(plain, 'utf8');
    const written = (name: string, content: string | Uint8Array): void =>
      writeFileSync(join(place(name), 'shop'), content);
    written('compressed', gzipSync(text));
    written('cutCompressed', gzipSync(text).subarray(0, 20_000));
    written('empty', '');
    written('cut', readFileSync(custom).subarray(0, 30_000));
    // In the middle of a table: psql takes what is there for the whole of it.
    written('cutPlain', text.slice(0, text.indexOf('\n1500\t')));
    const withLine = (line: string): string =>
      text.replace('SET row_security', (found) => `${line}\n${found}`);
    written('warns', withLine("do $$ begin raise warning 'mind the gap'; end $$;"));
    written('command', withLine(String.raw`\! touch /tmp/never`));
    written('noDump', 'hello\n');
  } finally {
    await postgres.close();
  }
}

/** A base backup in `bases/monday` and the WAL since in `wal`, of 21 000 orders of which it holds 1000 itself. */
export async function makeBaseBackup(folder: string): Promise<void> {
  const postgres = await startPostgres();
  const { server } = postgres;
  try {
    await postgres.sql('create database shop', 'postgres');
    await postgres.sql(
      'create table orders (id int primary key, created_at timestamptz default now())',
      'shop',
    );
    await postgres.sql('insert into orders select n from generate_series(1, 1000) n', 'shop');
    await takeBaseBackup(server);
    for (const first of [1001, 6001, 11_001, 16_001]) {
      await postgres.sql(
        `insert into orders select n from generate_series(${String(first)}, ${String(first + 4999)}) n`,
        'shop',
      );
      await archiveEverything(server, AbortSignal.timeout(60_000));
    }
    cpSync(server.backup, join(folder, 'bases', 'monday'), { recursive: true });
    cpSync(server.archive, join(folder, 'wal'), { recursive: true });
    // As whoever makes backups would: the account of the servers may read them.
    await promisify(execFile)('chmod', ['-R', 'a+rX', folder]);
  } finally {
    await postgres.close();
  }
}

/** The file of a backup in a folder of playbooks. */
export function describeBackup(playbooks: string, name: string, backup: JsonObject): void {
  mkdirSync(join(playbooks, 'backups'), { recursive: true });
  writeFileSync(join(playbooks, 'backups', `${name}.yaml`), stringify({ version: 1, name, ...backup }));
}

/** What a shop asks of its dumps. */
export const CHECKS: JsonObject = {
  age: '26h',
  tables: {
    orders: { rows: 1000, share: 0.9, newest: { column: 'created_at', within: '26h' } },
    customers: { checksum: 'same' },
  },
  canaries: { first: { table: 'canary', column: 'content', where: 'id = 1', sha256: CANARY_SHA256 } },
  queries: {
    customers: {
      title: 'Every order has its customer',
      sql: 'select count(*) as orphans from orders where customer is null',
      that: 'output.rows[0].orphans == 0',
      broken: 'update orders set customer = null',
    },
  },
};
