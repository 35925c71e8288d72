import { decodeValue } from '../../base/value.ts';
import type { EventBody, StepFinished } from '../../model/event.ts';
import type { Owed, Owner, RunContext } from '../life/context.ts';
import type { Job } from '../life/job.ts';
import { NO_OUTPUT } from '../life/frame.ts';
import type { Frame } from '../life/frame.ts';
import { namesOf } from '../life/job.ts';
import { environmentOf } from '../life/names.ts';
import { shownText } from '../life/text.ts';

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
  if (happened && step.undo !== undefined) bodies.push(...opened(job, finished));
  if (SUCCESS.has(finished.outcome)) bodies.push(...settled(job, step.settles));
  return bodies;
}

/** What may come to owe something. */
type Owing = Pick<Job, 'run' | 'frame' | 'key' | 'now'> & { readonly step: Owner };

/** Puts the undo on the list, with the targets as they are now, and says so where the journal does not yet. */
export function opened(job: Owing, finished?: StepFinished): EventBody[] {
  const { run, frame, step, key } = job;
  const { undo } = step;
  if (undo === undefined) return [];
  if (!run.owed.some((owed) => owed.key === key)) {
    const environment = environmentOf(run, frame);
    run.owed.push({ key, step, frame: { ...frame, environment }, ...identityOf(job, finished) });
  }
  if (run.log.state.debts.has(key)) return [];
  const open: EventBody = { type: 'debt.opened', key, title: step.title, due: undo.at };
  return isOwedAlready(run, key) ? [open, { type: 'debt.settled', key, how: 'void' }] : [open];
}

/** The undo's `key`, by which two debts are the same one; undefined where it cannot be evaluated. */
function identityOf(job: Owing, finished: StepFinished | undefined): Pick<Owed, 'identity'> {
  const { key } = job.step.undo ?? {};
  if (key === undefined) return {};
  const output = finished?.output === undefined ? NO_OUTPUT : decodeValue(finished.output);
  try {
    return { identity: shownText(job.run.options.evaluator.render(key, namesOf(job, { output }))) };
  } catch {
    return {};
  }
}

function isOwedAlready(run: RunContext, key: string): boolean {
  const identity = run.owed.find((owed) => owed.key === key)?.identity;
  if (identity === undefined) return false;
  return run.owed.some((owed) => owed.key !== key && owed.identity === identity && isOpen(run, owed));
}

function voided(run: RunContext): EventBody[] {
  return open(run, 'abort').map(({ key }) => ({ type: 'debt.settled', key, how: 'void' }));
}

/** A step that says `settles` has made these debts void by its success. */
export function settled(by: Pick<Job, 'run' | 'frame'>, settles: readonly string[]): EventBody[] {
  return settles
    .flatMap((id) => owedBy(by, id))
    .filter((owed) => isOpen(by.run, owed))
    .map(({ key }) => ({ type: 'debt.settled', key, how: 'settled' }));
}

/**
 * What a step of the same playbook owes, and what a call of it owes at the end. Inside a loop it is about the item
 * with the same key; outside of it, about all items. Of rounds it is about the last one.
 */
export function owedBy({ run, frame }: Pick<Job, 'run' | 'frame'>, id: string): readonly Owed[] {
  const own = run.owed.filter((owed) => owed.step.id === id && owed.frame.home === frame.home);
  const last = Math.max(...own.map(roundOf));
  const found = new Set([
    ...own.filter((owed) => roundOf(owed) === last),
    ...run.owed.filter((owed) => isOwedInCall(owed, `${frame.home}${id}/`)),
  ]);
  return run.owed.filter((owed) => found.has(owed) && isOfItem(owed, frame));
}

/** What is only taken back on an abort stays: nobody outside of the call knows what it is about. */
const isOwedInCall = ({ step, frame }: Owed, call: string): boolean =>
  step.undo?.at === 'exit' && frame.home.startsWith(call);

const itemsOf = ({ turns = [] }: Frame): readonly string[] =>
  turns.flatMap((turn) => ('item' in turn ? [turn.item] : []));

/** The round that is outermost. */
const roundOf = ({ frame }: Owed): number =>
  frame.turns?.flatMap((turn) => ('round' in turn ? [turn.round] : []))[0] ?? 0;

function isOfItem(owed: Owed, frame: Frame): boolean {
  const own = itemsOf(frame);
  return itemsOf(owed.frame).every((item, depth) => own[depth] === undefined || own[depth] === item);
}

/** What is still owed, in the order in which it was opened. */
function open(run: RunContext, due: 'abort' | 'exit'): readonly Owed[] {
  return run.owed.filter((owed) => owed.step.undo?.at === due && isOpen(run, owed));
}

export function isOpen(run: RunContext, { key }: Owed): boolean {
  const debt = run.log.state.debts.get(key);
  return debt !== undefined && debt.how === undefined;
}
