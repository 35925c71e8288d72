import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { Instant } from '../../base/instant.ts';
import { takeBaseBackup } from '../postgres/backup.ts';
import { withConnection } from '../postgres/client.ts';
import { recoverInto } from '../postgres/recovery.ts';
import { PostgresServer } from '../postgres/server.ts';
import type { Installation } from '../postgres/server.ts';
import { renderId } from './ids.ts';

/** The logical database and the role that every instance of the world has. */
const DATABASE = 'peakops';
const ROLE = 'peakops_user';

export type DatabaseStatus =
  'creating' | 'available' | 'unavailable' | 'suspended' | 'recovery_in_progress' | 'recovery_failed';

/** A PostgreSQL instance at Render: a real server, its backups, and the state that the API tells of it. */
export class Database {
  readonly id: string;
  readonly name: string;
  readonly createdAt = new Date();
  readonly databaseName = DATABASE;
  readonly role = ROLE;
  readonly password = randomBytes(18).toString('base64url');
  readonly server: PostgresServer;
  #updatedAt = this.createdAt;
  #status: DatabaseStatus;
  #startsAt: Instant | undefined;

  private constructor(id: string, name: string, server: PostgresServer, status: DatabaseStatus) {
    this.id = id;
    this.name = name;
    this.server = server;
    this.#status = status;
  }

  /**
   * A new, empty instance, ready when it resolves; its first base backup is for the caller to take.
   * `made` is told of it before its server starts, so that it can be stopped half-way.
   */
  static async create(
    installation: Installation,
    name: string,
    made: (database: Database) => void,
  ): Promise<Database> {
    const id = renderId('dpg');
    const database = new Database(id, name, new PostgresServer(installation, id), 'creating');
    made(database);
    await database.server.initialise();
    await database.server.start();
    await withConnection(database.server.url('postgres'), async (client) => {
      await client.query(`create role ${ROLE} login password '${database.password}'`);
      await client.query(`create database ${DATABASE} owner ${ROLE}`);
    });
    database.#setStatus('available');
    return database;
  }

  /**
   * Starts a recovery of this instance's data as of a moment into a new instance, which is returned
   * at once; `done` resolves when it is available or has failed, and never rejects.
   */
  recover(name: string, target: Instant): { readonly database: Database; readonly done: Promise<void> } {
    const id = renderId('dpg');
    const server = new PostgresServer(this.server.installation, id);
    const database = new Database(id, name, server, 'recovery_in_progress');
    return { database, done: database.#restore(this.server, target) };
  }

  get status(): DatabaseStatus {
    return this.#status === 'available' && !this.server.running ? 'unavailable' : this.#status;
  }

  get suspended(): boolean {
    return this.#status === 'suspended';
  }

  get updatedAt(): Date {
    return this.#updatedAt;
  }

  /** The earliest moment that a recovery can reach; undefined before the first base backup. */
  get startsAt(): Instant | undefined {
    return this.#startsAt;
  }

  /** The connection string that the application and the operator get. */
  get url(): string {
    return this.server.url(DATABASE, { name: ROLE, password: this.password });
  }

  async backUp(): Promise<void> {
    this.#startsAt = await takeBaseBackup(this.server);
  }

  async suspend(): Promise<void> {
    this.#setStatus('suspended');
    await this.server.stop();
  }

  async resume(): Promise<void> {
    await this.server.start();
    this.#setStatus('available');
  }

  async restart(): Promise<void> {
    await this.server.stop();
    await this.server.start();
  }

  /** Its data and its backups are gone: Render keeps none of a deleted instance. */
  async delete(): Promise<void> {
    await this.server.retire();
    await rm(this.server.folder, { recursive: true, force: true });
  }

  async #restore(source: PostgresServer, target: Instant): Promise<void> {
    try {
      await recoverInto(source, this.server, target);
      this.#setStatus('creating');
      await withConnection(this.server.url('postgres'), async (client) => {
        await client.query(`alter role ${ROLE} password '${this.password}'`);
      });
      this.#setStatus('available');
      await this.backUp();
    } catch (error) {
      if (this.#status !== 'available') this.#setStatus('recovery_failed');
      this.server.installation.log(`the recovery of ${this.id} failed: ${String(error)}`);
    }
  }

  #setStatus(status: DatabaseStatus): void {
    this.#status = status;
    this.#updatedAt = new Date();
  }
}
