import type { JsonObject } from '../../../base/json.ts';
import { Disk } from '../../ground/disk.ts';
import { diskOf } from '../../ground/folder.ts';
import type { Program } from '../../ground/program.ts';
import { textsOf } from '../../ground/text.ts';
import type { Links } from '../../network/links.ts';
import { asText } from '../../ground/text.ts';
import { diskActions } from '../disk.ts';
import type { Part, PartAction, PartContext, PartEntry, StartPart } from '../part.ts';
import { OwnClock } from './clock.ts';
import { Deployment } from './deployment.ts';

/** What it has for itself, where the world's file says so. */
interface Own {
  readonly clock: OwnClock | undefined;
  readonly disk: Disk | undefined;
}

/** Any program, the team's own application for one. */
class ProcessPart implements Part {
  readonly #id: string;
  readonly #port: number;
  readonly keepableProgram: Deployment;
  readonly links: Links;
  #begun = false;

  readonly clock: OwnClock | undefined;
  readonly disk: Disk | undefined;

  private constructor({ id, port, links }: PartContext, deployment: Deployment, { clock, disk }: Own) {
    this.#id = id;
    this.#port = port;
    this.links = links;
    this.clock = clock;
    this.disk = disk;
    this.keepableProgram = deployment;
  }

  static async start(args: JsonObject, context: PartContext): Promise<ProcessPart> {
    const clock = args['ownClock'] === true ? await OwnClock.make(context) : undefined;
    const size = asText(args['disk']);
    const path = diskOf(context.worldFolder, context.id);
    const disk = size === undefined ? undefined : await Disk.make(path, size, context);
    const part = new ProcessPart(context, new Deployment(context, clock), { clock, disk });
    if (args['waits'] !== true) await part.#begin();
    return part;
  }

  get program(): Program {
    return this.keepableProgram.service.program;
  }

  get members(): Part['members'] {
    return {
      ...{ port: { value: this.#port }, url: { value: this.#url } },
      ...(this.disk !== undefined && { disk: { value: this.disk.path } }),
    };
  }

  leadsTo(): Deployment {
    return this.keepableProgram;
  }

  get entry(): PartEntry {
    return { facts: { name: this.#id, url: this.#url }, secrets: {} };
  }

  get actions(): Part['actions'] {
    return {
      ...this.links.actions(() => this.state()),
      ...diskActions(this.#id, this.disk, () => this.state()),
      'set-clock': async () => {
        if (this.clock === undefined)
          throw new Error(`${this.#id} has the clock of this machine: give it ownClock: true`);
        await this.clock.set(0);
        return this.state();
      },
      start: this.#ofDesk(async (body) => {
        this.program.set(textsOf(body['env']));
        return await this.#begin();
      }),
      stop: this.#ofDesk(async () => {
        await this.program.stop();
        return this.state();
      }),
      restart: this.#ofDesk(async (body) => {
        this.program.set(textsOf(body['env']));
        await this.program.stop();
        return await this.#begin();
      }),
      'roll-back': this.#ofDesk(async () => {
        this.program.rollBack();
        await this.program.stop();
        return await this.#begin();
      }),
    };
  }

  state(): JsonObject {
    return { ...this.program.state, ...this.links.state, ...this.clock?.state, ...this.disk?.state };
  }

  async trouble(): Promise<string | undefined> {
    return this.#begun ? await this.keepableProgram.service.trouble() : undefined;
  }

  get #url(): string {
    return `http://127.0.0.1:${String(this.#port)}`;
  }

  /** What is asked of whoever deploys the program, where somebody does. */
  #ofDesk(action: PartAction): PartAction {
    return async (body) => {
      const { keeper } = this.keepableProgram;
      if (keeper === undefined) return await action(body);
      throw new Error(`${this.#id} is a service of the part ${keeper}, which starts and stops it: ask there`);
    };
  }

  async #begin(): Promise<JsonObject> {
    this.#begun = true;
    await this.keepableProgram.service.begin();
    return this.state();
  }
}

/** Starts a part of the kind `process`. */
export const startProcess: StartPart = (args, context) => ProcessPart.start(args, context);
