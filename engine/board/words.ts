import { brief } from '../base/human.ts';
import { oneLine } from '../base/text.ts';
import type { Event } from '../model/event.ts';
import { outcomeText, gateTitle } from '../report/labels.ts';

export type Tone = 'good' | 'bad' | 'warn';

/** A line of what has just happened. `detail` may hold what targets and people said: not for those who only watch. */
export interface Line {
  readonly text: string;
  readonly detail?: string;
  readonly tone?: Tone;
}

/** What an event is, in a line; undefined for what nobody in the room has to hear. `titleOf`: of a step, by its key. */
export function lineOf(event: Event, titleOf: (key: string) => string): Line | undefined {
  switch (event.type) {
    case 'run.started':
      return { text: `Started by ${event.operator}` };
    case 'run.paused':
      return { text: `Paused by ${event.by}`, detail: event.reason, tone: 'warn' };
    case 'run.resumed':
      return { text: `${event.operator} goes on with it`, detail: `on ${event.host}` };
    case 'run.finished':
      return {
        text: `Ended: ${outcomeText({ mode: 'recover', outcome: event.outcome })}`,
        ...detail(event.reason),
        tone: event.outcome === 'succeeded' ? 'good' : 'bad',
      };
    case 'abort.begun':
      return { text: `Aborted by ${event.by}`, detail: event.reason, tone: 'bad' };
    case 'fault.injected':
      return { text: 'The disaster is there', detail: event.description, tone: 'warn' };
    case 'scope.entered':
      return event.kind === 'phase' ? { text: `Phase: ${event.title}` } : undefined;
    case 'mark.set':
      return {
        text: event.time === null ? `${event.mark}: taken back` : `Reached: ${event.mark}`,
        tone: 'good',
      };
    case 'note.added':
      return { text: `Note by ${event.by}`, detail: event.text };
    case 'clock.jumped':
      return { text: 'The wall clock jumped', tone: 'warn' };
    case 'journal.repaired':
      return { text: 'The end of the journal was damaged, and was cut off', tone: 'warn' };
    default:
      return stepLine(event, titleOf) ?? gateLine(event, titleOf);
  }
}

function stepLine(event: Event, titleOf: (key: string) => string): Line | undefined {
  switch (event.type) {
    case 'step.attemptFailed':
      return { text: `${titleOf(event.key)}: failed once more`, detail: event.error.message, tone: 'warn' };
    case 'step.overdue':
      return { text: `${titleOf(event.key)}: takes longer than ${brief(event.expectMs)}`, tone: 'warn' };
    case 'step.inDoubt':
      return { text: `${titleOf(event.key)}: in doubt`, ...detail(event.reason), tone: 'warn' };
    case 'step.finished': {
      const { conclusion, outcome } = event;
      const tone = conclusion === 'failed' ? 'bad' : conclusion === 'tolerated' ? 'warn' : undefined;
      const said = outcome === 'succeeded' ? 'done' : wordOf(outcome);
      return {
        text: `${event.title}: ${said}`,
        ...detail([event.error?.message, event.reason].filter((each) => each !== undefined).join('; ')),
        ...(tone !== undefined && { tone }),
      };
    }
    case 'escalated':
      return { text: `Somebody was called by ${event.by}`, detail: event.who, tone: 'warn' };
    default:
      return undefined;
  }
}

function gateLine(event: Event, titleOf: (key: string) => string): Line | undefined {
  switch (event.type) {
    case 'gate.opened':
      return { text: `Asked: ${gateTitle(event)}` };
    case 'gate.answered':
      return { text: `${event.by} answered: ${wordOf(event.answer)}`, ...detail(event.reason) };
    case 'message.refused':
      return {
        text: `An answer${event.by === undefined ? '' : ` of ${event.by}`} does not count`,
        detail: event.reason,
        tone: 'warn',
      };
    case 'debt.settled':
      return { text: `${titleOf(event.key)}: settled` };
    default:
      return undefined;
  }
}

/** `byHand`: by hand. */
export const wordOf = (name: string): string =>
  oneLine(name).replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

const detail = (text: string | undefined): { readonly detail?: string } =>
  text === undefined || text === '' ? {} : { detail: oneLine(text) };
