import type { Pool } from 'pg';
import { openPool } from '../postgres/client.ts';
import type { Instance } from '../render/service.ts';
import type { Repetition } from './repeat.ts';
import { repeat } from './repeat.ts';

const TASK_EVERY_MS = 1000;

/**
 * One deployed copy of the PeakOps worker. Its task reads the inspections, as Celery's tasks do,
 * and says that it is alive when it is through: on rows that cannot be read it falls silent.
 */
export class WorkerInstance implements Instance {
  readonly #database: Pool;
  readonly #name: string;
  #tasks: Repetition | undefined;

  private constructor(database: Pool, name: string) {
    this.#database = database;
    this.#name = name;
  }

  static async start(environment: ReadonlyMap<string, string>, name: string): Promise<WorkerInstance> {
    return new WorkerInstance(await openPool(environment.get('DATABASE_URL') ?? ''), name);
  }

  async check(): Promise<void> {
    await this.#database.query('select at from worker_heartbeats');
  }

  serve(): void {
    this.#tasks = repeat(TASK_EVERY_MS, async () => {
      await this.#database.query('select sum(length(notes)) from inspections');
      await this.#database.query(
        `insert into worker_heartbeats values ($1, clock_timestamp())
         on conflict (worker) do update set at = excluded.at`,
        [`celery@${this.#name}`],
      );
    });
  }

  async stop(): Promise<void> {
    await this.#tasks?.stop();
    await this.#database.end();
  }
}
