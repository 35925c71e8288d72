import type { Event } from '../../model/event.ts';
import { questionIn } from '../../model/answering.ts';
import type { Question } from '../../model/ports.ts';

/** What a run asks now. */
export interface OpenQuestion {
  readonly gate: string;
  readonly question: Question;
  /** Of the resolved step that an approval is bound to. */
  readonly digest?: string;
}

/**
 * What a run asks after an event, as whoever follows it sees it. A gate that nobody answered is not open for that:
 * its step may have ended, and whatever was asked is asked anew when a run goes on.
 */
export function questionAfter(before: OpenQuestion | undefined, event: Event): OpenQuestion | undefined {
  switch (event.type) {
    case 'gate.opened': {
      const question = questionIn(event.question);
      const { gate, digest } = event;
      return question && { gate, question, ...(digest !== undefined && { digest }) };
    }
    case 'gate.answered':
      return before?.gate === event.gate ? undefined : before;
    case 'step.finished':
      return before?.question.key === event.key ? undefined : before;
    case 'run.paused':
    case 'run.resumed':
    case 'run.finished':
      return undefined;
    default:
      return before;
  }
}

/** The same of all that was written so far. */
export const openQuestion = (events: readonly Event[]): OpenQuestion | undefined =>
  events.reduce<OpenQuestion | undefined>(questionAfter, undefined);
