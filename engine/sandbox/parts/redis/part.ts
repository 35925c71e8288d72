import type { JsonObject } from '../../../base/json.ts';
import type { Program } from '../../ground/program.ts';
import { RedisServer } from '../../redis/server.ts';
import type { Part, PartEntry, StartPart } from '../part.ts';

/** A Redis server of its own: a broker of queues, for one. */
class RedisPart implements Part {
  readonly #id: string;
  readonly redis: RedisServer;

  constructor(id: string, redis: RedisServer) {
    this.#id = id;
    this.redis = redis;
  }

  get program(): Program {
    return this.redis.program;
  }

  get members(): Part['members'] {
    const { url, port, password } = this.redis;
    return {
      url: { value: url, secret: true },
      host: { value: '127.0.0.1' },
      port: { value: port },
      password: { value: password, secret: true },
    };
  }

  get entry(): PartEntry {
    return {
      facts: {
        name: this.#id,
        fingerprint: { host: `127.0.0.1:${String(this.redis.port)}`, database: 0 },
      },
      secrets: { url: 'url' },
    };
  }

  get actions(): Part['actions'] {
    return {
      start: async () => {
        await this.redis.start();
        return this.state();
      },
      stop: async () => {
        await this.redis.stop();
        return this.state();
      },
      restart: async () => {
        await this.redis.stop();
        await this.redis.start();
        return this.state();
      },
    };
  }

  state(): JsonObject {
    return this.redis.program.state;
  }

  async trouble(): Promise<string | undefined> {
    return await this.redis.trouble();
  }
}

/** Starts a part of the kind `redis`. */
export const startRedis: StartPart = async (_, context) =>
  new RedisPart(context.id, await RedisServer.start(context.worldFolder, context.id, context.onClose));
