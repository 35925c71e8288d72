import type { Branch, Choose } from '../../model/playbook.ts';
import { doAlways } from '../debts/always.ts';
import type { RunContext } from '../life/context.ts';
import { Cancelled, Halt, LeftByOperator } from '../life/control.ts';
import type { Frame } from '../life/frame.ts';
import { LEAVE } from '../life/state.ts';

interface Taken {
  readonly choose: Choose;
  readonly key: string;
  readonly branch: Branch;
  /** No other branch was chosen after it. */
  readonly isLast: () => boolean;
}

/**
 * Walks a branch. Where the operator chose it, the operator can leave it at any time, between
 * questions too: what goes on in it is then broken off as by a pause, and `LeftByOperator` thrown.
 */
export async function walkBranch(run: RunContext, taken: Taken, frame: Frame): Promise<void> {
  const { choose, branch, isLast } = taken;
  if (choose.prompt === undefined || choose.branches.length < 2) return run.walk(branch.steps, frame);
  const halt = new Halt();
  const leftOpen: Frame[] = [];
  const leave = leaving(run, taken, halt);
  if (isLast() && wasLeft(run, taken.key)) halt.stop(new Cancelled(LEFT));
  const inside = run.within(halt, { leftOpen, leave });
  const over = new AbortController();
  const until = AbortSignal.any([over.signal, inside.options.pause]);
  const { operator } = run.options;
  operator
    .wantsOtherBranch?.(choose.title, until)
    .then(() => (until.aborted ? undefined : leave(operator.name, undefined)))
    .catch(() => undefined);
  try {
    await inside.walk(branch.steps, frame);
  } catch (error) {
    const left = halt.reason !== undefined || !isLast();
    if (!(error instanceof Cancelled) || !left || run.interruption() instanceof Cancelled) {
      run.leftOpen.push(...leftOpen);
      throw error;
    }
    for (const called of leftOpen) await doAlways(run, called);
    throw new LeftByOperator();
  } finally {
    over.abort();
  }
}

const LEFT = 'left for another branch';

/** The operator has asked to leave the branch, and has not yet been given another one. */
const wasLeft = (run: RunContext, key: string): boolean =>
  run.log.state.steps.get(key)?.decision !== undefined;

/** Journals the wish before anything is broken off, so that a later life knows of it. */
function leaving(
  run: RunContext,
  { key, choose }: Taken,
  halt: Halt,
): (by: string, reason: string | undefined) => Promise<void> {
  return async (by, reason) => {
    if (halt.reason !== undefined) return;
    const { log } = run;
    const gate = `${key}#${String((log.state.steps.get(key)?.gates ?? 0) + 1)}`;
    halt.stop(new Cancelled(LEFT));
    await log.append(
      { type: 'gate.opened', key, gate, question: { type: LEAVE, title: choose.title, choices: ['switch'] } },
      { type: 'gate.answered', key, gate, answer: 'switch', by, ...(reason !== undefined && { reason }) },
    );
  };
}
