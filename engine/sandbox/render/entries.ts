import type { JsonObject } from '../../base/json.ts';
import type { Database } from './database.ts';
import type { Service } from './service.ts';
import type { Workspace } from './workspace.ts';
import { REAL_TARGETABLE_AFTER, TARGETABLE_AFTER } from './workspace.ts';

/** What stands in an environment for a workspace, its services and its databases. */

export interface ProviderAddress {
  /** Where it is asked: `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** The file in which the key lies. */
  readonly keyFile: string;
}

/** The section `render`. */
export const renderSection = (workspace: Workspace, { url, keyFile }: ProviderAddress): JsonObject => ({
  api: `${url}/v1`,
  key: { file: keyFile },
  workspace: workspace.id,
  statusPage: `${url}/status`,
  allowFrom: ['127.0.0.1'],
  recovery: {
    targetableAfter: TARGETABLE_AFTER.toString(),
    realTargetableAfter: REAL_TARGETABLE_AFTER.toString(),
  },
});

export const serviceEntry = (service: Service, workspace: Workspace): JsonObject => ({
  name: service.name,
  renderId: service.id,
  ...(service.url !== '' && { url: service.url }),
  region: service.region,
  fingerprint: { renderId: service.id, workspace: workspace.id },
});

/** `systemIdentifier`: PostgreSQL's own name for the server; a recovered copy has that of its original. */
export const databaseEntry = (database: Database, systemIdentifier: string): JsonObject => ({
  name: database.name,
  renderId: database.id,
  database: database.databaseName,
  region: database.region,
  fingerprint: {
    systemIdentifier,
    host: new URL(database.externalUrl).host,
    database: database.databaseName,
    renderId: database.id,
  },
});
