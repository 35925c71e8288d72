import type { TransformCallback } from 'node:stream';
import { Transform } from 'node:stream';

/** How slow a network is, each way. */
export interface Pace {
  readonly delayMs: number;
  /** Undefined: as many as there are. */
  readonly bytesPerSecond: number | undefined;
}

/** How a network is now. */
export type Weather =
  | { readonly type: 'well' }
  | { readonly type: 'slow'; readonly pace: Pace }
  /** Nothing arrives; what was sent arrives when the network is well again. */
  | { readonly type: 'lost' };

/** So much is under way at once before whoever sends has to wait. */
const ROOM_BYTES = 256 * 1024;
/** What arrives byte by byte is handed on so often. */
const EVERY_MS = 100;

interface UnderWay {
  readonly bytes: Buffer;
  /** When the first of them arrives, on the clock of `performance.now`. */
  readonly begins: number;
  /** How long one takes. */
  readonly msPerByte: number;
}

/** One direction of a connection: bytes come out in their order, as late as the network is slow. */
export class Lane extends Transform {
  readonly #weather: () => Weather;
  readonly #underWay: UnderWay[] = [];
  #size = 0;
  /** Until when the wire is taken by what was sent before. */
  #busyUntil = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Asks for more, or says that all has arrived. */
  #proceed: TransformCallback | undefined;
  #isEnding = false;

  constructor(weather: () => Weather) {
    super();
    this.#weather = weather;
  }

  override _transform(bytes: Buffer, _: BufferEncoding, done: TransformCallback): void {
    const weather = this.#weather();
    if (weather.type === 'well' && this.#size === 0) {
      done(null, bytes);
      return;
    }
    this.#underWay.push(this.#send(bytes, weather));
    this.#size += bytes.length;
    this.#proceed = done;
    this.look();
  }

  override _flush(done: TransformCallback): void {
    this.#isEnding = true;
    this.#proceed = done;
    this.look();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#timer);
    done(error);
  }

  /** Lets arrive what is due. To be called when the network has changed, too. */
  look(): void {
    clearTimeout(this.#timer);
    const { type } = this.#weather();
    if (type === 'lost') return;
    for (let [first] = this.#underWay; first !== undefined; [first] = this.#underWay) {
      const wait = type === 'well' ? this.#arrive(first.bytes.length) : this.#arriveInTime(first);
      if (wait === 0) continue;
      this.#timer = setTimeout(() => this.look(), wait);
      break;
    }
    if (this.#isEnding ? this.#size > 0 : this.#size >= ROOM_BYTES) return;
    const proceed = this.#proceed;
    this.#proceed = undefined;
    proceed?.();
  }

  /** What of the first has had the time to arrive; how long until more of it has, 0 when that is all. */
  #arriveInTime({ bytes: { length }, begins, msPerByte }: UnderWay): number {
    const elapsed = performance.now() - begins;
    if (elapsed < 0) return -elapsed + Math.min(EVERY_MS, length * msPerByte);
    const arrived = msPerByte === 0 ? length : Math.min(length, Math.floor(elapsed / msPerByte));
    this.#arrive(arrived);
    return arrived === length ? 0 : Math.min(EVERY_MS, (length - arrived) * msPerByte);
  }

  /** So many bytes of the first, which are all or only its beginning. */
  #arrive(count: number): 0 {
    const first = this.#underWay.shift();
    if (first === undefined) return 0;
    const { bytes, begins, msPerByte } = first;
    if (count < bytes.length)
      this.#underWay.unshift({ bytes: bytes.subarray(count), begins: begins + count * msPerByte, msPerByte });
    this.#size -= count;
    if (count > 0) this.push(bytes.subarray(0, count));
    return 0;
  }

  #send(bytes: Buffer, weather: Weather): UnderWay {
    if (weather.type !== 'slow') return { bytes, begins: 0, msPerByte: 0 };
    const { delayMs, bytesPerSecond } = weather.pace;
    const msPerByte = bytesPerSecond === undefined ? 0 : 1000 / bytesPerSecond;
    const starts = Math.max(performance.now(), this.#busyUntil);
    this.#busyUntil = starts + bytes.length * msPerByte;
    return { bytes, begins: starts + delayMs, msPerByte };
  }
}
