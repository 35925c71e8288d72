const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?([Zz]|[+-]\d{2}:\d{2})$/;

/**
 * A moment, to the microsecond: PostgreSQL's own resolution, so that a moment
 * read from a row and used as a recovery target is the same moment.
 */
export class Instant {
  /** Microseconds since 1970-01-01T00:00:00Z: a safe integer until the year 2255. */
  readonly epochMicros: number;

  constructor(epochMicros: number) {
    if (!Number.isSafeInteger(epochMicros)) {
      throw new RangeError(`not a whole number of microseconds: ${String(epochMicros)}`);
    }
    this.epochMicros = epochMicros;
  }

  static fromMillis(epochMillis: number): Instant {
    return new Instant(Math.round(epochMillis * 1000));
  }

  /** Reads RFC 3339; undefined when the text is not a moment, or has no offset (then it names no moment). */
  static parse(text: string): Instant | undefined {
    const match = RFC3339.exec(text);
    if (match === null) return undefined;
    const [, year, month, day, hour, minute, second, fraction = '', offset = 'Z'] = match;
    const iso = `${year ?? ''}-${month ?? ''}-${day ?? ''}T${hour ?? ''}:${minute ?? ''}:${second ?? ''}`;
    const utc = Date.parse(`${iso}Z`);
    // Date.parse rolls 30 February over to March; a moment that does not exist is refused.
    if (Number.isNaN(utc) || !new Date(utc).toISOString().startsWith(iso)) return undefined;
    const micros = (utc - offsetMillis(offset)) * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6));
    // Beyond the year 2255 microseconds do not fit: no moment of a recovery.
    return Number.isSafeInteger(micros) ? new Instant(micros) : undefined;
  }

  /** Milliseconds since the epoch, with the microseconds as a fraction. */
  get epochMillis(): number {
    return this.epochMicros / 1000;
  }

  /** RFC 3339 in UTC: `2025-11-01T12:00:00.000Z`, with six digits where the microseconds need them. */
  toString(): string {
    const millis = Math.floor(this.epochMicros / 1000);
    const micros = this.epochMicros - millis * 1000;
    const text = new Date(millis).toISOString();
    return micros === 0 ? text : `${text.slice(0, -1)}${String(micros).padStart(3, '0')}Z`;
  }

  toJSON(): string {
    return this.toString();
  }
}

function offsetMillis(offset: string): number {
  if (offset === 'Z' || offset === 'z') return 0;
  const sign = offset.startsWith('-') ? -1 : 1;
  const [hours = '0', minutes = '0'] = offset.slice(1).split(':');
  return sign * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
