import type { Event, EventBody } from '../model/event.ts';
import type { Playbook } from '../model/playbook.ts';
import { placedSteps } from '../model/walk.ts';
import { applyToState, emptyState } from './life/state.ts';

/** A run that is given up, as its last events and for whoever gave it up. */
export interface Abandonment {
  /** What to write: nothing is undone or paid by it. */
  readonly events: readonly EventBody[];
  /** Titles of steps whose debts are open from now on. */
  readonly debts: readonly string[];
  /** Titles of steps that an abort would have taken back. */
  readonly undos: readonly string[];
  /** Titles of steps that were begun, of which nobody knows what became of them. */
  readonly inDoubt: readonly string[];
  /** Titles of steps whose process in the background may still run. */
  readonly beside: readonly string[];
  /** Events of it were lost: what was begun in them is nowhere in these lists. */
  readonly isPartLost: boolean;
}

/**
 * Ends a run that nobody will resume: what it owes is written down as left open, and is somebody's to see to.
 * `playbook` tells which steps leave a process beside the run; without it, none is named.
 */
export function abandonment(
  history: readonly Event[],
  why: { readonly reason: string; readonly by: string },
  playbook?: Playbook,
): Abandonment {
  const { reason, by } = why;
  const state = history.reduce(applyToState, emptyState());
  const titles = titlesOf(history);
  const title = (key: string): string => titles.get(key) ?? key;
  const open = [...state.debts].filter(([, { how }]) => how === undefined);
  const owedAt = (when: 'abort' | 'exit'): readonly string[] =>
    open.filter(([, { due }]) => due === when).map(([key]) => title(key));
  const begun = [...state.steps].filter(
    ([, { started, attempt, finished }]) =>
      finished === undefined && attempt === 'running' && started !== undefined && mayChange(started.effect),
  );
  return {
    events: [
      ...(state.abort === undefined ? [{ type: 'abort.begun' as const, reason, by, undo: false }] : []),
      ...open.map(([key]) => ({ type: 'debt.settled' as const, key, how: 'declined' as const, by })),
      { type: 'run.finished', outcome: 'aborted', reason },
    ],
    debts: owedAt('exit'),
    undos: owedAt('abort'),
    inDoubt: begun.map(([key]) => title(key)),
    beside: playbook === undefined ? [] : besides(history, playbook).map(title),
    isPartLost: state.lossAt !== undefined,
  };
}

const mayChange = (effect: string): boolean => effect !== 'none' && effect !== 'read';

function titlesOf(history: readonly Event[]): ReadonlyMap<string, string> {
  const titles = new Map<string, string>();
  for (const event of history) {
    if (event.type === 'step.started' || event.type === 'debt.opened') titles.set(event.key, event.title);
  }
  return titles;
}

/** Processes that a resume would have ended first: those that were started, and not seen to end. */
function besides(history: readonly Event[], playbook: Playbook): readonly string[] {
  const mayBeside = new Set(
    [...placedSteps(playbook)].flatMap(({ key, node }) =>
      node.type === 'step' && node.background !== undefined ? [key] : [],
    ),
  );
  const alive = new Set<string>();
  for (const event of history) {
    if (event.type === 'step.started' && mayBeside.has(event.key)) alive.add(event.key);
    if (event.type === 'background.changed' && event.state === 'ended') alive.delete(event.key);
  }
  return [...alive];
}
