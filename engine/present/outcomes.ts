import type { RunFinished, StepFinished } from '../model/event.ts';
import type { Entry, EntryMark } from './screen-state.ts';

const WORDS: Readonly<Record<string, string>> = {
  skipped: 'skipped',
  alreadyDone: 'already done',
  byHand: 'done by hand',
  declined: 'declined',
  accepted: 'accepted as it is',
  timedOut: 'timed out',
  cancelled: 'cancelled',
  failed: 'failed',
  talkedThrough: 'talked through',
  otherwise: 'would be done otherwise',
};

/** One line of a step that ended: what became of it in words, with the reason or the error. */
export function finishedEntry(event: StepFinished, tookMs: number | undefined): Entry {
  const because = event.reason ?? event.error?.message;
  const word = event.outcome === 'succeeded' ? undefined : (WORDS[event.outcome] ?? event.outcome);
  const tolerated = event.conclusion === 'tolerated' ? ', tolerated' : '';
  const detail = [word === undefined ? undefined : word + tolerated, because]
    .filter((part) => part !== undefined)
    .join(': ');
  return {
    mark: markOf(event),
    text: event.title,
    ...(detail !== '' && { detail }),
    ...(tookMs !== undefined && { tookMs }),
  };
}

function markOf(event: StepFinished): EntryMark {
  if (event.conclusion === 'failed') return 'bad';
  const undone = ['skipped', 'declined', 'cancelled', 'alreadyDone'].includes(event.outcome);
  return undone || event.conclusion === 'tolerated' ? 'skip' : 'ok';
}

const OUTCOMES = {
  succeeded: { mark: 'ok', text: 'Done' },
  failedVerification: { mark: 'bad', text: 'Ran to the end, but a check of the result is red' },
  failed: { mark: 'bad', text: 'Failed' },
  aborted: { mark: 'bad', text: 'Aborted' },
} as const;

/** How a run ended. */
export function outcomeOf(event: RunFinished): { readonly mark: EntryMark; readonly text: string } {
  const { mark, text } = OUTCOMES[event.outcome];
  return { mark, text: event.reason === undefined ? text : `${text}: ${event.reason}` };
}
