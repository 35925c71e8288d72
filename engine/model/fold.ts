import type { Event, EventBody, EventType } from './event.ts';

/** One handler per event type: a new type does not compile until every fold says what it makes of it. */
export type Fold<S> = {
  readonly [T in EventType]: (state: S, event: Event<Extract<EventBody, { type: T }>>) => S;
};

/** Runs events through a fold. */
export function applyEvent<S>(fold: Fold<S>, state: S, event: Event): S {
  const handle = fold[event.type] as (state: S, event: Event) => S;
  return handle(state, event);
}
