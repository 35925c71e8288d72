import type { StepContext } from '../../model/stepkind.ts';
import { rowsOf } from './server.ts';
import type { Session } from './session.ts';

const EVERY_MS = 2000;

/**
 * Tells by how much a database has grown since, rows and indexes alike, until it is over. What is asked by the way
 * never fails a restore: when the session is gone, no more is told.
 */
export async function growth(session: Session, context: StepContext, over: AbortSignal): Promise<void> {
  try {
    const before = await sizeOf(session);
    while (!over.aborted) {
      await context.clock.sleep(EVERY_MS, over);
      if (over.aborted) return;
      const now = await sizeOf(session);
      if (!over.aborted) context.progress(Math.max(0, now - before), undefined, 'bytes');
    }
  } catch {
    // The session, or the step, has ended.
  }
}

async function sizeOf(session: Session): Promise<number> {
  const [row] = await rowsOf(session, 'select pg_database_size(current_database()) as bytes');
  return Number(row?.['bytes'] ?? 0);
}
