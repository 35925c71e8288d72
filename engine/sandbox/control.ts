import type { Json, JsonObject } from '../base/json.ts';
import { isJsonObject } from '../base/json.ts';
import type { ValueMap } from '../base/value.ts';
import { decodeValue, encodeValue, isValueMap } from '../base/value.ts';
import type { Listener, Reply, Request } from './ground/http.ts';
import { hasBearer, listen } from './ground/http.ts';
import { messageOf } from './ground/text.ts';
import type { PartsHost } from './parts-host.ts';

export interface ControlOptions {
  readonly host: PartsHost;
  readonly token: string;
  /** Who this is: pid and folder. */
  readonly identity: JsonObject;
  /** Told of every call, so that a world nobody asks anything is noticed. */
  readonly onCall: () => void;
  /** Ends the world; resolves when only its process is left. */
  readonly stop: () => Promise<void>;
}

/** What drillbook asks of a world from outside its process. Failures are 422 with the reason. */
export async function openControl(options: ControlOptions): Promise<Listener> {
  const { host, token, identity } = options;
  const calls: Readonly<Record<string, (body: JsonObject) => Promise<Json>>> = {
    'GET /state': () => Promise.resolve({ ...identity, ...host.state() }),
    'GET /environment': () => Promise.resolve({ text: host.environmentText() }),
    'GET /loss': async () => ({ ...(await host.loss()) }),
    'GET /lost-uploads': async () => ({ ...(await host.lostUploads()) }),
    'POST /baseline': async () => {
      await host.baseline();
      return {};
    },
    'POST /fault': async (body) => {
      const uses = typeof body['uses'] === 'string' ? body['uses'] : '';
      const part = typeof body['part'] === 'string' ? body['part'] : undefined;
      const { description, output } = await host.inject(uses, argumentsOf(body['with']), part);
      return { description, output: encodeValue(output) };
    },
    'POST /stop': async () => {
      await options.stop();
      return {};
    },
  };
  return await listen(async (request: Request): Promise<Reply> => {
    if (!hasBearer(request, token)) return { status: 401, body: { message: 'unauthorized' } };
    options.onCall();
    const call = calls[`${request.method} ${request.path}`];
    if (call === undefined) return { status: 404, body: { message: 'not found' } };
    try {
      return { status: 200, body: await call(isJsonObject(request.body) ? request.body : {}) };
    } catch (error) {
      return { status: 422, body: { message: messageOf(error) } };
    }
  });
}

function argumentsOf(json: Json | undefined): ValueMap {
  const value = decodeValue(json ?? {});
  return isValueMap(value) ? value : {};
}
