import type { JsonObject } from '../../../base/json.ts';
import { Disk } from '../../ground/disk.ts';
import type { Program } from '../../ground/program.ts';
import { asText } from '../../ground/text.ts';
import { redisFolder, RedisServer } from '../../redis/server.ts';
import { diskActions } from '../disk.ts';
import type { Part, PartEntry, StartPart } from '../part.ts';

/** A Redis server of its own: a broker of queues, for one. */
class RedisPart implements Part {
  readonly #id: string;
  readonly redis: RedisServer;
  readonly disk: Disk | undefined;

  constructor(id: string, redis: RedisServer, disk: Disk | undefined) {
    this.#id = id;
    this.redis = redis;
    this.disk = disk;
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
      ...(this.disk !== undefined && { disk: { value: this.disk.path } }),
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
      ...diskActions(this.#id, this.disk, () => this.state()),
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
    return { ...this.redis.program.state, ...this.disk?.state };
  }

  async trouble(): Promise<string | undefined> {
    return await this.redis.trouble();
  }
}

/** Starts a part of the kind `redis`. */
export const startRedis: StartPart = async (args, context) => {
  const { id, worldFolder, onClose } = context;
  const size = asText(args['disk']);
  const disk = size === undefined ? undefined : await Disk.make(redisFolder(worldFolder, id), size, context);
  return new RedisPart(id, await RedisServer.start(worldFolder, id, onClose), disk);
};
