import type { Instance } from '../../render/service.ts';
import { Service } from '../../render/service.ts';
import type { KeepableProgram, ProgramCopy } from '../keepable.ts';

/** A copy of a part of the kind `process`, as the provider deploys it. */
export class DeployedCopy implements Instance {
  readonly #copy: ProgramCopy;

  constructor(copy: ProgramCopy) {
    this.#copy = copy;
  }

  get port(): number {
    return this.#copy.port;
  }

  async check(): Promise<void> {
    const trouble = await this.#copy.trouble();
    if (trouble !== undefined) throw new Error(trouble);
  }

  serve(): void {
    this.#copy.takeOver();
  }

  async stop(): Promise<void> {
    await this.#copy.program.stop();
  }
}

/** A service whose copies are those of a program. One that does not run is a service that is suspended. */
export function serviceOf(name: string, program: KeepableProgram, region?: string): Service<DeployedCopy> {
  const { copy, listens, variables, startCommand } = program;
  return new Service({
    name,
    type: listens ? 'web_service' : 'background_worker',
    environment: variables,
    startCommand,
    ...(region !== undefined && { region }),
    ...(copy.program.running ? { live: new DeployedCopy(copy) } : { suspended: true }),
    start: async (given) => new DeployedCopy(await program.start(given)),
  });
}
