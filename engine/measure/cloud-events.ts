import { rfc3339 } from '../base/human.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { EVENT_TYPE_PREFIX, sourceOfEvents } from '../model/cloud-event.ts';
import type { CloudEvent } from '../model/cloud-event.ts';
import type { Event, EventBody, EventType } from '../model/event.ts';
import { summarize } from './summary.ts';

/**
 * Which events of a run are told to others, and which of their members. Not the rest: arguments, outputs and answers may
 * be long, and are the business of whoever may read the store.
 */
const TOLD: { readonly [T in EventType]?: readonly (keyof Extract<EventBody, { readonly type: T }>)[] } = {
  'run.started': [
    ...(['mode', 'playbook', 'title', 'environment', 'rehearsal', 'world', 'reason', 'operator'] as const),
    ...(['host', 'unattended', 'engine', 'objectives'] as const),
  ],
  'run.paused': ['by', 'reason'],
  'run.resumed': ['operator', 'host', 'unattended', 'engine'],
  'run.finished': ['outcome', 'reason'],
  'abort.begun': ['by', 'reason', 'undo'],
  'fault.injected': ['fault', 'description'],
  'mark.set': ['mark', 'time', 'source', 'key'],
  'gate.opened': ['key', 'gate'],
  'gate.answered': ['key', 'gate', 'answer', 'reason', 'by', 'role'],
  'step.started': ['key', 'title', 'kind', 'effect', 'expectMs'],
  'step.overdue': ['key', 'expectMs', 'contact', 'level'],
  'step.finished': ['key', 'title', 'outcome', 'conclusion', 'verification', 'reason', 'by'],
  escalated: ['key', 'level', 'who', 'by'],
  'debt.opened': ['key', 'title', 'due'],
  'debt.settled': ['key', 'how', 'by'],
};

/** The event of a run for others; undefined where nobody is told. `events`: those of the run up to this one. */
export function cloudEventOf(event: Event, events: readonly Event[]): CloudEvent | undefined {
  const [started] = events;
  const members: readonly string[] | undefined = TOLD[event.type];
  if (members === undefined || started?.type !== 'run.started') return undefined;
  const all = Object.entries(event).filter(([name]) => members.includes(name)) as [string, Json][];
  return {
    specversion: '1.0',
    id: `${started.run}/${String(event.seq)}`,
    source: sourceOfEvents(started.environment.name),
    type: `${EVENT_TYPE_PREFIX}${event.type}`,
    subject: started.run,
    time: rfc3339(event.at),
    datacontenttype: 'application/json',
    drillbookmode: started.mode,
    data: {
      ...Object.fromEntries(all.map(([name, value]) => [name, name === 'time' ? momentOf(value) : value])),
      ...(event.type === 'run.finished' && verdictsOf(events)),
    },
  };
}

const momentOf = (micros: Json): Json => (typeof micros === 'number' ? rfc3339(micros) : micros);

/** Whether it met what it promised. */
function verdictsOf(events: readonly Event[]): JsonObject {
  const { exitCode, rto, rpo } = summarize(events);
  return {
    exitCode,
    ...(rto !== undefined && { rto: rto.verdict }),
    ...(rto?.actualMs !== undefined && { rtaMs: rto.actualMs }),
    ...(rpo !== undefined && { rpo: rpo.verdict }),
    ...(rpo?.actualMs !== undefined && { rpaMs: rpo.actualMs }),
  };
}

/** An entry of the ledger of alerts for others. `number`: which entry it is, from 1. */
export function alertEvent(
  entry: { readonly type: string; readonly at: number; readonly body: JsonObject },
  number: number,
): CloudEvent {
  const { alert, text, severity } = entry.body;
  const [environment = '', id = ''] = typeof alert === 'string' ? alert.split('/') : [];
  return {
    specversion: '1.0',
    id: `alerts/${String(number)}`,
    source: sourceOfEvents(environment),
    type: `${EVENT_TYPE_PREFIX}${entry.type}`,
    subject: id,
    time: rfc3339(entry.at),
    datacontenttype: 'application/json',
    data: {
      alert: id,
      environment,
      ...(text !== undefined && { text }),
      ...(severity !== undefined && { severity }),
    },
  };
}
