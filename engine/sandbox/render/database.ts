import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { Instant } from '../../base/instant.ts';
import { takeBaseBackup } from '../postgres/backup.ts';
import { withConnection } from '../postgres/client.ts';
import type { Gate } from '../postgres/gate.ts';
import { recoverInto } from '../postgres/recovery.ts';
import { PostgresServer } from '../postgres/server.ts';
import type { Installation } from '../postgres/installation.ts';
import type { DatabaseChange, DatabaseSettings } from './database-settings.ts';
import { recoveredSettings } from './database-settings.ts';
import { Doors } from './doors.ts';
import { Exports } from './exports.ts';
import { renderId } from './ids.ts';

export type DatabaseStatus =
  'creating' | 'available' | 'unavailable' | 'suspended' | 'recovery_in_progress' | 'recovery_failed';

interface Kept {
  readonly server: PostgresServer;
  readonly password: string;
  readonly settings: DatabaseSettings;
}

interface Beginning extends Kept {
  readonly id: string;
  readonly status: DatabaseStatus;
}

interface KeptServer extends Kept {
  readonly internal: Gate;
}

/** A PostgreSQL instance at Render: a real server, its backups, and the state that the API tells of it. */
export class Database {
  readonly id: string;
  readonly createdAt = new Date();
  readonly exports: Exports;
  readonly password: string;
  readonly server: PostgresServer;
  #settings: DatabaseSettings;
  #updatedAt = this.createdAt;
  #status: DatabaseStatus;
  #doors: Doors | undefined;
  #closed = false;
  /** Being made, or backed up for the first time. Never rejects. */
  #work: Promise<void> = Promise.resolve();

  private constructor({ id, server, password, settings, status }: Beginning) {
    this.id = id;
    this.server = server;
    this.password = password;
    this.exports = new Exports(this);
    this.#settings = settings;
    this.#status = status;
  }

  static #new(installation: Installation, settings: DatabaseSettings, status: DatabaseStatus): Database {
    const id = renderId('dpg');
    const password = randomBytes(18).toString('base64url');
    return new Database({ id, server: new PostgresServer(installation, id), password, settings, status });
  }

  /**
   * Takes over a server that runs, with its data; its first base backup is for the caller to take. `internal`: the
   * address that those in the private network know.
   */
  static async keep({ internal, ...kept }: KeptServer): Promise<Database> {
    const database = new Database({ id: renderId('dpg'), ...kept, status: 'available' });
    await database.#openDoors(internal);
    return database;
  }

  /**
   * A new, empty instance, ready when it resolves; its first base backup is for the caller to take.
   * `made` is told of it before its server starts, so that it can be stopped half-way.
   */
  static async create(
    installation: Installation,
    settings: DatabaseSettings,
    made: (database: Database) => void,
  ): Promise<Database> {
    const database = Database.#new(installation, settings, 'creating');
    made(database);
    await database.#build();
    return database;
  }

  /** Orders an instance, which is returned at once; `done` as with `recover`. */
  static order(
    installation: Installation,
    settings: DatabaseSettings,
  ): { readonly database: Database; readonly done: Promise<void> } {
    const database = Database.#new(installation, settings, 'creating');
    const build = async (): Promise<void> => {
      try {
        await database.#build();
        await database.backUp();
      } catch (error) {
        if (database.#status !== 'available') database.#setStatus('unavailable');
        installation.log(`${database.id} could not be made: ${String(error)}`);
      }
    };
    return { database, done: (database.#work = build()) };
  }

  async #build(): Promise<void> {
    await this.#openDoors();
    await this.server.initialise();
    await this.server.start();
    await withConnection(this.server.url('postgres'), async (client) => {
      const role = client.escapeIdentifier(this.role);
      await client.query(`create role ${role} login password '${this.password}'`);
      await client.query(`create database ${client.escapeIdentifier(this.databaseName)} owner ${role}`);
    });
    this.#setStatus('available');
  }

  /**
   * Starts a recovery of this instance's data as of a moment into a new instance, which is returned
   * at once; `done` resolves when it is available or has failed, and never rejects.
   */
  recover(
    name: string,
    target: Instant,
    plan?: string,
  ): { readonly database: Database; readonly done: Promise<void> } {
    const database = Database.#new(
      this.server.installation,
      recoveredSettings(this.#settings, name, plan),
      'recovery_in_progress',
    );
    return { database, done: (database.#work = database.#restore(this.server, target)) };
  }

  get settings(): DatabaseSettings {
    return this.#settings;
  }

  get name(): string {
    return this.#settings.name;
  }

  get region(): string {
    return this.#settings.region;
  }

  get databaseName(): string {
    return this.#settings.databaseName;
  }

  get role(): string {
    return this.#settings.role;
  }

  change(settings: DatabaseChange): void {
    this.#settings = { ...this.#settings, ...settings };
    this.#updatedAt = new Date();
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
    return this.server.recoverableFrom;
  }

  /** The connection string for the provider's private network. */
  get url(): string {
    return this.#urlThrough(this.#doors?.internal.port);
  }

  /** The connection string for everybody else: it leads in only from the allow list. */
  get externalUrl(): string {
    return this.#urlThrough(this.#doors?.external.port);
  }

  #urlThrough(port: number | undefined): string {
    return `postgresql://${this.role}:${this.password}@127.0.0.1:${String(port ?? 0)}/${this.databaseName}`;
  }

  /** From now on who connects, or is connected, gets no answer; undefined: as before. */
  hang(millis: number | undefined): void {
    this.#doors?.hang(millis);
  }

  async backUp(): Promise<void> {
    await takeBaseBackup(this.server);
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
    await this.shutDown();
    await Promise.all([this.#work, this.exports.whenDone()]);
    await rm(this.server.folder, { recursive: true, force: true });
  }

  /** Stops for good; the files stay. */
  async shutDown(): Promise<void> {
    this.#closed = true;
    await this.server.retire();
    await this.#doors?.close();
  }

  async #openDoors(internal?: Gate): Promise<void> {
    this.#doors = await Doors.open(this.server, () => this.#settings.allowList, internal);
    // The world may have ended meanwhile.
    if (this.#closed) await this.#doors.close();
  }

  async #restore(source: PostgresServer, target: Instant): Promise<void> {
    try {
      await this.#openDoors();
      await recoverInto(source, this.server, target);
      this.#setStatus('creating');
      await withConnection(this.server.url('postgres'), async (client) => {
        await client.query(`alter role ${client.escapeIdentifier(this.role)} password '${this.password}'`);
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
