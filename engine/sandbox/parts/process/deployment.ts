import { join } from 'node:path';
import type { JsonObject } from '../../../base/json.ts';
import { listOf } from '../../../base/json.ts';
import { inFolder } from '../../ground/folder.ts';
import { reservePort } from '../../ground/port.ts';
import { textsOf } from '../../ground/text.ts';
import type { KeepableProgram, ProgramCopy } from '../keepable.ts';
import type { PartContext } from '../part.ts';
import type { OwnClock } from './clock.ts';
import { Service } from './service.ts';

/** The program of a part: the copy that does its work, and those that a provider starts to take its place. */
export class Deployment implements KeepableProgram {
  readonly listens: boolean;
  readonly #context: PartContext;
  readonly #clock: OwnClock | undefined;
  #service: Service;
  #keeper: string | undefined;

  constructor(context: PartContext, clock?: OwnClock) {
    this.listens = context.namesPort;
    this.#context = context;
    this.#clock = clock;
    this.#service = this.#make(() => context.argsAt(context.port), context.port);
  }

  /** The copy that does its work, or would if it ran. */
  get service(): Service {
    return this.#service;
  }

  get copy(): ProgramCopy {
    return this.#asCopy(this.#service);
  }

  /** The part that deploys it; undefined where that is asked of the desk. */
  get keeper(): string | undefined {
    return this.#keeper;
  }

  keep(by: string): void {
    if (this.#keeper !== undefined) {
      throw new Error(
        `${this.#context.id} cannot be a service of ${by}: it is one of ${this.#keeper} already`,
      );
    }
    this.#keeper = by;
  }

  get startCommand(): string {
    const { port, argsAt } = this.#context;
    const words = (at: number): readonly string[] =>
      listOf(argsAt(at)['command']).map((word) => (typeof word === 'string' ? word : JSON.stringify(word)));
    const elsewhere = words(port + 1);
    return words(port)
      .map((word, at) => (word === elsewhere[at] ? word : word.replaceAll(String(port), '$PORT')))
      .join(' ');
  }

  get variables(): Readonly<Record<string, string>> {
    const { port } = this.#context;
    const [here, elsewhere] = [this.#variablesAt(port), this.#variablesAt(port + 1)];
    return Object.fromEntries(Object.entries(here).filter(([name, value]) => elsewhere[name] === value));
  }

  async start(variables: ReadonlyMap<string, string>): Promise<ProgramCopy> {
    const port = await reservePort();
    const kept = new Set(Object.keys(this.variables));
    const ofPort = Object.entries(this.#variablesAt(port)).filter(([name]) => !kept.has(name));
    const env = Object.fromEntries([...ofPort, ...variables]);
    const service = this.#make(() => ({ ...this.#context.argsAt(port), env }), port);
    try {
      await service.begin();
    } catch (error) {
      await service.program.stop();
      throw error;
    }
    return this.#asCopy(service);
  }

  #variablesAt(port: number): Readonly<Record<string, string>> {
    return textsOf(this.#context.argsAt(port)['env']);
  }

  #asCopy(service: Service): ProgramCopy {
    const { port, program } = service;
    return {
      ...{ port, program, trouble: () => service.trouble() },
      takeOver: () => (this.#service = service),
    };
  }

  #make(describe: () => JsonObject, port: number): Service {
    const { id, worldFolder } = this.#context;
    const log = join(inFolder(worldFolder).parts, `${id}.log`);
    const service = new Service(`the part ${id}`, describe, log, {
      ...this.#context,
      port,
      ...(this.#clock !== undefined && { clock: this.#clock }),
    });
    this.#context.onClose(() => service.program.stop());
    return service;
  }
}
