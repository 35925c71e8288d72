import type { EnvironmentKind } from '../model/environment.ts';
import type { Effect } from '../model/playbook.ts';
import type { AnswerName, Question } from '../model/ports.ts';
import { needsReason } from '../model/ports.ts';
import type { MenuChoice } from './prompt/menu.ts';

const CHOICES: Readonly<Record<AnswerName, { readonly key: string; readonly label: string }>> = {
  go: { key: 'g', label: 'Go ahead' },
  done: { key: 'd', label: 'Done' },
  retry: { key: 'r', label: 'Retry' },
  retryWith: { key: 'w', label: 'Retry with other values' },
  value: { key: 'v', label: 'Answer' },
  branch: { key: 'b', label: 'Choose' },
  happened: { key: 'y', label: 'Yes, it happened' },
  notHappened: { key: 'n', label: 'No, it did not: run it' },
  pay: { key: 'y', label: 'Yes, do it now' },
  leave: { key: 'l', label: 'Leave it open' },
  would: { key: 'w', label: 'We would do that' },
  otherwise: { key: 'o', label: 'We would do something else, and say what' },
  switch: { key: 'x', label: 'Go on with another branch' },
  decline: { key: 'n', label: 'No, and say why' },
  byHand: { key: 'h', label: 'Done by hand' },
  accept: { key: 'o', label: 'Accept it as it is' },
  skip: { key: 's', label: 'Skip it' },
  giveUp: { key: 'i', label: 'Give up this item' },
  escalate: { key: 'e', label: 'They were called: note it' },
  undo: { key: 'u', label: 'Undo it' },
  correct: { key: 'c', label: 'Correct an answer' },
  back: { key: 'b', label: 'Back, and change nothing' },
  approve: { key: 'y', label: 'Approve it' },
  note: { key: 't', label: 'Take a note' },
  pause: { key: 'p', label: 'Pause the run' },
  abort: { key: 'a', label: 'Abort the run' },
};

export const menuChoice = (answer: AnswerName): MenuChoice => ({ value: answer, ...CHOICES[answer] });

export { needsReason };

/**
 * What Enter alone gives: the first choice, but only where a slip of the finger harms nothing.
 * Never before something destructive, nor where the world's state is unknown, and outside of the
 * sandbox only before what changes nothing.
 */
export function preselected(question: Question, environment: EnvironmentKind): AnswerName | undefined {
  const [first] = question.choices;
  const sandboxed = environment === 'sandbox';
  switch (question.type) {
    case 'gate':
      return isReading(question.effect) || (sandboxed && question.effect === 'write') ? first : undefined;
    case 'failure':
      return sandboxed && question.error.changed === 'nothing' ? first : undefined;
    case 'doubt':
    case 'debt':
      return undefined;
    case 'manual':
    case 'branch':
      return sandboxed ? first : undefined;
    case 'input':
    // Whatever is said at a tabletop changes nothing.
    case 'tabletop':
      return first;
  }
}

const isReading = (effect: Effect): boolean => effect === 'none' || effect === 'read';
