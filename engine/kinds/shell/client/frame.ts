import { randomBytes } from 'node:crypto';
import type { LeftRunning } from '../../machine/left-running.ts';

type Stream = 'stdout' | 'stderr';

/** Longest line of the frame itself; what is longer is none. */
const MAX_RECORD = 4096;

/**
 * Tells what a script says from what is said around it. The bootstrap on the far side writes a mark that nobody can
 * guess before the script begins and after it has ended, on both streams: what stands before the first is a
 * greeting of the account's shell or of sudo, what stands after the last is nobody's.
 */
export class Frame {
  /** In two pieces: the script may list processes, and so the command line that writes the mark. */
  readonly pieces = ['<drillbook ', randomBytes(12).toString('hex')] as const;
  /** The bootstrap runs, and waits for what it is to run. */
  readonly ready: Promise<void>;
  /** The script's end has come through on both streams. */
  readonly over: Promise<void>;
  readonly #streams = { stdout: new Part(), stderr: new Part() };
  readonly #left: LeftRunning[] = [];
  #resolveReady = (): void => undefined;
  #resolveOver = (): void => undefined;
  #isReady = false;
  #pid: string | undefined;
  #exitCode: number | undefined;

  constructor() {
    this.ready = new Promise((resolve) => (this.#resolveReady = resolve));
    this.over = new Promise((resolve) => (this.#resolveOver = resolve));
  }

  /** Whether the far side may have begun: what it is to run was sent. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** The leader of the script's process group, once it has begun. */
  get pid(): string | undefined {
    return this.#pid;
  }

  /** Undefined until it has ended: then the connection or something around the script ended first. */
  get exitCode(): number | undefined {
    return this.#exitCode;
  }

  /** What it had left running. */
  get left(): readonly LeftRunning[] {
    return this.#left;
  }

  /** What was said around the script: by the account's shell, by sudo, by ssh. */
  get noise(): string {
    return this.#streams.stdout.noise + this.#streams.stderr.noise;
  }

  /** What of a chunk is the script's. */
  sieve(stream: Stream, chunk: Buffer): Buffer {
    const part = this.#streams[stream];
    const own = part.take(chunk, `${this.pieces.join('')} `, (record) => this.#note(stream, record));
    if (this.#streams.stdout.isOver && this.#streams.stderr.isOver) this.#resolveOver();
    return own;
  }

  /** Gives the part of the stream that the record leads over to. */
  #note(stream: Stream, record: string): Place {
    const [word, value = '', ended = '', ...command] = record.split(' ');
    if (word === 'ready') {
      this.#isReady = true;
      this.#resolveReady();
      return 'before';
    }
    if (word === 'begin') return 'inside';
    if (word === 'pid') {
      this.#pid = value;
      return 'inside';
    }
    if (word === 'left') {
      this.#left.push({ pid: Number(value), command: command.join(' '), ended: ended === 'ended' });
      return 'inside';
    }
    if (stream === 'stderr') this.#exitCode = Number(value);
    return 'after';
  }
}

type Place = 'before' | 'inside' | 'after';

/** One stream of it, which comes in pieces of any size. */
class Part {
  #place: Place = 'before';
  #held = Buffer.alloc(0);
  #noise = '';

  get isOver(): boolean {
    return this.#place === 'after';
  }

  /** What was said before the script began, or, where it never did, at all. */
  get noise(): string {
    return this.#noise + (this.#place === 'before' ? this.#held.toString() : '');
  }

  take(chunk: Buffer, mark: string, note: (record: string) => Place): Buffer {
    let rest = Buffer.concat([this.#held, chunk]);
    const own: Buffer[] = [];
    const pass = (bytes: Buffer): void => {
      if (this.#place === 'inside') own.push(bytes);
      else if (this.#place === 'before') this.#noise = (this.#noise + bytes.toString()).slice(-MAX_RECORD);
    };
    for (;;) {
      const at = rest.indexOf(mark);
      const end = at < 0 ? -1 : rest.indexOf('>\n', at);
      if (end < 0) {
        const keep = at >= 0 ? at : rest.length - beginningOf(mark, rest);
        pass(rest.subarray(0, keep));
        this.#held = Buffer.from(rest.subarray(keep));
        return Buffer.concat(own);
      }
      pass(rest.subarray(0, at));
      this.#place = note(rest.subarray(at + mark.length, end).toString());
      rest = rest.subarray(end + 2);
    }
  }
}

/** How many bytes at the end may be the beginning of the mark. */
function beginningOf(mark: string, bytes: Buffer): number {
  for (let length = Math.min(mark.length - 1, bytes.length); length > 0; length--) {
    if (bytes.subarray(-length).toString('latin1') === mark.slice(0, length)) return length;
  }
  return 0;
}
