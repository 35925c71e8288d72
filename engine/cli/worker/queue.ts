import type { DBOSClient } from '@dbos-inc/dbos-sdk';
import { SCHEMA, queueSchema, tablesIn } from '../../journal/postgres/tables.ts';
import type { Pool } from '../../kinds/postgres/client/pool.ts';
import { poolAt } from '../../kinds/postgres/client/pool.ts';

/**
 * What every user of the queue agrees on. The version is that of the journal, which a worker must be able to read; were
 * it that of drillbook, runs would strand in the queue after each update.
 */
export const APPLICATION = { name: 'drillbook', version: 'journal-1' } as const;

/** The workflow that starts or resumes a run. It has the run's id. */
export const CARRY_OUT = 'carryOut';

export const QUEUE_SCHEMA = queueSchema(tablesIn(SCHEMA));

/** The workflows of what only reads: a proof has the id of what made it due. */
export const PROVE = 'prove';
export const LOOK_FOR_DUE = 'lookForDue';
export const LOOK_AT_ALERTS = 'lookAtAlerts';

/** Wanted by the engine, and not used where it is given a pool: the address, which may have a password, stays with us. */
export const NO_ADDRESS = 'postgresql://nobody@of-the-pool:5432/none';

/** Runs of an environment, of which one at a time may write. Each sandbox is a world of its own. */
export const queueOf = (environment: string): string => `runs of ${environment}`;

/** What reads only, beside the runs: proofs and monitors. */
export const readingQueueOf = (environment: string): string => `reading beside ${environment}`;

/** The queue of a store, for whoever puts something into it. Closed by `close`. */
export class Queue {
  readonly #client: DBOSClient;
  readonly #pool: Pool;

  private constructor(client: DBOSClient, pool: Pool) {
    this.#client = client;
    this.#pool = pool;
  }

  /** At the address of a store. */
  static async at(address: string): Promise<Queue> {
    const { DBOSClient } = await import('@dbos-inc/dbos-sdk');
    const pool = await poolAt(address, 2);
    const client = await DBOSClient.create({
      systemDatabaseUrl: NO_ADDRESS,
      systemDatabasePool: pool,
      systemDatabaseSchemaName: QUEUE_SCHEMA,
      applicationName: APPLICATION.name,
      logger: SILENT,
    });
    return new Queue(client, pool);
  }

  /** Puts a run into the queue of its environment; one that is or was in it stays as it is. */
  async put(run: string, environment: string): Promise<void> {
    await this.#client.enqueue(
      {
        workflowName: CARRY_OUT,
        workflowID: run,
        queueName: queueOf(environment),
        appVersion: APPLICATION.version,
      },
      run,
    );
  }

  /** Asks for the proof of a backup: once under each key. */
  async putProof(key: string, backup: string, environment: string): Promise<void> {
    await this.#client.enqueue(
      {
        workflowName: PROVE,
        workflowID: key,
        queueName: readingQueueOf(environment),
        appVersion: APPLICATION.version,
      },
      backup,
    );
  }

  /** Work that a worker had begun and not ended, with the worker's id. */
  async begun(
    queues: readonly string[],
  ): Promise<readonly { readonly id: string; readonly by: string; readonly queue: string }[]> {
    const all = await this.#client.listWorkflows({
      status: 'PENDING',
      queueName: [...queues],
      loadInput: false,
      loadOutput: false,
    });
    return all.map(({ workflowID, executorId, queueName }) => ({
      id: workflowID,
      by: executorId ?? '',
      queue: queueName ?? '',
    }));
  }

  /** Puts what a dead worker had begun back into its queue, for any other. */
  async putBack(id: string, queue: string): Promise<void> {
    await this.#client.resumeWorkflow(id, { queueName: queue });
  }

  /** Puts a run into the queue again that a worker had let rest. False where no worker had it, or one has it again. */
  async putAgain(run: string, environment: string): Promise<boolean> {
    const { Error: Errors } = await import('@dbos-inc/dbos-sdk');
    try {
      await this.#client.rewindWorkflow(run, { queueName: queueOf(environment) });
      return true;
    } catch (error) {
      if (error instanceof Errors.DBOSError) return false;
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#client.destroy();
    await this.#pool.end();
  }
}

/** What the engine of the queue says of itself is of no use to whoever asked for a run. */
export const SILENT = {
  info: () => undefined,
  debug: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
