import { setTimeout as delay } from 'node:timers/promises';
import { Duration } from '../../../base/duration.ts';
import type { Json, JsonObject } from '../../../base/json.ts';
import { isJsonObject, listOf } from '../../../base/json.ts';
import type { Listener, Reply, Request } from '../../ground/http.ts';
import { listen } from '../../ground/http.ts';
import type { Network } from '../../ground/silence.ts';
import { asText } from '../../ground/text.ts';
import type { Part, PartContext, StartPart } from '../part.ts';

/** So many requests are told at the desk, the newest last. */
const TOLD = 20;

interface Answer {
  /** Undefined: every method. */
  readonly method: string | undefined;
  readonly path: string;
  readonly afterMs: number;
  readonly reply: Reply;
}

/** Stands in for a service of somebody else: gives the answers of the world's file, and keeps what it was asked. */
class HttpPart implements Part {
  readonly actions = {};
  readonly #answers: readonly Answer[];
  readonly #asked: JsonObject[] = [];
  #listener: Listener | undefined;
  #requests = 0;

  private constructor(answers: readonly Answer[]) {
    this.#answers = answers;
  }

  static async start(args: JsonObject, context: PartContext): Promise<HttpPart> {
    const part = new HttpPart(listOf(args['answers']).map(answerOf));
    const listener = await listen((request) => part.#answer(request));
    context.onClose(() => listener.close());
    part.#listener = listener;
    return part;
  }

  get members(): Part['members'] {
    const url = this.#listener?.url ?? '';
    return { url: { value: url }, port: { value: Number(new URL(url).port) } };
  }

  get network(): Network | undefined {
    return this.#listener;
  }

  state(): JsonObject {
    return { running: true, requests: this.#requests, last: [...this.#asked] };
  }

  trouble(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async #answer({ method, path, body }: Request): Promise<Reply> {
    this.#requests += 1;
    this.#asked.push({ method, path, ...(body !== undefined && { body }) });
    if (this.#asked.length > TOLD) this.#asked.shift();
    const found = this.#answers.find(
      (answer) => answer.path === path && (answer.method ?? method) === method,
    );
    if (found === undefined) {
      const known = this.#answers.map((answer) => `${answer.method ?? 'any method'} ${answer.path}`);
      const message = `this stand-in has no answer for ${method} ${path}: it knows ${known.join(', ')}`;
      return { status: 404, body: { message } };
    }
    await delay(found.afterMs);
    return found.reply;
  }
}

function answerOf(json: Json): Answer {
  const said = isJsonObject(json) ? json : {};
  const headers = isJsonObject(said['headers']) ? said['headers'] : {};
  const body = said['json'];
  return {
    method: asText(said['method']),
    path: asText(said['path']) ?? '/',
    afterMs: Duration.parse(asText(said['after']) ?? '')?.millis ?? 0,
    reply: {
      status: typeof said['status'] === 'number' ? said['status'] : 200,
      ...(body !== undefined && { body }),
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, asText(value) ?? '']),
      ),
    },
  };
}

/** Starts a part of the kind `http`. */
export const startHttp: StartPart = (args, context) => HttpPart.start(args, context);
