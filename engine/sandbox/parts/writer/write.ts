/** One write that was acknowledged. */
export interface Write {
  /** By which it is found again; no other write has it. */
  readonly key: string;
  /** Microseconds since the epoch: by the database's clock, or else when the answer came. */
  readonly at: number;
  /** Of a file: MD5 of its bytes, in hexadecimal. */
  readonly digest?: string;
}

/** A way to write. */
export interface Way {
  /** Writes with a text that no other write has. Rejects unless it was acknowledged. */
  write(text: string, stopping: AbortSignal): Promise<Write>;
  /** Ends what it keeps open; it is opened again by the next write. */
  close?(): Promise<void>;
}

/** Gives those of the writes that are held now. Rejects when that cannot be told. */
export type FindWrites = (writes: readonly Write[]) => Promise<ReadonlySet<Write>>;

/** The text or the key in place of each `$1`. */
export const withText = (template: string, text: string): string => template.replaceAll('$1', text);

/** Now, in microseconds since the epoch. */
export const nowMicros = (): number => Date.now() * 1000;
