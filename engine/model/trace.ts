/** A run as others trace what programs do: spans, one inside of another. */
export interface Trace {
  /** Of the run: 32 hexadecimal digits, the same whenever it is made. */
  readonly id: string;
  /** The root first, and each span after the one around it. */
  readonly spans: readonly TraceSpan[];
}

export type TraceAttributes = Readonly<Record<string, string | number | boolean>>;

export interface TraceSpan {
  /** 16 hexadecimal digits. */
  readonly id: string;
  /** Absent for the root. */
  readonly parent?: string;
  readonly name: string;
  /** Microseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  readonly attributes: TraceAttributes;
  readonly events: readonly TraceEvent[];
  /** `unset` for what has not come to its end. */
  readonly status: 'ok' | 'error' | 'unset';
  /** What went wrong. */
  readonly message?: string;
}

export interface TraceEvent {
  readonly name: string;
  readonly at: number;
  readonly attributes: TraceAttributes;
}
