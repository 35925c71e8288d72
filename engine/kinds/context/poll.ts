import { humanDuration } from '../../base/human.ts';
import type { StepContext } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { during, pause } from './activity.ts';

const SHORTEST_MS = 250;
const LONGEST_MS = 5000;
/** What was begun goes on without being watched: so long a silence does not end the watch. */
const SILENCE_MS = 300_000;

/**
 * Watches something that was begun until a reading is good, as time of class `external`. A tenth
 * of the time that has passed lies between two readings (from a quarter of a second to five
 * seconds), so what is quick is seen quickly and what is slow costs the provider little.
 * A provider that does not answer for a while is waited for; then what became of it is not known.
 */
export async function poll<T>(
  context: StepContext,
  options: {
    readonly reason: string;
    readonly read: () => Promise<T>;
    /** May throw to give up. */
    readonly done: (reading: T) => boolean;
    /** A line for the screen whenever it changes. */
    readonly show?: (reading: T) => string;
  },
): Promise<T> {
  return during(context, { class: 'external', reason: options.reason }, async () => {
    const start = context.clock.monotonic();
    let answered = start;
    let shown: string | undefined;
    for (;;) {
      const reading = await attempt(options.read);
      const now = context.clock.monotonic();
      const line = 'reading' in reading ? options.show?.(reading.reading) : reading.error.message;
      if (line !== undefined && line !== shown) context.log(line);
      shown = line;
      if ('reading' in reading) {
        answered = now;
        if (options.done(reading.reading)) return reading.reading;
      } else if (!reading.error.retryable || now - answered > SILENCE_MS) {
        throw notKnown(reading.error, now - answered);
      }
      await pause(context, Math.min(LONGEST_MS, Math.max(SHORTEST_MS, (now - start) / 10)));
    }
  });
}

async function attempt<T>(read: () => Promise<T>): Promise<{ reading: T } | { error: StepError }> {
  try {
    return { reading: await read() };
  } catch (error) {
    if (error instanceof StepError) return { error };
    throw error;
  }
}

/** `maybe`: the thing was begun, and a later try can take it up again. */
function notKnown(error: StepError, silenceMs: number): StepError {
  const since = silenceMs < 1000 ? '' : `, without an answer for ${humanDuration(silenceMs)}`;
  return new StepError(`what was begun cannot be watched any more${since}: ${error.message}`, {
    code: error.code,
    changed: 'maybe',
    retryable: true,
    details: error.details,
    cause: error,
    ...(error.hint !== undefined && { hint: error.hint }),
  });
}
