import type { EventBody, StepFinished } from '../model/event.ts';
import type { Owed, RunContext } from './context.ts';
import type { Job } from './job.ts';
import { environmentOf } from './names.ts';

/** Outcomes in which the step itself did nothing. */
const IDLE: ReadonlySet<string> = new Set(['skipped', 'alreadyDone', 'declined', 'cancelled']);

/** Outcomes in which what the step is for is so now. */
const SUCCESS: ReadonlySet<string> = new Set(['succeeded', 'alreadyDone', 'byHand']);

/** Whether the effect came about, or may have. */
export function mayHaveHappened({ outcome, error }: Pick<StepFinished, 'outcome' | 'error'>): boolean {
  if (outcome === 'byHand') return true;
  return error === undefined ? !IDLE.has(outcome) : error.changed !== 'nothing';
}

/**
 * What a finished step means for debts and undos: it opens its own, settles those it names,
 * and, past the point of no return, voids the undos before it. It all follows from the
 * finished step, so what a crash tore off is made good when the run goes on.
 */
export function consequences(job: Job, finished: StepFinished): EventBody[] {
  const { step, run } = job;
  const bodies: EventBody[] = [];
  const happened = mayHaveHappened(finished);
  if (happened && step.noReturn) bodies.push(...voided(run));
  if (happened && step.undo !== undefined) bodies.push(...opened(job));
  if (SUCCESS.has(finished.outcome)) bodies.push(...settled(job));
  return bodies;
}

/** Puts the step's undo on the list, with the targets as they are now, and says so where the journal does not yet. */
export function opened({ run, frame, step, key }: Job): EventBody[] {
  if (step.undo === undefined) return [];
  if (!run.owed.some((owed) => owed.key === key)) {
    const environment = environmentOf(run, frame);
    run.owed.push({ key, step, frame: { ...frame, environment } });
  }
  if (run.log.state.debts.has(key)) return [];
  return [{ type: 'debt.opened', key, title: step.title, due: step.undo.at }];
}

function voided(run: RunContext): EventBody[] {
  return open(run, 'abort').map(({ key }) => ({ type: 'debt.settled', key, how: 'void' }));
}

/** `settles` names steps of the same playbook. */
function settled({ run, frame, step }: Job): EventBody[] {
  const keys = step.settles.map((id) => `${frame.home}${id}`);
  return [...open(run, 'exit'), ...open(run, 'abort')]
    .filter(({ key }) => keys.includes(key))
    .map(({ key }) => ({ type: 'debt.settled', key, how: 'settled' }));
}

/** What is still owed, in the order in which it was opened. */
function open(run: RunContext, due: 'abort' | 'exit'): readonly Owed[] {
  return run.owed.filter((owed) => owed.step.undo?.at === due && isOpen(run, owed));
}

export function isOpen(run: RunContext, { key }: Owed): boolean {
  const debt = run.log.state.debts.get(key);
  return debt !== undefined && debt.how === undefined;
}
