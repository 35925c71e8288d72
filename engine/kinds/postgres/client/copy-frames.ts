import { Readable, Writable } from 'node:stream';
import type { Duplex } from 'node:stream';
import type { Submittable } from 'pg';

/*
 * COPY as the protocol's own messages, passed on as they are: what one server sends is, message for message, what
 * another one takes. Only the lengths are looked at, so that the rows cost next to nothing on their way.
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-COPY
 */

const COPY_DATA = 0x64;
const COPY_DONE = 0x63;
/** Say nothing of the rows: the answer to COPY itself, notices, parameters, notifications. */
const PASSED_OVER: ReadonlySet<number | undefined> = new Set([0x48, 0x4e, 0x53, 0x41]);
const HEADER_BYTES = 5;
const DONE = Buffer.from([COPY_DONE, 0, 0, 0, 4]);

/** What of pg's connection is needed; pg calls the handlers, but does not have them in its types. */
interface Wire {
  readonly stream: Duplex;
  query(text: string): void;
  sendCopyFail(message: string): void;
}

/** The messages of a `copy … to stdout`, never cut in the middle of one. */
export class FrameSource extends Readable implements Submittable {
  readonly #text: string;
  #socket: Duplex | undefined;
  #pgHandler: ((data: Buffer) => void) | undefined;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** Nothing can be done before so many bytes are there. */
  #neededBytes = HEADER_BYTES;

  constructor(text: string) {
    super({ highWaterMark: 1024 * 1024 });
    this.#text = text;
  }

  submit(connection: unknown): void {
    const wire = connection as Wire;
    const socket = wire.stream;
    const [handler] = socket.listeners('data');
    this.#pgHandler = handler as (data: Buffer) => void;
    this.#socket = socket;
    socket.off('data', this.#pgHandler);
    socket.on('data', this.#take);
    wire.query(this.#text);
  }

  override _read(): void {
    this.#socket?.resume();
  }

  handleError(error: Error): void {
    this.#giveBack(undefined);
    this.destroy(error);
  }

  handleCommandComplete(): void {
    // The count is the sink's to tell.
  }

  handleReadyForQuery(): void {
    // The stream ended with the last row.
  }

  readonly #take = (chunk: Buffer): void => {
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.length;
    if (this.#pendingBytes < this.#neededBytes) return;
    const buffer = this.#pending.length === 1 ? chunk : Buffer.concat(this.#pending);
    const end = this.#walk(buffer);
    if (end !== undefined) {
      this.#giveBack(buffer.subarray(end.rest));
      if (end.complete) this.push(null);
    }
  };

  /** Passes on the whole messages of rows. Tells where the rows end, if they do. */
  #walk(buffer: Buffer): { readonly rest: number; readonly complete: boolean } | undefined {
    let at = 0;
    let from = 0;
    const pass = (to: number): boolean => to === from || this.push(buffer.subarray(from, to));
    this.#neededBytes = HEADER_BYTES;
    while (buffer.length - at >= HEADER_BYTES) {
      const code = buffer[at];
      const next = at + 1 + buffer.readUInt32BE(at + 1);
      if (code !== COPY_DATA && !PASSED_OVER.has(code)) {
        const complete = code === COPY_DONE;
        if (complete && next > buffer.length) {
          this.#neededBytes = next - at;
          break;
        }
        pass(at);
        return { rest: complete ? next : at, complete };
      }
      if (next > buffer.length) {
        this.#neededBytes = next - at;
        break;
      }
      if (code !== COPY_DATA) {
        pass(at);
        from = next;
      }
      at = next;
    }
    if (!pass(at)) this.#socket?.pause();
    this.#pending = at === buffer.length ? [] : [buffer.subarray(at)];
    this.#pendingBytes = buffer.length - at;
    return undefined;
  }

  /** From here on pg reads the connection again, from these bytes on. */
  #giveBack(bytes: Buffer | undefined): void {
    const socket = this.#socket;
    const handler = this.#pgHandler;
    if (socket === undefined || handler === undefined) return;
    this.#socket = undefined;
    socket.off('data', this.#take);
    socket.on('data', handler);
    if (bytes !== undefined && bytes.length > 0) handler.call(socket, bytes);
    socket.resume();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    // Nobody wants the rest, and the server would send it all the same: the session ends here.
    this.#socket?.destroy();
    done(error);
  }
}

/** Takes such messages for a `copy … from stdin`. Finished when the server has taken them all. */
export class FrameSink extends Writable implements Submittable {
  rowCount = 0;
  readonly #text: string;
  #wire: Wire | undefined;
  #isReady = false;
  #whenReady: (() => void) | undefined;
  #whenOver: ((error?: Error | null) => void) | undefined;

  constructor(text: string) {
    super({ highWaterMark: 1024 * 1024 });
    this.#text = text;
  }

  submit(connection: unknown): void {
    this.#wire = connection as Wire;
    this.#wire.query(this.#text);
  }

  handleCopyInResponse(): void {
    this.#isReady = true;
    this.#whenReady?.();
    this.#whenReady = undefined;
  }

  handleCommandComplete(message: { readonly text?: string }): void {
    this.rowCount = Number(/COPY (\d+)/.exec(message.text ?? '')?.[1] ?? 0);
  }

  handleReadyForQuery(): void {
    this.#over(null);
  }

  handleError(error: Error): void {
    this.#wire = undefined;
    if (this.#whenOver === undefined) this.destroy(error);
    else this.#over(error);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#afterReady(() => {
      const socket = this.#wire?.stream;
      if (socket === undefined) return;
      if (socket.write(chunk)) done();
      else socket.once('drain', done);
    });
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#whenOver = done;
    this.#afterReady(() => this.#wire?.stream.write(DONE));
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const wire = this.#wire;
    if (wire === undefined || this.writableFinished) {
      done(error);
      return;
    }
    // The session can go on only after the server has answered.
    this.#whenOver = () => done(error);
    this.#afterReady(() => wire.sendCopyFail(error?.message ?? 'given up'));
  }

  #afterReady(act: () => void): void {
    if (this.#isReady) act();
    else this.#whenReady = act;
  }

  #over(error: Error | null): void {
    const done = this.#whenOver;
    this.#whenOver = undefined;
    done?.(error);
  }
}
