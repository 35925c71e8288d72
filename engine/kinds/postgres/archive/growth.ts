import type { StepContext } from '../../../model/kind.ts';
import { pause } from '../../context/activity.ts';
import { rowsOf } from '../client/server.ts';
import type { Session } from '../client/session.ts';

const EVERY_MS = 2000;

/**
 * Tells by how much a database has grown since, rows and indexes alike, until it is over. What is asked by the way
 * never fails a restore: when the session is gone, no more is told.
 */
export async function tellGrowth(session: Session, context: StepContext, over: AbortSignal): Promise<void> {
  try {
    const before = await sizeOf(session);
    for (;;) {
      await pause({ clock: context.clock, signal: over }, EVERY_MS);
      const now = await sizeOf(session);
      over.throwIfAborted();
      context.progress(Math.max(0, now - before), undefined, 'bytes');
    }
  } catch {
    // It is over, or the session has ended.
  }
}

async function sizeOf(session: Session): Promise<number> {
  const [row] = await rowsOf(session, 'select pg_database_size(current_database()) as bytes');
  return Number(row?.['bytes'] ?? 0);
}
