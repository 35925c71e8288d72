import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { chown, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Instant } from '../../base/instant.ts';
import { reservePort } from '../ground/port.ts';
import { runAs, serverEnvironment } from './account.ts';
import { withConnection } from './client.ts';
import { makeCluster, passwordFile, SUPERUSER } from './cluster.ts';
import type { Installation } from './installation.ts';

const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 10_000;
const POLL_MS = 15;

/**
 * Safe against a crash of the server, not of the machine (`fsync`): a sandbox does not
 * outlive its machine. No sockets or shared memory outside the folder, so that a server
 * that is killed leaves nothing behind elsewhere.
 */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  dynamic_shared_memory_type: 'mmap',
  shared_buffers: '16MB',
  max_connections: '40',
  fsync: 'off',
  wal_level: 'replica',
  max_wal_senders: '0',
  max_logical_replication_workers: '0',
  hot_standby: 'off',
  archive_mode: 'on',
  // Relative to the data folder, in which the server works. Never over an archived file, as PostgreSQL asks.
  archive_command: 'test ! -f ../archive/%f && cp %p ../archive/%f',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
};

/** One PostgreSQL server on a loopback port of its own: `data`, `archive`, `backup` and a log in its folder. */
export class PostgresServer {
  readonly installation: Installation;
  readonly folder: string;
  /** The earliest moment that a recovery can reach; undefined before the first base backup. */
  recoverableFrom: Instant | undefined;
  #port: number | undefined;
  #process: ChildProcess | undefined;
  #retired = false;

  constructor(installation: Installation, name: string) {
    this.installation = installation;
    this.folder = join(installation.folder, name);
  }

  get data(): string {
    return join(this.folder, 'data');
  }

  /** Archived WAL. */
  get archive(): string {
    return join(this.folder, 'archive');
  }

  /** The base backup. */
  get backup(): string {
    return join(this.folder, 'backup');
  }

  /** Where it listens; undefined while it does not run. */
  get port(): number | undefined {
    return this.running ? this.#port : undefined;
  }

  get running(): boolean {
    return this.#process?.exitCode === null && this.#process.signalCode === null;
  }

  /** A connection string; without a role that of the superuser. */
  url(database: string, role?: { readonly name: string; readonly password: string }): string {
    const { name, password } = role ?? { name: SUPERUSER, password: this.installation.password };
    return `postgresql://${name}:${password}@127.0.0.1:${String(this.#port ?? 0)}/${database}`;
  }

  /** Makes the folders; `data` stays missing. */
  async prepare(): Promise<void> {
    const { account } = this.installation;
    for (const folder of [this.folder, this.archive]) {
      // The folder of a server can be a disk of its own, which is there already.
      await mkdir(folder, { recursive: true, mode: 0o700 });
      if (account !== undefined) await chown(folder, account.uid, account.gid);
    }
  }

  /** Makes an empty cluster, with data checksums: without them overwritten pages could be read as rows. */
  async initialise(): Promise<void> {
    await this.prepare();
    await makeCluster(this.folder, this.installation);
  }

  /** Resolves when the server takes connections: after a recovery, when it has been promoted. */
  async start(settings: Readonly<Record<string, string>> = {}, timeoutMs = START_TIMEOUT_MS): Promise<void> {
    this.#port ??= await reservePort();
    await this.#launch(this.#port, settings, timeoutMs);
    await this.#replacePassword();
  }

  /** Of a new cluster, when it first runs: others may have been made with the same password. */
  async #replacePassword(): Promise<void> {
    const file = passwordFile(this.folder);
    const password = await readFile(file, 'utf8').catch(() => undefined);
    if (password === undefined) return;
    await withConnection(this.url('postgres', { name: SUPERUSER, password }), async (client) => {
      const own = client.escapeLiteral(this.installation.password);
      await client.query(`alter role ${SUPERUSER} password ${own}`);
    });
    await rm(file);
  }

  async #launch(port: number, settings: Readonly<Record<string, string>>, timeoutMs: number): Promise<void> {
    const { account, binaries } = this.installation;
    const all = Object.entries({ ...SETTINGS, port: String(port), ...settings });
    const log = await open(join(this.folder, 'server.log'), 'a');
    if (this.#retired) {
      await log.close();
      throw new Error('the server has been retired');
    }
    const child = spawn(
      binaries.postgres,
      ['-D', this.data, ...all.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      { ...runAs(account), cwd: this.folder, env: serverEnvironment(), stdio: ['ignore', log.fd, log.fd] },
    );
    this.#process = child;
    child.once('error', () => (this.#process = undefined));
    try {
      await this.#ready(timeoutMs);
    } finally {
      await log.close();
    }
  }

  /** Ends the sessions and writes everything out. Resolves when the process is gone. */
  async stop(): Promise<void> {
    const child = this.#process;
    if (child === undefined || !this.running) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
      child.kill(signal);
      const cancel = new AbortController();
      const waited = delay(STOP_TIMEOUT_MS, 'late', { signal: cancel.signal }).catch(() => 'cancelled');
      const result = await Promise.race([gone, waited]);
      cancel.abort();
      if (result === undefined) return;
    }
  }

  /** Stops for good: a start that is under way fails, and so does every later one. */
  async retire(): Promise<void> {
    this.#retired = true;
    await this.stop();
  }

  /** The last lines of the server's log, for an error message. */
  async logTail(): Promise<string> {
    const text = await readFile(join(this.folder, 'server.log'), 'utf8').catch(() => '');
    return text.trimEnd().split('\n').slice(-5).join('\n');
  }

  /** The server says in its pid file how far it is; asking it by connecting would only fill its log. */
  async #ready(timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (performance.now() < deadline) {
      if (!this.running) throw new Error(`PostgreSQL ended while it started:\n${await this.logTail()}`);
      const lines = await readFile(join(this.data, 'postmaster.pid'), 'utf8').catch(() => '');
      const [pid, , , , , , , status] = lines.split('\n');
      if (Number(pid) === this.#process?.pid && status?.trim() === 'ready') return;
      await delay(POLL_MS);
    }
    throw new Error(`PostgreSQL is not ready after ${String(timeoutMs / 1000)} s:\n${await this.logTail()}`);
  }
}
