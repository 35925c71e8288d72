import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { Silence } from '../ground/silence.ts';

export interface GateOptions {
  /** Where the server listens; undefined while it does not run. */
  readonly port: () => number | undefined;
  /** Who may come in, by address. */
  readonly admits: (address: string) => boolean;
}

/**
 * The address by which a database is reached. It stays when the server comes and goes, cuts off whom it
 * does not admit without a word, and can fall silent as a network does that drops packets.
 */
export class Gate {
  readonly port: number;
  readonly #server: ReturnType<typeof createServer>;
  readonly #silence = new Silence();
  /** Those outside, each with its connection to the server. */
  readonly #pairs = new Map<Socket, Socket>();
  /** What the server is taken away for and comes back from. */
  #absence: Promise<unknown> | undefined;
  readonly #waiting = new Set<Socket>();

  private constructor(server: ReturnType<typeof createServer>, options: GateOptions) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (outside) => this.#receive(outside, options));
  }

  static async open(options: GateOptions): Promise<Gate> {
    const server = createServer({ noDelay: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return new Gate(server, options);
  }

  /** From now on connections are taken and nobody answers, those of before too; undefined: as before. */
  hang(millis: number | undefined): void {
    this.#silence.begin(millis);
    if (!this.#silence.lasts) return;
    for (const [outside, inside] of this.#pairs) {
      outside.unpipe(inside).pause();
      inside.unpipe(outside).pause();
      this.#silence.hold(outside);
    }
  }

  /** Until this work is over, which ends with a server that answers, whoever comes waits before the door. */
  async holding<T>(work: () => Promise<T>): Promise<T> {
    const working = work();
    const absence = working.then(
      () => undefined,
      () => undefined,
    );
    this.#absence = absence;
    try {
      return await working;
    } finally {
      if (this.#absence === absence) this.#absence = undefined;
    }
  }

  /** Frees the port and cuts what is open. */
  async close(): Promise<void> {
    this.#silence.begin(undefined);
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      for (const outside of [...this.#pairs.keys(), ...this.#waiting]) outside.destroy();
    });
  }

  #receive(outside: Socket, options: GateOptions): void {
    outside.on('error', () => outside.destroy());
    if (this.#absence === undefined) {
      this.#connect(outside, options);
      return;
    }
    this.#waiting.add(outside);
    outside.once('close', () => this.#waiting.delete(outside));
    void this.#absence.then(() => {
      // Gone meanwhile, by itself or with the door.
      if (this.#waiting.delete(outside)) this.#connect(outside, options);
    });
  }

  #connect(outside: Socket, { port, admits }: GateOptions): void {
    if (this.#silence.lasts) {
      this.#silence.hold(outside);
      return;
    }
    const behind = port();
    if (behind === undefined || !admits(outside.remoteAddress ?? '')) {
      outside.resetAndDestroy();
      return;
    }
    const inside = connect({ port: behind, host: '127.0.0.1', noDelay: true });
    this.#pairs.set(outside, inside);
    inside.on('error', () => outside.resetAndDestroy());
    inside.once('close', () => outside.destroySoon());
    outside.once('close', () => {
      this.#pairs.delete(outside);
      inside.destroy();
    });
    outside.pipe(inside);
    inside.pipe(outside);
  }
}
