import type { Program } from '../../ground/program.ts';
import { untilReady } from '../../ground/ready.ts';
import type { Instance } from '../../render/service.ts';

const READY_WITHIN_MS = 30_000;

/** A deployed program that works from its start on, and that nobody asks anything. */
export class RunningProgram implements Instance {
  readonly #program: Program;

  private constructor(program: Program) {
    this.#program = program;
  }

  /** Starts it, and waits until there is no `trouble` any more. Rejects, with nothing left running, when it does not come. */
  static async start(program: Program, trouble: () => Promise<string | undefined>): Promise<RunningProgram> {
    await program.start();
    try {
      await untilReady(program, trouble, READY_WITHIN_MS);
    } catch (error) {
      await program.stop();
      throw error;
    }
    return new RunningProgram(program);
  }

  check(): Promise<void> {
    const { ending } = this.#program;
    return ending === undefined ? Promise.resolve() : Promise.reject(new Error(ending));
  }

  serve(): void {
    // It waits for nobody.
  }

  async stop(): Promise<void> {
    await this.#program.stop();
  }
}
