import { randomBytes } from 'node:crypto';
import { Duration } from '../../base/duration.ts';
import type { Instant } from '../../base/instant.ts';
import { Database } from './database.ts';
import type { DatabaseSettings } from './database-settings.ts';
import { renderId } from './ids.ts';
import { Outage } from './outage.ts';
import type { Installation } from '../postgres/installation.ts';
import type { Limits } from './limits.ts';
import { RENDER_LIMITS } from './limits.ts';
import type { Service } from './service.ts';

/** Render's rule: a recovery cannot reach the last ten minutes (render.com/docs/postgresql-backups). */
export const REAL_TARGETABLE_AFTER = new Duration(10 * 60 * 1_000_000);
/** The same in the sandbox, which says so in its environment. */
export const TARGETABLE_AFTER = new Duration(3 * 1_000_000);

/** Everything that one workspace at Render holds. */
export class Workspace {
  readonly id = renderId('tea');
  readonly name: string;
  readonly key = `rnd_${randomBytes(20).toString('base64url')}`;
  readonly limits: Limits;
  readonly services = new Map<string, Service>();
  readonly databases = new Map<string, Database>();
  readonly outage = new Outage(this);
  /** What the DNS records of names lead to: addresses of services. Told from outside. */
  readonly leads = new Map<string, () => string>();
  readonly #underWay = new Set<Promise<void>>();
  /** Whose programs a database that is ordered runs, by their major version. */
  readonly #installations = new Map<string, Installation>();

  constructor(name: string, limits: Partial<Limits> = {}) {
    this.name = name;
    this.limits = { ...RENDER_LIMITS, ...limits };
  }

  addService(service: Service): void {
    this.services.set(service.id, service);
  }

  addDatabase(database: Database): void {
    this.databases.set(database.id, database);
    const { installation } = database.server;
    const major = String(installation.binaries.version);
    if (!this.#installations.has(major)) this.#installations.set(major, installation);
  }

  /** The major versions of the servers here: those of which one can be ordered. */
  get postgresVersions(): readonly string[] {
    return [...this.#installations.keys()];
  }

  /** Orders a new, empty instance; it is in the workspace from now on. */
  order(settings: DatabaseSettings, version: string): Database {
    const installation = this.#installations.get(version);
    if (installation === undefined) throw new Error(`the workspace has no PostgreSQL ${version}`);
    const { database, done } = Database.order(installation, settings);
    this.addDatabase(database);
    this.#underWay.add(done);
    return database;
  }

  /** Starts a recovery; the new instance is in the workspace from now on. */
  recover(source: Database, name: string, target: Instant, plan?: string): Database {
    const { database, done } = source.recover(name, target, plan);
    this.addDatabase(database);
    this.#underWay.add(done);
    return database;
  }

  /** Stops every service and server. */
  async shutDown(): Promise<void> {
    this.outage.forget();
    await Promise.all(Array.from(this.services.values(), (service) => service.shutDown()));
    await Promise.all(Array.from(this.databases.values(), (database) => database.shutDown()));
    await Promise.all(this.#underWay);
  }
}
