import type { ChainHead } from './line.ts';

/** Where the lines of one journal go: a file, or a table. Used by one writer, which waits for each call. */
export interface LineSink {
  /** Adds whole lines, the last of which is `head`; breaks a seal. Durable when it resolves. */
  write(text: string, head: ChainHead): Promise<void>;
  /** Certifies that the journal ends there. Durable when it resolves. */
  seal(head: ChainHead): Promise<void>;
  close(): Promise<void>;
}
