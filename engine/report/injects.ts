import { humanDuration } from '../base/human.ts';
import type { Event, InjectStruck } from '../model/event.ts';
import type { RunRecord } from '../measure/record.ts';
import { saidBy } from '../model/people.ts';
import { gateTitle } from './labels.ts';

/** An inject of the rehearsal, what came of it, and what people decided next. */
export interface InjectTold {
  readonly event: Event<InjectStruck>;
  readonly text: string;
  /** The first answer of people after it; absent when there was none. */
  readonly decided?: string;
}

const WORDS: Readonly<Record<InjectStruck['what'], string>> = {
  message: 'Told',
  fault: 'Broken',
  answer: 'Answered from then on',
};

/** What each inject came to, in the order in which they came. */
export function injectsOf({ injects, gates }: RunRecord): readonly InjectTold[] {
  const last = new Map(injects.map((event) => [event.number, event]));
  const answers = [...gates.values()]
    .flatMap(({ opened, answered }) => (answered === undefined ? [] : [{ opened, answered }]))
    .sort((a, b) => a.answered.seq - b.answered.seq);
  return [...last.values()].map((event) => {
    const { what, state, text } = event;
    const next = answers.find(({ answered }) => answered.seq > event.seq);
    return {
      event,
      text: state === 'done' ? `${WORDS[what]}: ${text}` : `${STATES[state]} (${WORDS[what]}): ${text}`,
      ...(next !== undefined && {
        decided: `${gateTitle(next.opened)}: ${next.answered.answer}, by ${saidBy(next.answered)}, ${humanDuration((next.answered.at - event.at) / 1000)} later`,
      }),
    };
  });
}

const STATES: Readonly<Record<Exclude<InjectStruck['state'], 'done'>, string>> = {
  begun: 'Not known whether it came',
  failed: 'Could not come',
  unknown: 'Not known whether it came',
};
