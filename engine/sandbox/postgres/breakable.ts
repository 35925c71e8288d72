import type { Instant } from '../../base/instant.ts';
import type { PostgresServer } from './server.ts';

/** A database that a fault can break: a provider's, or a part of a world. */
export interface BreakableDatabase {
  readonly name: string;
  /** The name inside the server. */
  readonly databaseName: string;
  readonly server: PostgresServer;
  /** The earliest moment that a recovery can reach; undefined without a base backup. */
  readonly startsAt: Instant | undefined;
  /** Takes the base backup anew. */
  backUp(): Promise<void>;
}
