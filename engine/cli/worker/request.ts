import { StoreError } from '../../journal/store.ts';
import { WorkerRows } from '../../journal/postgres/worker-rows.ts';
import { systemClock } from '../clock.ts';
import { newRunId, operatorIn } from '../run/identity.ts';
import { databaseAt } from '../run/database-store.ts';
import type { RunRequest } from '../run/request.ts';
import { openSession } from '../run/session.ts';
import type { Session, SessionOptions } from '../run/session.ts';
import { beginRun } from '../run/start.ts';
import { silentScreen } from './silent-screen.ts';
import { Queue } from './queue.ts';

export interface QueuedRun {
  readonly run: string;
  readonly environment: string;
  /** False when it had been asked for already. */
  readonly isNew: boolean;
}

/**
 * Asks for a run: writes its beginning, so that everybody sees it and what it is made of is settled, and puts it into
 * the queue of its environment. Asked again with the same key it is the same run; whatever a crash kept the first one
 * from is then done.
 */
export async function queueRun(
  request: RunRequest,
  how: { readonly address: string; readonly key?: string },
  options: SessionOptions,
): Promise<QueuedRun> {
  const environment = request.environment?.name ?? 'sandbox';
  const queue = await Queue.at(how.address);
  const rows = new WorkerRows(databaseAt(how.address));
  try {
    const made = newRunId(systemClock.now());
    const run = how.key === undefined ? made : await rows.claim(how.key, made);
    await writeBeginning(run, request, options);
    await queue.put(run, environment);
    return { run, environment, isNew: run === made };
  } finally {
    await Promise.all([queue.close(), rows.close()]);
  }
}

async function writeBeginning(run: string, request: RunRequest, options: SessionOptions): Promise<void> {
  const session = await open(run, options);
  if (session === undefined) return;
  try {
    if (session.events.length > 0) return;
    const by = operatorIn(request.environment, options.operator);
    await beginRun(session, request, by);
    await session.open.journal.append({
      ...{ type: 'run.paused', by, reason: 'it was asked for, and waits for a worker', waitsFor: 'worker' },
    });
  } finally {
    await session.close();
  }
}

/** A new one, or one that somebody has begun; undefined while somebody writes on it. */
async function open(run: string, options: SessionOptions): Promise<Session | undefined> {
  const silently = { ...options, screen: silentScreen() };
  try {
    return await openSession(run, 'create', silently);
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'io' || !/already/.test(error.message)) throw error;
  }
  try {
    return await openSession(run, 'open', silently);
  } catch (error) {
    if (error instanceof StoreError && error.code === 'locked') return undefined;
    throw error;
  }
}
