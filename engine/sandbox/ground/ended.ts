import { open } from 'node:fs/promises';
import type { Event } from '../../model/event.ts';

const ENDED: Event['type'] = 'run.finished';
/** A last line that is longer is not read: then the next command finds the world. */
const TAIL_BYTES = 64 * 1024;

/** Whether the journal of a run says, in its last line, that the run has ended. One that cannot be read says nothing. */
export async function hasEnded(journal: string): Promise<boolean> {
  try {
    const file = await open(journal, 'r');
    try {
      const { size } = await file.stat();
      const from = Math.max(0, size - TAIL_BYTES);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
      const lines = buffer.toString('utf8', 0, bytesRead).split('\n');
      // Behind the last line end there is nothing, or half a line.
      return (JSON.parse(lines.at(-2) ?? '') as { readonly type?: unknown }).type === ENDED;
    } finally {
      await file.close();
    }
  } catch {
    return false;
  }
}
