import { withConnection } from '../postgres/client.ts';
import { ApiInstance } from './api.ts';
import type { Application } from './application.ts';
import type { Queries } from './queries.ts';
import { fillTables } from './schema.ts';
import { WorkerInstance } from './worker.ts';

/** An application of the sandbox's own, whose copies run in the world's process. */
export const inProcess = (queries: Queries): Application => ({
  fill: (databaseUrl, ages, pause) =>
    withConnection(databaseUrl, async (client) => {
      await client.query(`begin; ${queries.tables} commit`);
      await fillTables(client, queries.seed, ages, pause);
    }),
  findInspections: queries.findInspections,
  startApi: (environment, options) => ApiInstance.start(environment, { ...options, application: queries }),
  startWorker: (environment, name) => WorkerInstance.start(environment, name, queries),
  person: queries.person,
  dnsProvider: queries.dnsProvider,
  environment: { application: queries.environment },
});
