import type { StepContext } from '../../model/kind.ts';

type Why = Parameters<StepContext['waiting']>[0];

/** What each step waits for now, innermost last: a slow-down may come in the middle of a poll. */
const waits = new WeakMap<StepContext, Why[]>();

/** Does `work` as a wait of that class; afterwards the step is back at what it did before. */
export async function during<T>(context: StepContext, why: Why, work: () => Promise<T>): Promise<T> {
  const stack = waits.get(context) ?? [];
  waits.set(context, stack);
  stack.push(why);
  context.waiting(why);
  try {
    return await work();
  } finally {
    stack.pop();
    const outer = stack.at(-1);
    if (outer === undefined) context.working();
    else context.waiting(outer);
  }
}

/** Sleeps, and throws the signal's reason when it was aborted meanwhile. */
export async function pause(context: Pick<StepContext, 'clock' | 'signal'>, millis: number): Promise<void> {
  await context.clock.sleep(millis, context.signal);
  context.signal.throwIfAborted();
}
