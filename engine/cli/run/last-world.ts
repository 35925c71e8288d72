import type { Json } from '../../base/json.ts';
import type { Event, SourceText } from '../../model/event.ts';

/** The newest world of a run. */
export function lastWorld(
  events: readonly Event[],
): { readonly address: Json; readonly environment: SourceText } | undefined {
  return events.findLast((event) => event.type === 'world.started');
}
