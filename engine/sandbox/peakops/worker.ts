import type { Pool } from 'pg';
import { openPool } from '../postgres/client.ts';
import type { Instance } from '../render/service.ts';
import type { Queries } from './queries.ts';
import type { Repetition } from '../ground/repeat.ts';
import { repeat } from '../ground/repeat.ts';

const TASK_EVERY_MS = 1000;

/**
 * One deployed copy of the PeakOps worker. Its task reads the inspections, as Celery's tasks do,
 * and says that it is alive when it is through: on rows that cannot be read it falls silent.
 */
export class WorkerInstance implements Instance {
  readonly #database: Pool;
  readonly #name: string;
  readonly #application: Queries;
  #tasks: Repetition | undefined;

  private constructor(database: Pool, name: string, application: Queries) {
    this.#database = database;
    this.#name = name;
    this.#application = application;
  }

  static async start(
    environment: ReadonlyMap<string, string>,
    name: string,
    application: Queries,
  ): Promise<WorkerInstance> {
    return new WorkerInstance(await openPool(environment.get('DATABASE_URL') ?? ''), name, application);
  }

  async check(): Promise<void> {
    await this.#database.query('select from users limit 1');
  }

  serve(): void {
    const { task, signOfLife } = this.#application;
    this.#tasks = repeat(TASK_EVERY_MS, async () => {
      await this.#database.query(task);
      if (signOfLife !== undefined) await this.#database.query(signOfLife, [`celery@${this.#name}`]);
    });
  }

  async stop(): Promise<void> {
    await this.#tasks?.stop();
    await this.#database.end();
  }
}
