import { randomBytes } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Duration } from '../../../base/duration.ts';
import type { JsonObject } from '../../../base/json.ts';
import { inFolder } from '../../ground/folder.ts';
import type { Repetition } from '../../ground/repeat.ts';
import { repeat } from '../../ground/repeat.ts';
import { asText } from '../../ground/text.ts';
import type { Part, PartContext, PartLedger, StartPart } from '../part.ts';
import type { Customers } from './customers.ts';
import { customersOf } from './customers.ts';
import type { Write } from './write.ts';

const EVERY_MS = 100;
/** So many writes precede a fault, so that there is something to lose and something to keep; fewer of one that takes its time. */
const BASELINE_WRITES = 10;
const BASELINE_MS = 1000;

/** Goes on writing, and keeps its own list of what was acknowledged, which no disaster takes away. */
class WriterPart implements Part {
  readonly members = {};
  readonly #customers: Customers;
  readonly #everyMs: number;
  readonly #file: string;
  readonly #writes: Write[] = [];
  #writing: Repetition | undefined;
  #written: Promise<void> = Promise.resolve();

  private constructor(customers: Customers, everyMs: number, file: string) {
    this.#customers = customers;
    this.#everyMs = everyMs;
    this.#file = file;
  }

  static start(args: JsonObject, context: PartContext): Promise<WriterPart> {
    const { id, worldFolder } = context;
    const everyMs = Duration.parse(asText(args['every']) ?? '')?.millis ?? EVERY_MS;
    const file = join(inFolder(worldFolder).parts, `${id}.jsonl`);
    const part = new WriterPart(customersOf(args, context), everyMs, file);
    context.onClose(() => part.#stop());
    part.#begin();
    return Promise.resolve(part);
  }

  get actions(): Part['actions'] {
    return {
      start: () => {
        this.#begin();
        return Promise.resolve(this.state());
      },
      stop: async () => {
        await this.#stop();
        return this.state();
      },
    };
  }

  state(): JsonObject {
    const error = this.#writing?.last?.error;
    return {
      running: this.#writing !== undefined,
      acknowledged: this.#writes.length,
      ...(error !== undefined && { error }),
    };
  }

  trouble(): Promise<string | undefined> {
    const error = this.#writing?.last?.error;
    const enough = Math.min(BASELINE_WRITES, Math.ceil(BASELINE_MS / this.#everyMs));
    const few = this.#writes.length < enough ? 'it has hardly written anything yet' : undefined;
    return Promise.resolve(error === undefined ? few : `it cannot write: ${error}`);
  }

  get ledger(): PartLedger {
    const { of, find } = this.#customers;
    return {
      of,
      // What is acknowledged while the answer is under way is in no answer, and not lost.
      compare: async () => {
        const writes = [...this.#writes];
        const held = await find(writes);
        return writes.map((write) => ({ at: write.at, kept: held.has(write) }));
      },
    };
  }

  #begin(): void {
    this.#writing ??= repeat(this.#everyMs, (stopping) => this.#write(stopping));
  }

  async #stop(): Promise<void> {
    const writing = this.#writing;
    this.#writing = undefined;
    await writing?.stop();
    await this.#customers.way.close?.();
    await this.#written;
  }

  async #write(stopping: AbortSignal): Promise<void> {
    const { way, place } = this.#customers;
    const closed = place?.closed();
    if (closed !== undefined) {
      // Whoever cannot come in holds no connection either: then the database is to be seen without anybody.
      await way.close?.();
      throw new Error(closed);
    }
    this.#note(await way.write(randomBytes(12).toString('hex'), stopping));
  }

  /** The file is for people who look into the folder; the figures come from memory. */
  #note(write: Write): void {
    this.#writes.push(write);
    const line = `${JSON.stringify(write)}\n`;
    this.#written = this.#written.then(() => appendFile(this.#file, line)).catch(() => undefined);
  }
}

/** Starts a part of the kind `writer`. */
export const startWriter: StartPart = (args, context) => WriterPart.start(args, context);
