import { access } from 'node:fs/promises';
import type { Program } from '../../ground/program.ts';
import { untilReady } from '../../ground/ready.ts';
import type { Instance } from '../../render/service.ts';
import type { Project } from './project.ts';

const READY_WITHIN_MS = 30_000;

/** A copy of the worker: Celery, with its scheduler. */
export class DjangoWorker implements Instance {
  readonly #program: Program;

  private constructor(program: Program) {
    this.#program = program;
  }

  static async start(
    project: Project,
    environment: ReadonlyMap<string, string>,
    name: string,
  ): Promise<DjangoWorker> {
    const readyFile = project.file('celery-ready');
    const program = project.program(
      [
        ...['-m', 'celery', '--app', 'peakops', 'worker', '--beat', '--concurrency', '1'],
        ...['--hostname', `celery@${name}`, '--schedule', project.file('celery-schedule')],
      ],
      { ...Object.fromEntries(environment), READY_FILE: readyFile },
      project.file('celery.log'),
    );
    await program.start();
    try {
      await untilReady(program, () => isMissing(readyFile), READY_WITHIN_MS);
    } catch (error) {
      await program.stop();
      throw error;
    }
    return new DjangoWorker(program);
  }

  /** It has connected to the queue; of the database it asks nothing before there is a task. */
  check(): Promise<void> {
    const { ending } = this.#program;
    return ending === undefined ? Promise.resolve() : Promise.reject(new Error(ending));
  }

  /** It works from its start on: Celery waits for nobody. */
  serve(): void {
    // Nothing is left to do.
  }

  async stop(): Promise<void> {
    await this.#program.stop();
  }
}

const isMissing = (file: string): Promise<string | undefined> =>
  access(file).then(
    () => undefined,
    () => 'the worker has not said that it is ready',
  );
