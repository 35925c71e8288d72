import type { Event, MarkSet } from '../model/event.ts';
import type { Elapsed } from './elapsed.ts';
import { AT_START } from './elapsed.ts';
import type { RunRecord } from './record.ts';
import { recordRun } from './record.ts';

/** Where a mark stands at the end of the events. */
export interface Mark {
  readonly mark: string;
  /** Microseconds since the epoch; absent when it was taken back. */
  readonly time?: number;
  /** Where that lies on the run's own axis of time, for lengths; absent when it was taken back. */
  readonly elapsed?: Elapsed;
  readonly source: MarkSet['source'];
  /** The step that set it, where a step did. */
  readonly key?: string;
  /** It was set before, to something else. */
  readonly changed: boolean;
}

/** Every mark by name, in the order of their first setting. The last event decides: it may correct or take back. */
export const marks = (events: readonly Event[]): ReadonlyMap<string, Mark> => marksOf(recordRun(events));

export function marksOf(record: RunRecord): ReadonlyMap<string, Mark> {
  const all = new Map<string, Mark>();
  const { started } = record;
  // Declared is when the run began, unless somebody says otherwise.
  if (started !== undefined)
    all.set('declared', {
      mark: 'declared',
      time: started.at,
      elapsed: AT_START,
      source: 'run',
      changed: false,
    });
  for (const { mark, time, elapsed, source, key } of record.marks) {
    const before = all.get(mark);
    all.set(mark, {
      mark,
      ...(time !== null && { time }),
      ...(elapsed !== undefined && { elapsed }),
      source,
      ...(key !== undefined && { key }),
      changed: before !== undefined && (before.changed || before.time !== (time ?? undefined)),
    });
  }
  return all;
}
