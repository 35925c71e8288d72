import type { Event } from './event.ts';

/** Whether a drill goes on of which nobody is to know what it breaks. */
export const isBlind = ([started, ...others]: readonly Event[]): boolean =>
  started?.type === 'run.started' && started.blind === true && others.at(-1)?.type !== 'run.finished';

/** The events of a run as they may be told: of a blind drill that goes on, without what it breaks and how. */
export const tellable = (events: readonly Event[]): readonly Event[] =>
  isBlind(events) ? events.flatMap((event) => blinded(event) ?? []) : events;

/** An event of a blind drill without what would tell which rehearsal it is; undefined where all of it would. */
export function blinded(event: Event): Event | undefined {
  if ('key' in event && event.key.startsWith(BREAKING)) return undefined;
  switch (event.type) {
    case 'run.started':
      return { ...event, rehearsal: 'blind' };
    case 'fault.injected':
      return { ...event, fault: 'blind', description: 'What it is, the report says in the end', output: {} };
    case 'check.proved':
      return undefined;
    case 'inject.struck':
      return event.what === 'fault' ? undefined : event;
    default:
      return event;
  }
}

/** What the keys of steps begin with that break something: no id of a step has such a sign in it. */
export const BREAKING = '!fault';
