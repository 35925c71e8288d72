/** What a step kind is to the log of operations, as its schema says (`x-operation`). */
export interface KindOfOperation {
  readonly is: 'backup' | 'restore';
  /** Where the backup is named, the first that is there: `output.id`, `with.at`. */
  readonly id: readonly string[];
}
