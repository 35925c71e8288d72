import { readFile } from 'node:fs/promises';
import type { Json, JsonObject } from '../base/json.ts';
import { isJsonObject } from '../base/json.ts';
import type { ValueMap } from '../base/value.ts';
import { decodeValue, encodeValue, isValueMap } from '../base/value.ts';
import { asData } from '../model/handle.ts';
import { inFolder, isWorldFolder, readObject, removeRemains, worldFolders } from './ground/folder.ts';
import type { Loss } from './ground/loss.ts';
import type { Injection } from './faults/fault.ts';
import { launch } from './launch.ts';
import type { LaunchOptions } from './launch.ts';
import { end, holdsWithin, isRunning } from './ground/process.ts';
import { asText } from './ground/text.ts';

const CALL_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;

/** A world of real parts, in a process of its own that outlives this one. */
export interface World {
  /** For the journal: `attachWorld` finds the world by it. Holds the place of a secret, and no secret. */
  readonly address: JsonObject;
  /** YAML of the environment `sandbox`. */
  environmentText(): Promise<string>;
  /** Breaks it, or one part of it. Rejects, with nothing broken, when the fault is unknown or its arguments are wrong. */
  inject(uses: string, args: ValueMap, part?: string): Promise<Injection>;
  /** Resolves when it is worth breaking: healthy, rows acknowledged, WAL archived. Takes about two seconds. */
  baseline(): Promise<void>;
  /** Acknowledged rows against what is held now. Rejects when that cannot be told. */
  loss(): Promise<Loss>;
  /** The same of uploads: all are lost where their bucket is gone. Undefined in a world where nobody uploads. */
  lostUploads(): Promise<Loss | undefined>;
  /** What a test asks: what each of its `parts` says of itself. */
  state(): Promise<JsonObject>;
  /** Whether its process is there, however slowly it may answer. */
  lives(): Promise<boolean>;
  /** Ends it: processes, ports, folder. Resolves when nothing is left, even of a world that was dead already. */
  stop(): Promise<void>;
}

/**
 * Starts a world. Rejects, with nothing left behind, when it cannot be started, with the signal's
 * reason when that aborts.
 */
export async function startWorld(options: LaunchOptions): Promise<World> {
  const address = await launch(options);
  const world = await attachWorld(address);
  if (world === undefined) throw new Error('the sandbox ended as soon as it was ready');
  return world;
}

/** The world at this address; undefined when it is gone, or when something else answers there. */
export async function attachWorld(address: Json): Promise<World | undefined> {
  const known = readAddress(address);
  // One that is there answers, however long that takes it on a busy machine.
  if (known === undefined || !(await isRunning(known.pid, known.folder))) return undefined;
  const token = await readFile(known.tokenFile, 'utf8').catch(() => undefined);
  if (token === undefined) return undefined;
  const world = new RemoteWorld(known, token);
  try {
    const state = await world.state();
    return state['pid'] === known.pid && state['folder'] === known.folder ? world : undefined;
  } catch {
    return undefined;
  }
}

/** Ends the world of an address and resolves when nothing is left: of one that does not answer, too. */
export async function endWorld(address: Json): Promise<void> {
  const world = await attachWorld(address);
  if (world !== undefined) {
    await world.stop();
    return;
  }
  // It is gone, hangs, or is being ended by somebody who was killed over it.
  const known = readAddress(address);
  if (known === undefined || !isWorldFolder(known.folder)) return;
  await endProcess(known);
  if ((await worldFolders()).includes(known.folder)) await removeRemains(known.folder);
}

/**
 * Removes this user's worlds that nothing can resume: those that are dead, and those alive for which
 * `keep` is false. A world that is still being started is left alone.
 */
export async function sweepWorlds(keep: Keep): Promise<void> {
  await Promise.all((await worldFolders()).map((folder) => sweep(folder, keep)));
}

type Keep = (address: JsonObject) => boolean | Promise<boolean>;

async function sweep(folder: string, keep: Keep): Promise<void> {
  const { address, lease } = inFolder(folder);
  const known = readAddress((await readObject(address)) ?? null);
  if (known === undefined) {
    const starter = Number((await readObject(lease))?.['starter']);
    if (await isRunning(starter, '')) return;
  } else if (await isRunning(known.pid, folder)) {
    if (await keep(known.json)) return;
    const world = await attachWorld(known.json);
    if (world !== undefined) {
      await world.stop();
      return;
    }
  }
  if (known !== undefined) await endProcess(known);
  await removeRemains(folder);
}

interface Address {
  readonly json: JsonObject;
  readonly folder: string;
  readonly pid: number;
  readonly control: string;
  readonly tokenFile: string;
}

function readAddress(json: Json): Address | undefined {
  if (!isJsonObject(json)) return undefined;
  const { folder, pid, control, tokenFile } = json;
  const isText = (value: Json | undefined): value is string => typeof value === 'string';
  if (!isText(folder) || typeof pid !== 'number' || !isText(control) || !isText(tokenFile)) return undefined;
  return { json, folder, pid, control, tokenFile };
}

class RemoteWorld implements World {
  readonly #address: Address;
  readonly #token: string;

  constructor(address: Address, token: string) {
    this.#address = address;
    this.#token = token;
  }

  get address(): JsonObject {
    return this.#address.json;
  }

  async environmentText(): Promise<string> {
    return asText((await this.#call('GET', '/environment'))['text']) ?? '';
  }

  async inject(uses: string, args: ValueMap, part?: string): Promise<Injection> {
    const named = part === undefined ? {} : { part };
    const answer = await this.#call('POST', '/fault', { uses, with: encodeValue(args), ...named });
    const output = asData(decodeValue(answer['output'] ?? {}));
    return { description: asText(answer['description']) ?? '', output: isValueMap(output) ? output : {} };
  }

  async baseline(): Promise<void> {
    await this.#call('POST', '/baseline');
  }

  async loss(): Promise<Loss> {
    return (await this.#call('GET', '/loss')) as unknown as Loss;
  }

  async lostUploads(): Promise<Loss | undefined> {
    const answer = await this.#call('GET', '/lost-uploads');
    return answer['acknowledged'] === undefined ? undefined : (answer as unknown as Loss);
  }

  async state(): Promise<JsonObject> {
    return await this.#call('GET', '/state');
  }

  async lives(): Promise<boolean> {
    const { pid, folder } = this.#address;
    return await isRunning(pid, folder);
  }

  async stop(): Promise<void> {
    const { pid, folder } = this.#address;
    // One that does not answer any more is ended all the same.
    await this.#call('POST', '/stop', undefined, STOP_TIMEOUT_MS).catch(() => undefined);
    await holdsWithin(1000, async () => !(await isRunning(pid, folder)));
    await endProcess(this.#address);
    await removeRemains(folder);
  }

  async #call(method: string, path: string, body?: Json, timeoutMs = CALL_TIMEOUT_MS): Promise<JsonObject> {
    const ask = async () => {
      const response = await fetch(`${this.#address.control}${path}`, {
        method,
        headers: { authorization: `Bearer ${this.#token}` },
        signal: AbortSignal.timeout(timeoutMs),
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const { ok, status } = response;
      return { ok, status, answer: (await response.json()) as Json };
    };
    const { ok, status, answer } = await ask().catch(async (error: unknown) => {
      const trouble = (await this.lives()) ? 'does not answer' : 'is gone';
      throw new Error(`the sandbox ${trouble}`, { cause: error });
    });
    const object = isJsonObject(answer) ? answer : {};
    if (!ok) {
      throw new Error(`the sandbox: ${asText(object['message']) ?? `it answered ${String(status)}`}`);
    }
    return object;
  }
}

async function endProcess({ pid, folder }: Address): Promise<void> {
  await end(pid, folder, [
    ['SIGTERM', STOP_TIMEOUT_MS],
    ['SIGKILL', 5000],
  ]);
}
