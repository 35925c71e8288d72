import type { Event, GateOpened } from './event.ts';

/**
 * The gate that a run waits at after an event, as whoever follows it sees it. One that nobody answered is not open for
 * that: its step may have ended, and whatever was asked before a pause is asked anew when the run goes on.
 */
export function gateAfter(
  before: Event<GateOpened> | undefined,
  event: Event,
): Event<GateOpened> | undefined {
  switch (event.type) {
    case 'gate.opened':
      return event;
    case 'gate.answered':
      return before?.gate === event.gate ? undefined : before;
    case 'step.finished':
      return before?.key === event.key ? undefined : before;
    case 'run.paused':
    case 'run.resumed':
    case 'run.finished':
      return undefined;
    default:
      return before;
  }
}

/** The same of all that was written so far. */
export const openGate = (events: readonly Event[]): Event<GateOpened> | undefined =>
  events.reduce<Event<GateOpened> | undefined>(gateAfter, undefined);
