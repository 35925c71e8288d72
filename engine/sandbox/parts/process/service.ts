import { resolve } from 'node:path';
import { Duration } from '../../../base/duration.ts';
import type { JsonObject } from '../../../base/json.ts';
import { isJsonObject, listOf } from '../../../base/json.ts';
import type { Described } from '../../ground/program.ts';
import { Program } from '../../ground/program.ts';
import type { Readiness } from '../../ground/ready.ts';
import { troubleOf, untilReady } from '../../ground/ready.ts';
import { asText, messageOf, textsOf } from '../../ground/text.ts';
import type { PartContext } from '../part.ts';
import type { OwnClock } from './clock.ts';

const READY_MS = 30_000;

/** What it has of its part. */
type ServiceContext = Pick<PartContext, 'port' | 'namesPort' | 'folder' | 'worldFolder' | 'links'> & {
  readonly clock?: OwnClock;
};

/** A program that is described in the file of a world, and what says that it can be used. */
export class Service {
  readonly port: number;
  readonly program: Program;
  readonly #called: string;
  readonly #readiness: Readiness;
  readonly #prints: string | undefined;
  readonly #timeoutMs: number;

  /**
   * `called`: as it is named in messages. `describe`: what is said of it, with what the parts give by then. `log`: where
   * what it prints goes.
   */
  constructor(called: string, describe: () => JsonObject, log: string, context: ServiceContext) {
    const args = describe();
    const { port, namesPort, folder, worldFolder, links, clock } = context;
    const ready = isJsonObject(args['ready']) ? args['ready'] : {};
    const url = asText(ready['url']);
    this.port = port;
    this.#called = called;
    this.#readiness = url !== undefined ? { url } : namesPort ? { port } : undefined;
    this.#prints = asText(ready['prints']);
    this.#timeoutMs = Duration.parse(asText(ready['timeout']) ?? '')?.millis ?? READY_MS;
    this.program = new Program({
      ...describedIn(args),
      now: () => describedIn(describe()),
      ...{ cwd: resolve(folder, asText(args['cwd']) ?? '.'), worldFolder, log },
      ...(clock !== undefined && { besides: clock.variables }),
      told: (text) => links.through(text),
    });
  }

  /** Resolves when it can be used; nothing is done to one that runs. */
  async begin(): Promise<void> {
    try {
      await this.program.start();
      await untilReady(this.program, () => this.#unready(), this.#timeoutMs);
    } catch (error) {
      throw new Error(`${this.#called} does not come up: ${messageOf(error)}`, { cause: error });
    }
  }

  async trouble(): Promise<string | undefined> {
    return this.program.ending ?? (await this.#unready());
  }

  async #unready(): Promise<string | undefined> {
    const prints = this.#prints;
    if (prints !== undefined && !(await this.program.hasPrinted(prints)))
      return `it has not printed ${JSON.stringify(prints)}`;
    return await troubleOf(this.#readiness);
  }
}

const describedIn = (args: JsonObject): Described => ({
  command: listOf(args['command']).map(String),
  env: textsOf(args['env']),
});
