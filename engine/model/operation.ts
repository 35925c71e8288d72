/** What a step kind is to the log of operations, as its schema says (`x-operation`). */
export interface KindOfOperation {
  /** What was fetched is no operation of its own: it tells which backup a file on this machine is. */
  readonly is: 'backup' | 'restore' | 'fetch';
  /** Where the backup is named, the first that is there: `output.id`, `with.at`. */
  readonly id: readonly string[];
  /** Where the file is named that it left on this machine. */
  readonly file?: string;
  /** An argument, and its value with which the step is none. */
  readonly unless?: Readonly<Record<string, string>>;
}
