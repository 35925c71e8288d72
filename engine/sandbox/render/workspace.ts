import { randomBytes } from 'node:crypto';
import { Duration } from '../../base/duration.ts';
import type { Instant } from '../../base/instant.ts';
import type { Database } from './database.ts';
import { renderId } from './ids.ts';
import type { Limits } from './limits.ts';
import { RENDER_LIMITS } from './limits.ts';
import type { Service } from './service.ts';

/** Render's rule: a recovery cannot reach the last ten minutes (render.com/docs/postgresql-backups). */
export const REAL_TARGETABLE_AFTER = new Duration(10 * 60 * 1_000_000);
/** The same in the sandbox, which says so in its environment. */
export const TARGETABLE_AFTER = new Duration(3 * 1_000_000);

export const REGION = 'oregon';

/** Everything that one workspace at Render holds. */
export class Workspace {
  readonly id = renderId('tea');
  readonly name = 'PeakOps (sandbox)';
  readonly key = `rnd_${randomBytes(20).toString('base64url')}`;
  readonly limits: Limits;
  readonly services = new Map<string, Service>();
  readonly databases = new Map<string, Database>();
  readonly #recoveries = new Set<Promise<void>>();

  constructor(limits: Partial<Limits>) {
    this.limits = { ...RENDER_LIMITS, ...limits };
  }

  addService(service: Service): void {
    this.services.set(service.id, service);
  }

  addDatabase(database: Database): void {
    this.databases.set(database.id, database);
  }

  /** Starts a recovery; the new instance is in the workspace from now on. */
  recover(source: Database, name: string, target: Instant): Database {
    const { database, done } = source.recover(name, target);
    this.addDatabase(database);
    this.#recoveries.add(done);
    return database;
  }

  /** Stops every service and server. */
  async shutDown(): Promise<void> {
    await Promise.all(Array.from(this.services.values(), (service) => service.shutDown()));
    await Promise.all(Array.from(this.databases.values(), (database) => database.server.retire()));
    await Promise.all(this.#recoveries);
  }
}
