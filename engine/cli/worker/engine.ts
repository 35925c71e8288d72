import { poolAt } from '../../kinds/postgres/client/pool.ts';
import { APPLICATION, CARRY_OUT, NO_ADDRESS, QUEUE_SCHEMA, SILENT, queueOf } from './queue.ts';

export interface EngineOptions {
  /** The address of the store. */
  readonly address: string;
  /** This process among the workers, new at each start. */
  readonly worker: string;
  readonly environment: string;
  /** Starts or resumes a run; its promise is never fulfilled where another worker has to go on with it. */
  readonly carryOut: (run: string) => Promise<string>;
  /** Told what went wrong between the engine and the database. */
  readonly trouble: (what: string) => void;
}

/** How often a worker looks for what was asked for. */
const LOOK_MS = 500;

/**
 * Takes what is in the queue of an environment, one run at a time over all workers, but for sandboxes: each is a world
 * of its own, and each worker carries out one. Resolves with what ends it.
 */
export async function startEngine(options: EngineOptions): Promise<{ stop(): Promise<void> }> {
  const { address, worker, environment, carryOut, trouble } = options;
  const { DBOS } = await import('@dbos-inc/dbos-sdk');
  const pool = await poolAt(address, 6);
  DBOS.setConfig({
    name: APPLICATION.name,
    applicationVersion: APPLICATION.version,
    executorID: worker,
    systemDatabaseUrl: NO_ADDRESS,
    systemDatabasePool: pool,
    systemDatabaseSchemaName: QUEUE_SCHEMA,
    // The tables are the owner's to make: `store init`.
    runMigrations: false,
    // A pooler may stand in between, which keeps notices back.
    useListenNotify: false,
    listenQueues: [queueOf(environment)],
    logger: { ...SILENT, warn: (entry) => trouble(String(entry)), error: (entry) => trouble(String(entry)) },
  });
  DBOS.registerWorkflow(carryOut, { name: CARRY_OUT });
  await DBOS.launch();
  await DBOS.registerQueue(queueOf(environment), {
    ...(environment === 'sandbox' ? { workerConcurrency: 1 } : { globalConcurrency: 1 }),
    minPollingIntervalMs: LOOK_MS,
    onConflict: 'always_update',
  });
  return {
    stop: async () => {
      await DBOS.shutdown();
      await pool.end();
    },
  };
}

/** Makes the tables of the queue, as the owner of the database, and says who may do what with them. */
export async function makeQueueTables(address: string): Promise<void> {
  const { DBOS } = await import('@dbos-inc/dbos-sdk');
  const pool = await poolAt(address, 4);
  DBOS.setConfig({
    name: APPLICATION.name,
    applicationVersion: APPLICATION.version,
    systemDatabaseUrl: NO_ADDRESS,
    systemDatabasePool: pool,
    systemDatabaseSchemaName: QUEUE_SCHEMA,
    useListenNotify: false,
    listenQueues: [],
    logger: SILENT,
  });
  await DBOS.launch();
  await DBOS.shutdown();
  await pool.end();
}
