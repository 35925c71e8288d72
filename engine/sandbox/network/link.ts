import type { AddressInfo, Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import type { Pace, Weather } from './lane.ts';
import { Lane } from './lane.ts';

/** What becomes of a connection that is cut: its bytes are lost on the way, or both sides are told at once. */
export type Cut = 'drop' | 'reset';

type Condition = Weather | { readonly type: 'reset' };

const WELL: Condition = { type: 'well' };

/** A connection, from whoever came to the port behind. */
interface Connection {
  readonly outside: Socket;
  readonly inside: Socket;
  readonly lanes: readonly Lane[];
}

/**
 * The way from one part of a world to a port of another: a port of its own whose connections end there. It can be slowed
 * and cut, and is otherwise not noticed. It stays when either side comes and goes.
 */
export class Link {
  readonly port: number;
  /** The port that it leads to. */
  readonly to: number;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  /** What is to be told when bytes arrive again: that the other side is gone. */
  readonly #untold = new Set<() => void>();
  #condition: Condition = WELL;
  #timer: NodeJS.Timeout | undefined;

  private constructor(server: Server, to: number) {
    this.#server = server;
    this.to = to;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (outside) => this.#receive(outside));
  }

  static async open(to: number): Promise<Link> {
    const server = createServer({ noDelay: true, allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return new Link(server, to);
  }

  /** How it is, in a word; undefined while nothing is wrong with it. */
  get trouble(): 'cut' | 'slow' | undefined {
    if (this.#condition.type === 'well') return undefined;
    return this.#condition.type === 'slow' ? 'slow' : 'cut';
  }

  /**
   * From now on nothing goes through, in either direction. `drop`: who waits goes on waiting, and whoever comes is taken
   * and hears nothing. `reset`: what is open is reset, and so is whoever comes.
   */
  cut(how: Cut, millis?: number): void {
    this.#become(how === 'drop' ? { type: 'lost' } : { type: 'reset' }, millis);
  }

  /** From now on all that goes through takes longer. */
  slow(pace: Pace, millis?: number): void {
    this.#become({ type: 'slow', pace }, millis);
  }

  /** As before. What was held up goes on. */
  mend(): void {
    this.#become(WELL);
  }

  /** Frees the port and ends what is open. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      for (const connection of this.#connections) lose(connection);
    });
  }

  #become(condition: Condition, millis?: number): void {
    clearTimeout(this.#timer);
    this.#condition = condition;
    if (millis !== undefined) this.#timer = setTimeout(() => this.mend(), millis);
    if (condition.type === 'reset') for (const connection of this.#connections) lose(connection);
    for (const { lanes } of this.#connections) for (const lane of lanes) lane.look();
    if (condition.type === 'lost') return;
    for (const tell of this.#untold) tell();
    this.#untold.clear();
  }

  #receive(outside: Socket): void {
    outside.on('error', () => undefined);
    if (this.#condition.type === 'reset') {
      outside.resetAndDestroy();
      return;
    }
    const inside = connect({ port: this.to, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    inside.on('error', () => undefined);
    const weather = (): Weather => (this.#condition.type === 'reset' ? { type: 'lost' } : this.#condition);
    const [there, back] = [new Lane(weather), new Lane(weather)];
    outside.pipe(there).pipe(inside);
    inside.pipe(back).pipe(outside);
    const connection = { outside, inside, lanes: [there, back] };
    this.#connections.add(connection);
    const ended = (failed: boolean): void => {
      if (failed) this.#whenHeard(() => lose(connection));
      if (outside.closed && inside.closed) this.#connections.delete(connection);
    };
    outside.once('close', ended);
    inside.once('close', ended);
  }

  /** Neither side hears of the other while nothing arrives. */
  #whenHeard(tell: () => void): void {
    if (this.#condition.type === 'lost') this.#untold.add(tell);
    else tell();
  }
}

/** Resets both sides: what was under way is lost. */
function lose({ outside, inside, lanes }: Connection): void {
  for (const lane of lanes) lane.destroy();
  for (const socket of [outside, inside]) if (!socket.destroyed) socket.resetAndDestroy();
}
