import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram, howToInstall } from '../../base/programs.ts';
import { inFolder } from '../ground/folder.ts';
import { reservePort } from '../ground/port.ts';
import { Program } from '../ground/program.ts';
import { untilReady } from '../ground/ready.ts';
import { troubleAt } from './client.ts';

const START_MS = 20_000;

/** All that it has lies there. A disk of its own is mounted at it before the start. */
export const redisFolder = (worldFolder: string, name: string): string =>
  join(inFolder(worldFolder).redis, name);

const configurationIn = (folder: string): string => join(folder, 'redis.conf');

/**
 * A Redis server of a world, at an address that stays when the server comes and goes. It keeps what it is told on
 * disk: what was acknowledged is there after a kill too, as with a broker that is run with care.
 */
export class RedisServer {
  readonly #folder: string;
  readonly #program: Program;
  readonly #password = randomBytes(18).toString('base64url');
  #port: number | undefined;

  private constructor(folder: string, program: Program) {
    this.#folder = folder;
    this.#program = program;
  }

  /**
   * Starts the redis-server of this machine for the world in that folder. `onClose` is told how to end it before it
   * runs. Rejects in words where there is none, or where it does not come up.
   */
  static async start(
    worldFolder: string,
    name: string,
    onClose: (close: () => Promise<void>) => void,
  ): Promise<RedisServer> {
    const file = await findProgram('redis-server');
    if (file === undefined)
      throw new Error(`there is no redis-server on this machine: ${howToInstall('redis-server')}`);
    const folder = redisFolder(worldFolder, name);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const program = new Program({
      ...{ command: [file, configurationIn(folder)], cwd: folder, env: {}, worldFolder },
      log: join(folder, 'server.log'),
    });
    onClose(() => program.stop());
    const server = new RedisServer(folder, program);
    await server.start();
    return server;
  }

  get program(): Program {
    return this.#program;
  }

  get port(): number {
    return this.#port ?? 0;
  }

  get password(): string {
    return this.#password;
  }

  /** Of its first database, with the password. */
  get url(): string {
    return `redis://:${this.#password}@127.0.0.1:${String(this.port)}/0`;
  }

  /** Resolves when it answers to its password. */
  async start(): Promise<void> {
    this.#port ??= await reservePort();
    await this.#configure(this.#port);
    try {
      await this.#program.start();
      await untilReady(this.#program, () => troubleAt(this.url), START_MS);
    } catch (error) {
      await this.#program.stop();
      throw error;
    }
  }

  /** It writes out what it has. Resolves when the process is gone. */
  async stop(): Promise<void> {
    await this.#program.stop();
  }

  /** Why it cannot be used, in words; undefined when it can. */
  async trouble(): Promise<string | undefined> {
    return this.#program.ending ?? (await troubleAt(this.url));
  }

  /** In a file, since everybody may read the arguments of a program. */
  async #configure(port: number): Promise<void> {
    const settings: Readonly<Record<string, string>> = {
      bind: '127.0.0.1',
      port: String(port),
      dir: `"${this.#folder}"`,
      requirepass: this.#password,
      appendonly: 'yes',
      save: '""',
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}\n`);
    await writeFile(configurationIn(this.#folder), lines.join(''), { mode: 0o600 });
  }
}
