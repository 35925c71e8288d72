import type { DBOS } from '@dbos-inc/dbos-sdk';
import { poolAt } from '../../kinds/postgres/client/pool.ts';
import {
  APPLICATION,
  CARRY_OUT,
  LOOK_AT_ALERTS,
  LOOK_FOR_DUE,
  NO_ADDRESS,
  PROVE,
  QUEUE_SCHEMA,
  SILENT,
  queueOf,
  readingQueueOf,
} from './queue.ts';

export interface EngineOptions {
  /** The address of the store. */
  readonly address: string;
  /** This process among the workers, new at each start. */
  readonly worker: string;
  readonly environment: string;
  /** Starts or resumes a run; its promise is never fulfilled where another worker has to go on with it. */
  readonly carryOut: (run: string) => Promise<string>;
  /** Proves a backup, which only reads what is not its own. */
  readonly prove: (backup: string) => Promise<string>;
  /** Asks for what is due. */
  readonly lookForDue: () => Promise<void>;
  readonly lookAtAlerts: () => Promise<void>;
  /** Told what went wrong between the engine and the database. */
  readonly trouble: (what: string) => void;
}

/** How often a worker looks for what was asked for. */
const LOOK_MS = 500;

/** How many things that only read one worker does at once. */
const READING = 2;

/** How often the schedule and the alerts are looked at, by one worker of all. */
const DUE_EVERY = '* * * * *';
const ALERTS_EVERY = '*/5 * * * *';

/** How long it is remembered that they were looked at. */
const LOOKED_MS = 60 * 60 * 1000;

/**
 * Takes what is in the queue of an environment, one run at a time over all workers, but for sandboxes: each is a world
 * of its own, and each worker carries out one. Beside them goes what only reads.
 */
export async function startEngine(options: EngineOptions): Promise<{ stop(): Promise<void> }> {
  const { address, worker, environment, trouble } = options;
  const { DBOS } = await import('@dbos-inc/dbos-sdk');
  const pool = await poolAt(address, 6);
  const [runs, reading] = [queueOf(environment), readingQueueOf(environment)];
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
    listenQueues: [runs, reading],
    logger: { ...SILENT, warn: (entry) => trouble(String(entry)), error: (entry) => trouble(String(entry)) },
  });
  DBOS.registerWorkflow(options.carryOut, { name: CARRY_OUT });
  DBOS.registerWorkflow(options.prove, { name: PROVE });
  const lookForDue = DBOS.registerWorkflow(
    async () => {
      await options.lookForDue();
      await forgetLooks(DBOS);
    },
    { name: LOOK_FOR_DUE },
  );
  const lookAtAlerts = DBOS.registerWorkflow(() => options.lookAtAlerts(), { name: LOOK_AT_ALERTS });
  await DBOS.launch();
  const often = { minPollingIntervalMs: LOOK_MS, onConflict: 'always_update' } as const;
  const limit = environment === 'sandbox' ? { workerConcurrency: 1 } : { globalConcurrency: 1 };
  await DBOS.registerQueue(runs, { ...limit, ...often });
  await DBOS.registerQueue(reading, { workerConcurrency: READING, ...often });
  const due = `what is due in ${environment}`;
  await DBOS.applySchedules([
    { scheduleName: due, workflowFn: lookForDue, schedule: DUE_EVERY, queueName: reading },
    {
      scheduleName: `alerts of ${environment}`,
      workflowFn: lookAtAlerts,
      schedule: ALERTS_EVERY,
      queueName: reading,
    },
  ]);
  // Whoever starts a worker sees at once what it makes of the schedule.
  await DBOS.triggerSchedule(due);
  return {
    stop: async () => {
      await DBOS.shutdown();
      await pool.end();
    },
  };
}

/** A look each minute would fill the table with what nobody needs. */
async function forgetLooks(engine: typeof DBOS): Promise<void> {
  const old = await engine.listWorkflows({
    workflowName: [LOOK_FOR_DUE, LOOK_AT_ALERTS],
    completedBefore: new Date(Date.now() - LOOKED_MS).toISOString(),
    ...{ loadInput: false, loadOutput: false, limit: 100 },
  });
  if (old.length > 0) await engine.deleteWorkflows(old.map(({ workflowID }) => workflowID));
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
