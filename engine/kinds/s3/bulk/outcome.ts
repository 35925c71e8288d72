import { count } from '../../../base/human.ts';
import type { StepContext } from '../../../model/kind.ts';
import { StepError } from '../../../model/kind.ts';
import type { Swept } from './sweep.ts';

const EXAMPLES = 3;
const LONGEST_KEY = 80;

/** Throws when objects failed: how many, which first, and why. `what`: `restored`. */
export function throwFailures({ failures, tally }: Swept, done: readonly string[], what: string): void {
  const [first] = failures.first;
  if (first === undefined) return;
  const changed = done.some((name) => (tally[name] ?? 0) > 0);
  const keys = failures.first.slice(0, EXAMPLES).map(({ key }) => shortKey(key));
  const more = failures.count > keys.length ? ` and ${failures.count - keys.length} more` : '';
  throw new StepError(
    `${count(failures.count, 'object')} could not be ${what}: ${keys.join(', ')}${more}. The first: ${first.error.message}`,
    {
      code: first.error.code,
      hint: `${first.error.hint === undefined ? '' : `${first.error.hint} `}The others are done and stay so; a retry does what is left.`,
      changed: changed ? 'something' : 'nothing',
      retryable: failures.first.some(({ error }) => error.retryable),
      details: { failed: failures.count, keys: failures.first.map(({ key }) => key), ...tally },
      cause: first.error,
    },
  );
}

/** A key for a sentence: one of a thousand letters would hide what is said of it. */
export const shortKey = (key: string): string =>
  JSON.stringify(key.length <= LONGEST_KEY ? key : `${key.slice(0, LONGEST_KEY - 1)}…`).replaceAll(
    /^"|"$/g,
    '',
  );

/** An error in the middle of something that had changed things says so. */
export async function afterwards<T>(work: Promise<T>, changed: () => boolean): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof StepError) || error.changed !== 'nothing' || !changed()) throw error;
    throw new StepError(error.message, {
      code: error.code,
      ...(error.hint !== undefined && { hint: error.hint }),
      changed: 'something',
      retryable: error.retryable,
      details: error.details,
      cause: error,
    });
  }
}

/** Tells the screen how far it is, not more often than it can show. */
export function reporter(
  context: Pick<StepContext, 'progress'>,
  unit: string,
): (done: number, total?: number) => void {
  let shownAt = -Infinity;
  return (done, total) => {
    const now = performance.now();
    if (now - shownAt < 200 && done !== total) return;
    shownAt = now;
    context.progress(done, total, unit);
  };
}
