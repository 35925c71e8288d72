import { join, resolve } from 'node:path';
import { Duration } from '../../../base/duration.ts';
import type { Json, JsonObject } from '../../../base/json.ts';
import { isJsonObject, listOf } from '../../../base/json.ts';
import { inFolder } from '../../ground/folder.ts';
import { Program } from '../../ground/program.ts';
import type { Readiness } from '../../ground/ready.ts';
import { troubleOf, untilReady } from '../../ground/ready.ts';
import { asText, messageOf } from '../../ground/text.ts';
import type { Part, PartContext, StartPart } from '../part.ts';

const READY_MS = 30_000;

/** Any program, the team's own application for one. */
class ProcessPart implements Part {
  readonly #id: string;
  readonly #port: number;
  readonly #program: Program;
  readonly #readiness: Readiness;
  readonly #timeoutMs: number;

  private constructor(id: string, port: number, program: Program, ready: JsonObject, listens: boolean) {
    this.#id = id;
    this.#port = port;
    this.#program = program;
    const url = asText(ready['url']);
    this.#readiness = url !== undefined ? { url } : listens ? { port } : undefined;
    this.#timeoutMs = Duration.parse(asText(ready['timeout']) ?? '')?.millis ?? READY_MS;
  }

  static async start(args: JsonObject, context: PartContext): Promise<ProcessPart> {
    const { id, port, namesPort, folder, worldFolder } = context;
    const command = listOf(args['command']).map(String);
    const env = textsOf(args['env']);
    const program = new Program({
      ...{ command, env, worldFolder },
      cwd: resolve(folder, asText(args['cwd']) ?? '.'),
      log: join(inFolder(worldFolder).parts, `${id}.log`),
    });
    context.onClose(() => program.stop());
    const ready = isJsonObject(args['ready']) ? args['ready'] : {};
    const part = new ProcessPart(id, port, program, ready, namesPort);
    await part.#begin();
    return part;
  }

  get members(): Part['members'] {
    return { port: { value: this.#port }, url: { value: `http://127.0.0.1:${String(this.#port)}` } };
  }

  get actions(): Part['actions'] {
    return {
      start: async (body) => {
        this.#program.set(textsOf(body['env']));
        await this.#begin();
        return this.state();
      },
      stop: async () => {
        await this.#program.stop();
        return this.state();
      },
      restart: async (body) => {
        this.#program.set(textsOf(body['env']));
        await this.#program.stop();
        await this.#begin();
        return this.state();
      },
    };
  }

  state(): JsonObject {
    return this.#program.state;
  }

  async trouble(): Promise<string | undefined> {
    return this.#program.ending ?? (await troubleOf(this.#readiness));
  }

  async #begin(): Promise<void> {
    try {
      await this.#program.start();
      await untilReady(this.#program, () => troubleOf(this.#readiness), this.#timeoutMs);
    } catch (error) {
      throw new Error(`the part ${this.#id} does not come up: ${messageOf(error)}`, { cause: error });
    }
  }
}

/** Environment variables; numbers and truth values as they are written. */
const textsOf = (json: Json | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(isJsonObject(json) ? json : {}).map(([name, value]) => [name, String(value)]),
  );

/** Starts a part of the kind `process`. */
export const startProcess: StartPart = (args, context) => ProcessPart.start(args, context);
