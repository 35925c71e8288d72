const UNITS = { d: 86_400_000_000, h: 3_600_000_000, m: 60_000_000, s: 1_000_000, ms: 1000, us: 1 };
const PART = /(\d+(?:\.\d+)?)(ms|us|d|h|m|s)/gy;

/** A length of time, to the microsecond. Written as `30m`, `1h30m`, `250ms`. */
export class Duration {
  readonly micros: number;

  constructor(micros: number) {
    if (!Number.isSafeInteger(micros)) {
      throw new RangeError(`not a whole number of microseconds: ${String(micros)}`);
    }
    this.micros = micros;
  }

  static fromMillis(millis: number): Duration {
    return new Duration(Math.round(millis * 1000));
  }

  /** Reads `1h30m`; undefined when the text is not a duration. A bare number has no unit and is none, save `0`. */
  static parse(text: string): Duration | undefined {
    if (text === '0') return new Duration(0);
    const negative = text.startsWith('-');
    const body = negative ? text.slice(1) : text;
    let micros = 0;
    let end = 0;
    let smallest = Infinity;
    for (const match of body.matchAll(PART)) {
      const unit = UNITS[match[2] as keyof typeof UNITS];
      if (unit >= smallest) return undefined;
      smallest = unit;
      micros += Number(match[1]) * unit;
      end = match.index + match[0].length;
    }
    if (end === 0 || end !== body.length || micros > Number.MAX_SAFE_INTEGER) return undefined;
    return new Duration(Math.round(negative ? -micros : micros));
  }

  get millis(): number {
    return this.micros / 1000;
  }

  /** Exact and readable by `parse`: `1h30m`, `250ms`, `0`. */
  toString(): string {
    if (this.micros === 0) return '0';
    let rest = Math.abs(this.micros);
    let text = this.micros < 0 ? '-' : '';
    for (const [name, size] of Object.entries(UNITS)) {
      const count = Math.floor(rest / size);
      if (count > 0) text += `${String(count)}${name}`;
      rest -= count * size;
    }
    return text;
  }

  toJSON(): string {
    return this.toString();
  }
}
