import { join } from 'node:path';
import type { JsonObject } from '../../../base/json.ts';
import { inFolder } from '../../ground/folder.ts';
import type { Program } from '../../ground/program.ts';
import type { Part, PartContext, StartPart } from '../part.ts';
import { Service, textsOf } from './service.ts';

/** Any program, the team's own application for one. */
class ProcessPart implements Part {
  readonly #port: number;
  readonly #service: Service;
  #begun = false;

  private constructor(port: number, service: Service) {
    this.#port = port;
    this.#service = service;
  }

  static async start(args: JsonObject, context: PartContext): Promise<ProcessPart> {
    const { id, port, worldFolder } = context;
    const log = join(inFolder(worldFolder).parts, `${id}.log`);
    const service = new Service(`the part ${id}`, args, log, context);
    context.onClose(() => service.program.stop());
    const part = new ProcessPart(port, service);
    if (args['waits'] !== true) await part.#begin();
    return part;
  }

  get program(): Program {
    return this.#service.program;
  }

  get members(): Part['members'] {
    return { port: { value: this.#port }, url: { value: `http://127.0.0.1:${String(this.#port)}` } };
  }

  get actions(): Part['actions'] {
    return {
      start: async (body) => {
        this.program.set(textsOf(body['env']));
        return await this.#begin();
      },
      stop: async () => {
        await this.program.stop();
        return this.state();
      },
      restart: async (body) => {
        this.program.set(textsOf(body['env']));
        await this.program.stop();
        return await this.#begin();
      },
      'roll-back': async () => {
        this.program.rollBack();
        await this.program.stop();
        return await this.#begin();
      },
    };
  }

  state(): JsonObject {
    return this.program.state;
  }

  async trouble(): Promise<string | undefined> {
    return this.#begun ? await this.#service.trouble() : undefined;
  }

  async #begin(): Promise<JsonObject> {
    this.#begun = true;
    await this.#service.begin();
    return this.state();
  }
}

/** Starts a part of the kind `process`. */
export const startProcess: StartPart = (args, context) => ProcessPart.start(args, context);
